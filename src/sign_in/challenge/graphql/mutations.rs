//! Signing in by a mailed code or after a confirmation on another device, and proving anew who one is.

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
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::sign_in::challenge;
use crate::sign_in::challenge::VerifiedChallenge;
use crate::sign_in::challenge::confirming::{Choice, Decided, decide};
use crate::sign_in::challenge::model::ChallengeState;
use crate::sign_in::graphql::asking::LoginRequest;
use crate::sign_in::graphql::{SignInPayload, SignInRefusal};
use crate::sign_in::open_session::SessionTransport;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::step_up::{self, Proof};

/// They sign in, so they ignore the credential of their request.
pub(crate) const IGNORE_CREDENTIAL: &[&str] = &["requestLoginCode", "signInWithCode", "signInWithChallenge"];

/// The answer holds a secret: a kept one is deleted early.
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
    /// Whose sign-in. Default: `PORTAL`.
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

/// The answer to a `SignInConfirmation`: the number that the requesting device shows, or a denial.
#[derive(InputObject)]
pub(crate) struct ConfirmSignInInput {
    /// The sign-in: `challenge_…`.
    challenge_id: ID,
    /// The number that was chosen among the three. A wrong one ends the sign-in.
    matching_number: Option<String>,
    /// True if this person did not request it. It ends the sign-in, whatever number comes with it.
    deny: Option<bool>,
}

/// The outcome of a confirmation.
#[derive(SimpleObject)]
pub(crate) struct ConfirmSignInPayload {
    /// The state of the sign-in now: `CONFIRMED`, or `EXPIRED` if it was denied.
    state: ChallengeState,
    /// Why it was not confirmed: `INVALID_CREDENTIALS` for a wrong number, `CODE_EXPIRED` if it was too late.
    refusal: Option<SignInRefusal>,
}

/// A fresh proof: exactly one of a password, a code with its `challengeId`, a Google ID token and a link's token.
#[derive(InputObject)]
pub(crate) struct StepUpInput {
    /// The password.
    password: Option<String>,
    /// The sign-in whose email contains the code: `challenge_…`. Pass it with `code`.
    challenge_id: Option<ID>,
    /// The six digits of that email.
    code: Option<String>,
    /// An ID token of Google.
    google_id_token: Option<String>,
    /// The token of a link that was emailed to this person: `link_…`, of a team member `staff_…`. Not one that staff has
    /// seen.
    magic_link_token: Option<String>,
}

#[Object]
impl ChallengeMutations {
    /// Emails a sign-in code, if the address belongs to a contact or team member of that audience. At most one email a
    /// minute and five an hour go to one address; the answer is always the same. To ask again, pass the `challengeId` of
    /// the first answer: its code then stays valid until another email is sent. No credential needed.
    async fn request_login_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and where.")] input: RequestLoginCodeInput,
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

    /// Confirms or denies the device that requested a login email. For the contact or team member who pressed the button,
    /// with the session that the press opened.
    async fn confirm_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in, and the number or a no.")] input: ConfirmSignInInput,
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
    let request = LoginRequest {
        portal: input.portal,
        email: input.email,
        audience: input.audience,
        section: PortalSection::Home,
        by_code: true,
        challenge_id: input.challenge_id,
        device_secret: input.device_secret,
    };
    let (asked, resend_after) = request.ask(ctx).await?;
    Ok(RequestLoginCodePayload {
        challenge_id: ID(asked.id.to_string()),
        expires_at: DateTime(asked.expires_at),
        resend_after,
    })
}

async fn with_code(ctx: &Context<'_>, input: SignInWithCodeInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let (keys, moment) = (&services.sign_in.keys, services.clock.moment());
    let mut conn = services.db.conn().await?;
    let typed = (&input.challenge_id[..], &input.code[..]);
    let verified = challenge::code::verify(&mut conn, keys, typed, ctx.client(), &moment).await?;
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

/// Signs in with a challenge whose proof was right.
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
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            challenge::complete(conn, keys, &verified, transport, &moment).await
        })
        .await?;
    drop(conn);
    services
        .live
        .attempted(verified.challenge().account_id, done.as_ref().ok());
    SignInPayload::of(services, done).await
}

async fn confirm(ctx: &Context<'_>, input: ConfirmSignInInput) -> Result<ConfirmSignInPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let choice = match (&input.matching_number, input.deny) {
        (_, Some(true)) => Choice::Deny,
        (Some(number), _) => Choice::Number(number),
        (None, _) => {
            let words = "Choose one of the three numbers, or deny it.";
            return Err(Error::bad_input("input.matchingNumber", words));
        }
    };
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let (id, decided) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            decide(conn, &own, (&input.challenge_id, choice), ctx.client(), &moment).await
        })
        .await?;
    services.live.nudge(own.account, &[Topic::Challenge(id)]);
    Ok(decided.into())
}

impl From<Decided> for ConfirmSignInPayload {
    fn from(decided: Decided) -> Self {
        let (state, reason) = match decided {
            Decided::Confirmed => (ChallengeState::Confirmed, None),
            Decided::Denied => (ChallengeState::Expired, None),
            Decided::WrongNumber => (ChallengeState::Expired, Some(Reason::InvalidCredentials)),
            Decided::Over(state) => (state, Some(Reason::CodeExpired)),
        };
        Self {
            state,
            refusal: reason.map(|reason| Refusal::from(reason).into()),
        }
    }
}

async fn step_up(ctx: &Context<'_>, input: StepUpInput) -> Result<SignInPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let context = &services.sign_in;
    let verified = step_up::verify(context, &own, input.proof()?, ctx.client()).await?;
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let to = (SessionTransport::Bearer, ctx.client());
            step_up::complete(conn, context, (&own, verified), to, &moment).await
        })
        .await?;
    drop(conn);
    services.live.stepped_up(&own, done.as_ref().ok());
    SignInPayload::of(services, done).await
}

impl StepUpInput {
    fn proof(&self) -> Result<Proof<'_>> {
        let wrong = |field: &str| {
            let words = "Give exactly one proof: `password`, `challengeId` with `code`, `googleIdToken` or `magicLinkToken`.";
            Error::bad_input(field, words)
        };
        match (
            &self.password,
            (&self.challenge_id, &self.code),
            &self.google_id_token,
            &self.magic_link_token,
        ) {
            (Some(password), (None, None), None, None) => Ok(Proof::Password(password)),
            (None, (Some(challenge), Some(code)), None, None) => Ok(Proof::Code { challenge, code }),
            (None, (None, None), Some(token), None) => Ok(Proof::Google(token)),
            (None, (None, None), None, Some(token)) => Ok(Proof::Link(token)),
            (None, (Some(_), None), None, None) => Err(wrong("input.code")),
            (None, (None, Some(_)), None, None) => Err(wrong("input.challengeId")),
            _ => Err(wrong("input")),
        }
    }
}
