//! Passwords: signing in with one, setting, changing and resetting it.

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::graphql::portal_named;
use crate::accounts::model::Account;
use crate::api::context::Request;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Audience;
use crate::base::address;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::graphql::{SignInPayload, SignInRefusal};
use crate::sign_in::password::PasswordTry;
use crate::sign_in::password::set as set_password;
use crate::sign_in::password::set::{NewPassword, SignedInAs};
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::Outlet;

/// They sign in, so they ignore the credential of their request.
pub const IGNORE_CREDENTIAL: &[&str] = &["signInWithPassword", "requestPasswordReset", "resetPassword"];

#[derive(Default)]
pub struct PasswordMutations;

/// Who signs in, and with what.
#[derive(InputObject)]
pub struct SignInWithPasswordInput {
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
pub struct SetPasswordInput {
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// Another password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password as it is.
    current_password: String,
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// Whose password is to be reset.
#[derive(InputObject)]
pub struct RequestPasswordResetInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the mail goes to.
    email: EmailAddress,
    /// Whose password. Default: `PORTAL`.
    audience: Option<Audience>,
}

/// A reset's link, and the new password.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The last part of the mailed link: `reset_…`.
    token: String,
    /// The new password: any characters, 1024 at most.
    new_password: String,
}

/// The outcome of setting, changing or resetting a password.
#[derive(SimpleObject)]
pub struct PasswordPayload {
    /// Why it was not done; null: it was.
    refusal: Option<SignInRefusal>,
}

/// The outcome of asking for a reset: the same, whoever the address belongs to.
#[derive(SimpleObject)]
pub struct RequestPasswordResetPayload {
    /// Always true: whether a mail is on its way is not said.
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
    /// Signs in with a password. After ten failed tries in a row waits grow from 30 seconds to an hour; after a hundred the
    /// password is disabled until it is reset by mail. For anyone.
    async fn sign_in_with_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and the password.")] input: SignInWithPasswordInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(sign_in(ctx, input)).await
    }

    /// Sets a password where none is set. It takes a proof at most ten minutes old that staff has not seen; `stepUp` gives
    /// one. For a signed-in contact or team member.
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

    /// Mails a link to choose another password, good for 30 minutes and once, if the address is known. At most one mail a
    /// minute and five an hour go to one address; the answer is the same in any case. For anyone.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose password.")] input: RequestPasswordResetInput,
    ) -> Option<GraphqlResult<RequestPasswordResetPayload>> {
        mutate(request_reset(ctx, input)).await
    }

    /// Sets a password by a mailed link, ends all sessions, and does not sign in. For anyone who holds the link's token.
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
        .map_err(|fault| Error::bad_input("input.email", format!("This can't be used: {fault}.")))
}

async fn portal(ctx: &Context<'_>, name: &str) -> Result<Account> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = portal_named(services, &mut conn, name).await?;
    account.ok_or_else(|| Error::not_found("input.portal", "portal"))
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithPasswordInput) -> Result<SignInPayload> {
    let email = address(&input.email)?;
    let account = portal(ctx, &input.portal).await?;
    let tried = PasswordTry {
        account: account.id,
        audience: input.audience.unwrap_or(Audience::Portal),
        email: &email,
        password: &input.password,
    };
    let services = ctx.services();
    let done = services
        .sign_in
        .with_password(&tried, Outlet::Api, ctx.client())
        .await?;
    SignInPayload::of(services, done).await
}

/// The first line of what only a signed-in person may do.
fn signed_in_as<'a>(ctx: &Context<'a>) -> Result<SignedInAs<'a>> {
    let own = ctx.auth().viewer.own()?;
    Ok(SignedInAs {
        account: own.account,
        holder: own.holder,
        session: own.session,
        client: ctx.client(),
    })
}

fn new_password(text: &str) -> NewPassword<'_> {
    NewPassword {
        field: "input.newPassword",
        text,
    }
}

async fn set(ctx: &Context<'_>, input: SetPasswordInput) -> Result<PasswordPayload> {
    let who = signed_in_as(ctx)?;
    let services = ctx.services();
    let new = new_password(&input.new_password);
    let prepared = match services.sign_in.prepare_set(&who, new).await? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &prepared.moment).await?;
            set_password::set(conn, &who, &prepared).await
        })
        .await?;
    Ok(services.sign_in.announce(who.account, done).into())
}

async fn change(ctx: &Context<'_>, input: ChangePasswordInput) -> Result<PasswordPayload> {
    let who = signed_in_as(ctx)?;
    let services = ctx.services();
    let current = NewPassword {
        field: "input.currentPassword",
        text: &input.current_password,
    };
    let new = new_password(&input.new_password);
    let prepared = match services.sign_in.prepare_change(&who, current, new).await? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Some(refusal).into()),
    };
    let mut conn = services.db.conn().await?;
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &prepared.moment).await?;
            set_password::change(conn, &who, prepared).await
        })
        .await?;
    Ok(services.sign_in.announce(who.account, done).into())
}

async fn request_reset(
    ctx: &Context<'_>,
    input: RequestPasswordResetInput,
) -> Result<RequestPasswordResetPayload> {
    let email = address(&input.email)?;
    let account = portal(ctx, &input.portal).await?;
    let audience = input.audience.unwrap_or(Audience::Portal);
    let sign_in = &ctx.services().sign_in;
    sign_in
        .request_reset(&account, audience, &email, ctx.client())
        .await?;
    Ok(RequestPasswordResetPayload { accepted: true })
}

async fn reset(ctx: &Context<'_>, input: ResetPasswordInput) -> Result<PasswordPayload> {
    let Some(secret) = PlainSecret::parse(SecretKind::Reset, input.token.trim()) else {
        return Ok(Some(Refusal::from(Reason::LinkInvalid)).into());
    };
    let sign_in = &ctx.services().sign_in;
    let done = sign_in.reset_password(&secret, new_password(&input.new_password), ctx.client());
    Ok(done.await?.into())
}
