//! `stepUp`: a fresh proof of the signed-in person.

use async_graphql::{Context, ID, InputObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::error::{Error, Result};
use crate::sign_in::challenge::code::SubmittedCode;
use crate::sign_in::graphql::SignInPayload;
use crate::sign_in::open_session::{SessionRecipient, SessionTransport};
use crate::sign_in::step_up::{self, Proof, StepUpAttempt};

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

pub(crate) async fn step_up(ctx: &Context<'_>, input: StepUpInput) -> Result<SignInPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let context = &services.sign_in;
    let attempt = StepUpAttempt {
        own: &own,
        recipient: SessionRecipient {
            transport: SessionTransport::Bearer,
            client: ctx.client(),
        },
    };
    let verified = step_up::verify(context, &attempt, input.proof()?).await?;
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            step_up::complete(conn, context, &attempt, verified, &moment).await
        })
        .await?;
    drop(conn);
    services.live.nudge_step_up(&own, outcome.as_ref().ok());
    SignInPayload::from_outcome(services, outcome).await
}

impl StepUpInput {
    fn proof(&self) -> Result<Proof<'_>> {
        let wrong = |field: &str| {
            let message = "Give exactly one proof: `password`, `challengeId` with `code`, `googleIdToken` or `magicLinkToken`.";
            Error::bad_input(field, message)
        };
        match (
            &self.password,
            (&self.challenge_id, &self.code),
            &self.google_id_token,
            &self.magic_link_token,
        ) {
            (Some(password), (None, None), None, None) => Ok(Proof::Password(password)),
            (None, (Some(challenge), Some(code)), None, None) => {
                Ok(Proof::Code(SubmittedCode { challenge, code }))
            }
            (None, (None, None), Some(token), None) => Ok(Proof::Google(token)),
            (None, (None, None), None, Some(token)) => Ok(Proof::Link(token)),
            (None, (Some(_), None), None, None) => Err(wrong("input.code")),
            (None, (None, Some(_)), None, None) => Err(wrong("input.challengeId")),
            _ => Err(wrong("input")),
        }
    }
}
