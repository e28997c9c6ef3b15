//! Signing in by a mailed code or after a confirmation on another device, and proving anew who one is.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::api::context::Request;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTime, EmailAddress};
use crate::base::actor::Audience;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::challenge::confirming::{Choice, Decided, decide};
use crate::sign_in::challenge::model::ChallengeState;
use crate::sign_in::graphql::asking::LoginRequest;
use crate::sign_in::graphql::{SignInPayload, SignInRefusal};
use crate::sign_in::refusal::Reason;
use crate::sign_in::service::Outlet;
use crate::sign_in::step_up::Proof;

/// They sign in, so they ignore the credential of their request.
pub const IGNORE_CREDENTIAL: &[&str] = &["requestLoginCode", "signInWithCode", "signInWithChallenge"];

/// The answer holds a secret: a kept one is deleted early.
pub const SECRET_ANSWER: &[&str] = &["stepUp"];

#[derive(Default)]
pub struct ChallengeMutations;

/// Who wants a code, and where.
#[derive(InputObject)]
pub struct RequestLoginCodeInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the mail goes to.
    email: EmailAddress,
    /// Whose sign-in. Default: `PORTAL`.
    audience: Option<Audience>,
    /// The sign-in that this device asked for before: it is kept until another mail can be sent, and the code that was mailed
    /// goes on working. One that is not this device's, or not of this address, is ignored.
    challenge_id: Option<ID>,
    /// The `deviceSecret` that came with `challengeId`, where `requestLoginEmail` gave one.
    device_secret: Option<String>,
}

/// The same, whoever the address belongs to: whether a mail is on its way is not said.
#[derive(SimpleObject)]
pub struct RequestLoginCodePayload {
    /// The sign-in that was begun, or kept.
    challenge_id: ID,
    /// When it can't be finished any more.
    expires_at: DateTime,
    /// After how many seconds asking again, with this `challengeId`, can send another mail.
    resend_after: i32,
}

/// A sign-in and the code of its mail.
#[derive(InputObject)]
pub struct SignInWithCodeInput {
    /// The sign-in that was begun: `challenge_…`.
    challenge_id: ID,
    /// The six digits of its mail; spaces and dashes don't matter.
    code: String,
}

/// A sign-in and the secret of the device that asked for it.
#[derive(InputObject)]
pub struct SignInWithChallengeInput {
    /// The sign-in that was begun: `challenge_…`.
    challenge_id: ID,
    /// The `deviceSecret` that came with it: `device_…`.
    device_secret: String,
}

/// The answer to a `SignInConfirmation`: the number that the asking device shows, or that it was somebody else.
#[derive(InputObject)]
pub struct ConfirmSignInInput {
    /// The sign-in: `challenge_…`.
    challenge_id: ID,
    /// The number that was chosen among the three. A wrong one ends the sign-in.
    matching_number: Option<String>,
    /// True: it was not this person who asked. It ends the sign-in, whatever number comes with it.
    deny: Option<bool>,
}

/// What came of a confirmation.
#[derive(SimpleObject)]
pub struct ConfirmSignInPayload {
    /// Where the sign-in stands now: `CONFIRMED`, or `EXPIRED` where it was denied.
    state: ChallengeState,
    /// Why it was not confirmed: `INVALID_CREDENTIALS` for a wrong number, `CODE_EXPIRED` where it was too late.
    refusal: Option<SignInRefusal>,
}

/// A fresh proof: exactly one of a password, a code with its `challengeId`, a Google ID token and a link's token.
#[derive(InputObject)]
pub struct StepUpInput {
    /// The password.
    password: Option<String>,
    /// The sign-in whose mail holds the code: `challenge_…`. It comes with `code`.
    challenge_id: Option<ID>,
    /// The six digits of that mail.
    code: Option<String>,
    /// An ID token of Google.
    google_id_token: Option<String>,
    /// The token of a link that was mailed to this person: `link_…`, of a team member `staff_…`. Not one that staff has seen.
    magic_link_token: Option<String>,
}

#[Object]
impl ChallengeMutations {
    /// Mails a code that signs in, if the address is somebody's of that audience. At most one mail a minute and five an hour
    /// go to one address; the answer is the same in any case. To ask again, give the `challengeId` of the first answer: only
    /// then its code goes on working until another mail is sent. For anyone.
    async fn request_login_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and where.")] input: RequestLoginCodeInput,
    ) -> Option<GraphqlResult<RequestLoginCodePayload>> {
        mutate(request_code(ctx, input)).await
    }

    /// Signs in with the code of a mail: ten minutes, five tries, the newest mail only. For anyone who reads the mail.
    async fn sign_in_with_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in and its code.")] input: SignInWithCodeInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_code(ctx, input)).await
    }

    /// Signs in the device that asked for a login email, once, after `confirmSignIn` where its button was pressed; before that
    /// the refusal is `CHALLENGE_PENDING`. For anyone who holds the device's secret.
    async fn sign_in_with_challenge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in and its device's secret.")] input: SignInWithChallengeInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_challenge(ctx, input)).await
    }

    /// Lets the device in that asked for a login email, or turns it away. For the contact or team member who pressed its
    /// button, with the session that the press opened.
    async fn confirm_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in, and the number or a no.")] input: ConfirmSignInInput,
    ) -> Option<GraphqlResult<ConfirmSignInPayload>> {
        mutate(confirm(ctx, input)).await
    }

    /// Takes a fresh proof of who one is, for what asks for one, and for a session that opens one section only: answers with a
    /// new, whole session and ends the one that the request came with. For a signed-in contact or team member.
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
    let done = services
        .sign_in
        .with_code(&input.challenge_id, &input.code, Outlet::Api, ctx.client())
        .await?;
    SignInPayload::of(services, done).await
}

async fn with_challenge(ctx: &Context<'_>, input: SignInWithChallengeInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let Some(secret) = PlainSecret::parse(SecretKind::Device, input.device_secret.trim()) else {
        return Ok(SignInPayload::refused(Reason::InvalidCredentials));
    };
    let done = services
        .sign_in
        .with_challenge(&input.challenge_id, &secret, Outlet::Api, ctx.client())
        .await?;
    SignInPayload::of(services, done).await
}

async fn confirm(ctx: &Context<'_>, input: ConfirmSignInInput) -> Result<ConfirmSignInPayload> {
    let own = ctx.auth().viewer.own()?;
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
    services.sign_in.decided(&own, id);
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
            refusal: reason.map(|reason| crate::sign_in::refusal::Refusal::from(reason).into()),
        }
    }
}

async fn step_up(ctx: &Context<'_>, input: StepUpInput) -> Result<SignInPayload> {
    let own = ctx.auth().viewer.own()?;
    let services = ctx.services();
    let sign_in = &services.sign_in;
    let proved = sign_in.prove(&own, input.proof()?, ctx.client()).await?;
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let done = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let with = (&proved, Outlet::Api, ctx.client());
            sign_in.step_up(conn, &own, with, &moment).await
        })
        .await?;
    drop(conn);
    sign_in.stepped_up(&own, &done);
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
