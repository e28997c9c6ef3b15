//! Passwords over the API: signing in with one, setting and changing it; [`reset`] resets it.

mod reset;

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::graphql::find_portal;
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Audience;
use crate::base::address;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::sign_in::graphql::{SignInPayload, SignInRefusal};
use crate::sign_in::open_session::SessionTransport;
use crate::sign_in::password::change::{self, ChangeRequest, PasswordField};
use crate::sign_in::password::graphql::reset::{
    RequestPasswordResetInput, RequestPasswordResetPayload, ResetPasswordInput, request_reset, reset_password,
};
use crate::sign_in::password::{self, PasswordAttempt};
use crate::sign_in::refusal::Refusal;

/// These fields sign in or prove who the caller is, so they ignore the credential of the request.
pub(crate) const IGNORE_CREDENTIAL: &[&str] =
    &["signInWithPassword", "requestPasswordReset", "resetPassword"];

#[derive(Default)]
pub(crate) struct PasswordMutations;

/// Who signs in, and the password.
#[derive(InputObject)]
pub(crate) struct SignInWithPasswordInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address of the contact or team member.
    email: EmailAddress,
    /// The password, exactly as it was typed.
    password: String,
    /// Whether a contact (`PORTAL`) or a team member (`DASHBOARD`) signs in. Default: `PORTAL`.
    audience: Option<Audience>,
}

/// A first password.
#[derive(InputObject)]
pub(crate) struct SetPasswordInput {
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// A new password.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// The current password.
    current_password: String,
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// The outcome of setting, changing or resetting a password.
#[derive(SimpleObject)]
pub(crate) struct PasswordPayload {
    /// Why it was refused; null if it was done.
    refusal: Option<SignInRefusal>,
}

impl From<Option<Refusal>> for PasswordPayload {
    fn from(refusal: Option<Refusal>) -> Self {
        Self {
            refusal: refusal.map(Into::into),
        }
    }
}

#[Object]
impl PasswordMutations {
    /// Signs in with a password. After ten failed attempts in a row the waits grow from 30 seconds to an hour; after a
    /// hundred the password is disabled until it is reset by email. No credential needed.
    async fn sign_in_with_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and the password.")] input: SignInWithPasswordInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(sign_in(ctx, input)).await
    }

    /// Sets a password if none is set. This requires a proof at most ten minutes old that staff has not seen; `stepUp`
    /// gives one. For a signed-in contact or team member.
    async fn set_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password.")] input: SetPasswordInput,
    ) -> Option<GraphqlResult<PasswordPayload>> {
        mutate(set(ctx, input)).await
    }

    /// Changes the password and ends all other sessions. For a signed-in contact or team member.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password as it is, and the new one.")] input: ChangePasswordInput,
    ) -> Option<GraphqlResult<PasswordPayload>> {
        mutate(change(ctx, input)).await
    }

    /// Emails a link to choose a new password, which works once within 30 minutes, if the address is known. At most one
    /// email a minute and five an hour go to one address; the response is always the same. No credential needed.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The portal and the address.")] input: RequestPasswordResetInput,
    ) -> Option<GraphqlResult<RequestPasswordResetPayload>> {
        mutate(request_reset(ctx, input)).await
    }

    /// Sets a password with an emailed link and ends all sessions. It does not sign in. For any caller with the link's
    /// token.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token, and the password.")] input: ResetPasswordInput,
    ) -> Option<GraphqlResult<PasswordPayload>> {
        mutate(reset_password(ctx, input)).await
    }
}

fn parse_email(email: &EmailAddress) -> Result<address::EmailAddress> {
    address::EmailAddress::parse(&email.0)
        .map_err(|fault| Error::bad_input("input.email", format!("Invalid value: {fault}.")))
}

async fn require_portal(ctx: &Context<'_>, name: &str) -> Result<Account> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = find_portal(services, &mut conn, name).await?;
    account.ok_or_else(|| Error::not_found("input.portal", "portal"))
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithPasswordInput) -> Result<SignInPayload> {
    let email = parse_email(&input.email)?;
    let account = require_portal(ctx, &input.portal).await?;
    let attempt = PasswordAttempt {
        account: account.id,
        audience: input.audience.unwrap_or(Audience::Portal),
        email: &email,
        password: &input.password,
        client: ctx.client(),
    };
    let services = ctx.services();
    let (context, moment) = (&services.sign_in, services.clock.moment());
    let verified = match password::verify(context, &attempt, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(SignInPayload::refused(refusal)),
    };
    let transport = SessionTransport::Bearer;
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            password::complete(conn, context, verified, transport, &moment).await
        })
        .await?;
    drop(conn);
    services.live.nudge_sign_in(account.id, outcome.as_ref().ok());
    SignInPayload::from_outcome(services, outcome).await
}

fn new_password(text: &str) -> PasswordField<'_> {
    PasswordField {
        field: "input.newPassword",
        text,
    }
}

/// Nudges, after the commit, and builds the payload.
fn payload(
    ctx: &Context<'_>,
    account: AccountId,
    outcome: Result<Vec<SessionId>, Refusal>,
) -> PasswordPayload {
    match outcome {
        Ok(ended) => {
            ctx.services().live.nudge_password_change(account, ended);
            None.into()
        }
        Err(refusal) => Some(refusal).into(),
    }
}

async fn set(ctx: &Context<'_>, input: SetPasswordInput) -> Result<PasswordPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let moment = services.clock.moment();
    let new = new_password(&input.new_password);
    let hashed = match change::verify_set(&services.sign_in, &own, new, &moment).await? {
        Ok(hashed) => hashed,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            change::set(conn, &own, ctx.client(), &hashed, &moment).await
        })
        .await?;
    Ok(payload(ctx, own.account, outcome))
}

async fn change(ctx: &Context<'_>, input: ChangePasswordInput) -> Result<PasswordPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let moment = services.clock.moment();
    let request = ChangeRequest {
        own: &own,
        current: PasswordField {
            field: "input.currentPassword",
            text: &input.current_password,
        },
        new: new_password(&input.new_password),
        client: ctx.client(),
    };
    let verified = match change::verify_change(&services.sign_in, &request, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            change::change(conn, &own, verified, &moment).await
        })
        .await?;
    Ok(payload(ctx, own.account, outcome))
}
