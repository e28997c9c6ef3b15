//! The mutations of signing in by email, with their sign-in resolvers.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTime, EmailAddress};
use crate::base::actor::Audience;
use crate::base::clock::Moment;
use crate::base::db::pool::PooledConnection;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::challenge;
use crate::sign_in::challenge::VerifiedChallenge;
use crate::sign_in::challenge::code::SubmittedCode;
use crate::sign_in::challenge::graphql::confirm::{ConfirmSignInInput, ConfirmSignInPayload, confirm};
use crate::sign_in::challenge::graphql::step_up::{StepUpInput, step_up};
use crate::sign_in::graphql::SignInPayload;
use crate::sign_in::graphql::login_request::LoginRequestInput;
use crate::sign_in::open_session::SessionTransport;
use crate::sign_in::refusal::{Reason, Refusal};

/// These fields sign in, so they ignore the credential of the request.
pub(crate) const IGNORE_CREDENTIAL: &[&str] = &["requestLoginCode", "signInWithCode", "signInWithChallenge"];

/// Mutations whose response contains a secret. A response stored for an `Idempotency-Key` is deleted after 15 minutes.
pub(crate) const SECRET_RESPONSE: &[&str] = &["stepUp"];

#[derive(Default)]
pub(crate) struct ChallengeMutations;

/// Who requests a code, and where.
#[derive(InputObject)]
pub(crate) struct RequestLoginCodeInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the email goes to.
    email: EmailAddress,
    /// Whether a contact (`PORTAL`) or a team member (`DASHBOARD`) signs in. Default: `PORTAL`.
    audience: Option<Audience>,
    /// The sign-in that this device requested before: it is kept until another email can be sent, and the code that was
    /// emailed stays valid. One of another device or address is ignored.
    challenge_id: Option<ID>,
    /// The `deviceSecret` that came with `challengeId`, if `requestLoginEmail` returned one.
    device_secret: Option<String>,
}

/// The same for every address: it doesn't say whether an email was sent.
#[derive(SimpleObject)]
pub(crate) struct RequestLoginCodePayload {
    /// The sign-in that was started, or kept.
    challenge_id: ID,
    /// When it expires.
    expires_at: DateTime,
    /// After how many seconds another request, with this `challengeId`, can send another email.
    resend_after: i32,
}

/// A sign-in and the code of its email.
#[derive(InputObject)]
pub(crate) struct SignInWithCodeInput {
    /// The sign-in that was started: `challenge_…`.
    challenge_id: ID,
    /// The six digits of its email; spaces and dashes don't matter.
    code: String,
}

/// A sign-in and the secret of the device that requested it.
#[derive(InputObject)]
pub(crate) struct SignInWithChallengeInput {
    /// The sign-in that was started: `challenge_…`.
    challenge_id: ID,
    /// The `deviceSecret` that came with it: `device_…`.
    device_secret: String,
}

#[Object]
impl ChallengeMutations {
    /// Emails a sign-in code, if the address belongs to a contact or team member of that audience. At most one email a
    /// minute and five an hour go to one address; the response is always the same. To request another one, pass the
    /// `challengeId` of the first response: its code then stays valid until another email is sent. No credential needed.
    async fn request_login_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address and the portal.")] input: RequestLoginCodeInput,
    ) -> Option<GraphqlResult<RequestLoginCodePayload>> {
        mutate(request_code(ctx, input)).await
    }

    /// Signs in with the code of an email: valid for ten minutes and five attempts, of the newest email only. For any
    /// caller with the code.
    async fn sign_in_with_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in and its code.")] input: SignInWithCodeInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_code(ctx, input)).await
    }

    /// Signs in the device that requested a login email, once, after `confirmSignIn` where its button was used; before that
    /// the refusal is `CHALLENGE_PENDING`. For any caller with the device's secret.
    async fn sign_in_with_challenge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in and its device's secret.")] input: SignInWithChallengeInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_challenge(ctx, input)).await
    }

    /// Confirms or denies the device that requested a login email. For the contact or team member who used the button,
    /// with the session that it opened.
    async fn confirm_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in, and the number or a denial.")] input: ConfirmSignInInput,
    ) -> Option<GraphqlResult<ConfirmSignInPayload>> {
        mutate(confirm(ctx, input)).await
    }

    /// Gives a fresh proof, for operations that require one or to lift the limit to one section: returns a new,
    /// unrestricted session and ends the current one. For a signed-in contact or team member.
    async fn step_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one proof.")] input: StepUpInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(step_up(ctx, input)).await
    }
}

async fn request_code(ctx: &Context<'_>, input: RequestLoginCodeInput) -> Result<RequestLoginCodePayload> {
    let request = LoginRequestInput {
        portal: input.portal,
        email: input.email,
        audience: input.audience,
        section: PortalSection::Home,
        by_code: true,
        challenge_id: input.challenge_id,
        device_secret: input.device_secret,
    };
    let (requested, resend_after) = request.submit(ctx).await?;
    Ok(RequestLoginCodePayload {
        challenge_id: ID(requested.id.to_string()),
        expires_at: DateTime(requested.expires_at),
        resend_after,
    })
}

async fn with_code(ctx: &Context<'_>, input: SignInWithCodeInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let (keys, moment) = (&services.sign_in.keys, services.clock.moment());
    let mut conn = services.db.conn().await?;
    let submitted = SubmittedCode {
        challenge: &input.challenge_id,
        code: &input.code,
    };
    let verified = challenge::code::verify(&mut conn, keys, submitted, ctx.client(), &moment).await?;
    complete(ctx, conn, verified, moment).await
}

async fn with_challenge(ctx: &Context<'_>, input: SignInWithChallengeInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let Some(secret) = PlainSecret::parse(SecretKind::Device, input.device_secret.trim()) else {
        return Ok(SignInPayload::refused(Reason::InvalidCredentials));
    };
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let id = &input.challenge_id;
    let verified = challenge::device::verify(&mut conn, id, &secret, ctx.client(), &moment).await?;
    complete(ctx, conn, verified, moment).await
}

/// Signs in with a challenge that has a right proof.
async fn complete(
    ctx: &Context<'_>,
    mut conn: PooledConnection,
    verified: Result<VerifiedChallenge<'_>, Refusal>,
    moment: Moment,
) -> Result<SignInPayload> {
    let verified = match verified {
        Ok(verified) => verified,
        Err(refusal) => return Ok(SignInPayload::refused(refusal)),
    };
    let services = ctx.services();
    let (keys, transport) = (&services.sign_in.keys, SessionTransport::Bearer);
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            challenge::complete(conn, keys, &verified, transport, &moment).await
        })
        .await?;
    drop(conn);
    services
        .live
        .nudge_sign_in(verified.challenge().account_id, outcome.as_ref().ok());
    SignInPayload::from_outcome(services, outcome).await
}
