//! What asking for a login email and for a code have in common.

use async_graphql::{Context, ID};

use crate::accounts::graphql::portal_named;
use crate::accounts::model::section::PortalSection;
use crate::api::context::Request;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Audience;
use crate::base::address;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::challenge::model as challenge;
use crate::sign_in::challenge::model::{Asked, AskingDevice};

pub(crate) struct LoginRequest {
    pub portal: String,
    pub email: EmailAddress,
    pub audience: Option<Audience>,
    pub section: PortalSection,
    pub by_code: bool,
    /// What an earlier answer held, as the caller gives it back.
    pub challenge_id: Option<ID>,
    pub device_secret: Option<String>,
}

impl LoginRequest {
    /// The answer, and the seconds after which another mail can be sent.
    pub async fn ask(self, ctx: &Context<'_>) -> Result<(Asked, i32)> {
        let services = ctx.services();
        let email = address::EmailAddress::parse(&self.email.0)
            .map_err(|fault| Error::bad_input("input.email", format!("This can't be used: {fault}.")))?;
        let mut conn = services.db.conn().await?;
        let account = portal_named(services, &mut conn, &self.portal).await?;
        let account = account.ok_or_else(|| Error::not_found("input.portal", "portal"))?;
        drop(conn);
        let secret = self.device_secret.as_deref().map(str::trim);
        let secret = secret.map(|secret| PlainSecret::parse(SecretKind::Device, secret));
        let request = challenge::Request {
            account: &account,
            audience: self.audience.unwrap_or(Audience::Portal),
            email: &email,
            section: self.section,
            by_code: self.by_code,
            device: self.device(secret.as_ref()),
            client: ctx.client(),
        };
        let asked = services.sign_in.ask(&request).await?;
        let resend_after = asked.resend_after(services.clock.now());
        Ok((asked, i32::try_from(resend_after).unwrap_or(i32::MAX)))
    }

    /// Whatever is wrong or missing makes it another device.
    fn device<'a>(&self, secret: Option<&'a Option<PlainSecret>>) -> AskingDevice<'a> {
        let id = self.challenge_id.as_ref().and_then(|id| id.trim().parse().ok());
        match (id, secret) {
            (Some(id), Some(Some(secret))) => AskingDevice::Challenge {
                id,
                secret: Some(secret),
            },
            (Some(id), None) if self.by_code => AskingDevice::Challenge { id, secret: None },
            _ => AskingDevice::New,
        }
    }
}
