//! Passwords: signing in with one, setting, changing and resetting it.

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
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::sign_in::attempt;
use crate::sign_in::graphql::{SignInPayload, SignInRefusal};
use crate::sign_in::open_session::SessionTransport;
use crate::sign_in::password::change::{self, PasswordField};
use crate::sign_in::password::model::reset::{PasswordReset, ResetRequest};
use crate::sign_in::password::{self, PasswordAttempt, reset};
use crate::sign_in::refusal::{Reason, Refusal};

/// They sign in, so they ignore the credential of their request.
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
    /// Whose sign-in. Default: `PORTAL`.
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

/// Whose password is to be reset.
#[derive(InputObject)]
pub(crate) struct RequestPasswordResetInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the email goes to.
    email: EmailAddress,
    /// Whose password. Default: `PORTAL`.
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

/// The outcome of setting, changing or resetting a password.
#[derive(SimpleObject)]
pub(crate) struct PasswordPayload {
    /// Why it was refused; null if it was done.
    refusal: Option<SignInRefusal>,
}

/// The outcome of a reset request: the same for every address.
#[derive(SimpleObject)]
pub(crate) struct RequestPasswordResetPayload {
    /// Always true: it doesn't say whether an email was sent.
    accepted: bool,
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
    /// email a minute and five an hour go to one address; the answer is always the same. No credential needed.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose password.")] input: RequestPasswordResetInput,
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
        mutate(reset(ctx, input)).await
    }
}

fn address(email: &EmailAddress) -> Result<address::EmailAddress> {
    address::EmailAddress::parse(&email.0)
        .map_err(|fault| Error::bad_input("input.email", format!("Invalid value: {fault}.")))
}

async fn portal(ctx: &Context<'_>, name: &str) -> Result<Account> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = find_portal(services, &mut conn, name).await?;
    account.ok_or_else(|| Error::not_found("input.portal", "portal"))
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithPasswordInput) -> Result<SignInPayload> {
    let email = address(&input.email)?;
    let account = portal(ctx, &input.portal).await?;
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
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            password::complete(conn, context, verified, transport, &moment).await
        })
        .await?;
    drop(conn);
    services.live.attempted(account.id, done.as_ref().ok());
    SignInPayload::of(services, done).await
}

fn new_password(text: &str) -> PasswordField<'_> {
    PasswordField {
        field: "input.newPassword",
        text,
    }
}

/// After the commit.
fn payload(ctx: &Context<'_>, account: AccountId, done: Result<Vec<SessionId>, Refusal>) -> PasswordPayload {
    match done {
        Ok(ended) => {
            ctx.services().live.password_changed(account, ended);
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
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            change::set(conn, (&own, ctx.client()), &hashed, &moment).await
        })
        .await?;
    Ok(payload(ctx, own.account, done))
}

async fn change(ctx: &Context<'_>, input: ChangePasswordInput) -> Result<PasswordPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let moment = services.clock.moment();
    let current = PasswordField {
        field: "input.currentPassword",
        text: &input.current_password,
    };
    let passwords = (current, new_password(&input.new_password));
    let who = (&own, ctx.client());
    let verified = match change::verify_change(&services.sign_in, who, passwords, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            change::change(conn, &own, verified, &moment).await
        })
        .await?;
    Ok(payload(ctx, own.account, done))
}

async fn request_reset(
    ctx: &Context<'_>,
    input: RequestPasswordResetInput,
) -> Result<RequestPasswordResetPayload> {
    let email = address(&input.email)?;
    let account = portal(ctx, &input.portal).await?;
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

async fn reset(ctx: &Context<'_>, input: ResetPasswordInput) -> Result<PasswordPayload> {
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
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            reset::complete(conn, &verified, ctx.client(), &moment).await
        })
        .await?;
    Ok(payload(ctx, secret.account, done))
}
