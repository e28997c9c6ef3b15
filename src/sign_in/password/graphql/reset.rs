//! Resetting a password by email over the API.

use async_graphql::{Context, InputObject, SimpleObject};
use diesel_async::AsyncConnection;

use super::{PasswordPayload, new_password, parse_email, payload, require_portal};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Audience;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::sign_in::attempt;
use crate::sign_in::password::model::reset::{PasswordReset, ResetRequest};
use crate::sign_in::password::reset;
use crate::sign_in::refusal::{Reason, Refusal};

/// Whose password is to be reset.
#[derive(InputObject)]
pub(crate) struct RequestPasswordResetInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the email goes to.
    email: EmailAddress,
    /// Whether the password is of a contact (`PORTAL`) or a team member (`DASHBOARD`). Default: `PORTAL`.
    audience: Option<Audience>,
}

/// A reset's link, and the new password.
#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    /// The last part of the emailed link: `reset_…`.
    token: String,
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// The outcome of a reset request: the same for every address.
#[derive(SimpleObject)]
pub(crate) struct RequestPasswordResetPayload {
    /// Always true: it doesn't say whether an email was sent.
    accepted: bool,
}

pub(crate) async fn request_reset(
    ctx: &Context<'_>,
    input: RequestPasswordResetInput,
) -> Result<RequestPasswordResetPayload> {
    let email = parse_email(&input.email)?;
    let account = require_portal(ctx, &input.portal).await?;
    let request = ResetRequest {
        account: &account,
        audience: input.audience.unwrap_or(Audience::Portal),
        email: &email,
        client: ctx.client(),
    };
    let services = ctx.services();
    let (key, moment) = (&services.sign_in.keys.reset, services.clock.moment());
    let mut conn = services.db.conn().await?;
    attempt::count_email_request(&mut conn, account.id, ctx.client(), &moment).await?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        PasswordReset::request(conn, &request, key, &moment).await
    })
    .await?;
    let topics = [Topic::Activity, Topic::Messages];
    services.live.nudge(account.id, &topics);
    Ok(RequestPasswordResetPayload { accepted: true })
}

pub(crate) async fn reset_password(ctx: &Context<'_>, input: ResetPasswordInput) -> Result<PasswordPayload> {
    let Some(secret) = PlainSecret::parse(SecretKind::Reset, input.token.trim()) else {
        return Ok(Some(Refusal::from(Reason::LinkInvalid)).into());
    };
    let services = ctx.services();
    let (moment, new) = (services.clock.moment(), new_password(&input.new_password));
    let verified = match reset::verify(&services.sign_in, &secret, new, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            reset::complete(conn, &verified, ctx.client(), &moment).await
        })
        .await?;
    Ok(payload(ctx, secret.account, outcome))
}
