//! `confirmSignIn`: confirms or denies the device that requested a login email.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::error::{Error, Result};
use crate::live::Topic;
use crate::sign_in::challenge::confirmation::{Choice, ConfirmationAnswer, ConfirmationOutcome, answer};
use crate::sign_in::challenge::model::ChallengeState;
use crate::sign_in::graphql::SignInRefusal;
use crate::sign_in::refusal::{Reason, Refusal};

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

pub(crate) async fn confirm(ctx: &Context<'_>, input: ConfirmSignInInput) -> Result<ConfirmSignInPayload> {
    let own = ctx.auth().viewer.own_session()?;
    let services = ctx.services();
    let choice = match (&input.matching_number, input.deny) {
        (_, Some(true)) => Choice::Deny,
        (Some(number), _) => Choice::Number(number),
        (None, _) => {
            let message = "Choose one of the three numbers, or deny it.";
            return Err(Error::bad_input("input.matchingNumber", message));
        }
    };
    let confirmation_answer = ConfirmationAnswer {
        challenge: &input.challenge_id,
        choice,
    };
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let (id, outcome) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            answer(conn, &own, confirmation_answer, ctx.client(), &moment).await
        })
        .await?;
    services.live.nudge(own.account, &[Topic::Challenge(id)]);
    Ok(outcome.into())
}

impl From<ConfirmationOutcome> for ConfirmSignInPayload {
    fn from(outcome: ConfirmationOutcome) -> Self {
        let (state, reason) = match outcome {
            ConfirmationOutcome::Confirmed => (ChallengeState::Confirmed, None),
            ConfirmationOutcome::Denied => (ChallengeState::Expired, None),
            ConfirmationOutcome::WrongNumber => (ChallengeState::Expired, Some(Reason::InvalidCredentials)),
            ConfirmationOutcome::AlreadyEnded(state) => (state, Some(Reason::CodeExpired)),
        };
        Self {
            state,
            refusal: reason.map(|reason| Refusal::from(reason).into()),
        }
    }
}
