//! Requesting a login email or a code, as both mutations do it.

use async_graphql::{Context, ID};
use diesel_async::AsyncConnection;

use crate::accounts::graphql::find_portal;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Audience;
use crate::base::address;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::attempt;
use crate::sign_in::challenge::model::{Challenge, LoginRequest, RequestedChallenge, RequestingDevice};

pub(crate) struct LoginRequestInput {
    pub portal: String,
    pub email: EmailAddress,
    pub audience: Option<Audience>,
    pub section: PortalSection,
    pub by_code: bool,
    /// From an earlier response, as the caller sends it back.
    pub challenge_id: Option<ID>,
    pub device_secret: Option<String>,
}

impl LoginRequestInput {
    /// Returns the challenge, and the seconds after which another email can be sent.
    pub(crate) async fn submit(self, ctx: &Context<'_>) -> Result<(RequestedChallenge, i32)> {
        let services = ctx.services();
        let email = address::EmailAddress::parse(&self.email.0)
            .map_err(|fault| Error::bad_input("input.email", format!("Invalid value: {fault}.")))?;
        let mut conn = services.db.conn().await?;
        let account = find_portal(services, &mut conn, &self.portal).await?;
        let account = account.ok_or_else(|| Error::not_found("input.portal", "portal"))?;
        let secret = self.device_secret.as_deref().map(str::trim);
        let secret = secret.map(|secret| PlainSecret::parse(SecretKind::Device, secret));
        let request = LoginRequest {
            account: &account,
            audience: self.audience.unwrap_or(Audience::Portal),
            email: &email,
            section: self.section,
            by_code: self.by_code,
            device: self.device(secret.as_ref()),
            client: ctx.client(),
            daily_messages: services.settings.daily_messages,
        };
        let moment = services.clock.moment();
        attempt::count_email_request(&mut conn, account.id, ctx.client(), &moment).await?;
        let requested = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, &moment).await?;
                Challenge::request(conn, &request, &moment).await
            })
            .await?;
        drop(conn);
        services.live.nudge_login_request(account.id, &requested);
        let resend_after = requested.resend_after(services.clock.now());
        Ok((requested, i32::try_from(resend_after).unwrap_or(i32::MAX)))
    }

    /// A new device, unless id and secret are well-formed.
    fn device<'a>(&self, secret: Option<&'a Option<PlainSecret>>) -> RequestingDevice<'a> {
        let id = self.challenge_id.as_ref().and_then(|id| id.trim().parse().ok());
        match (id, secret) {
            (Some(id), Some(Some(secret))) => RequestingDevice::Challenge {
                id,
                secret: Some(secret),
            },
            (Some(id), None) if self.by_code => RequestingDevice::Challenge { id, secret: None },
            _ => RequestingDevice::New,
        }
    }
}
