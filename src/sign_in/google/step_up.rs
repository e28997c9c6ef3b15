//! Google as the proof of a step-up.

use chrono::TimeDelta;

use super::{count, identify, refund_on_error};
use crate::accounts::model::Account;
use crate::base::actor::{Client, SignInMethod};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::sign_in::attempt;
use crate::sign_in::attempt_log::SignInAttempt;
use crate::sign_in::context::SignInContext;
use crate::sign_in::google::model as identity;
use crate::sign_in::google::provider::VerifiedIdToken;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;

/// The maximum age of an ID token for a step-up.
const MAX_STEP_UP_AGE: TimeDelta = TimeDelta::minutes(10);

/// Counts the attempt of a step-up and checks that the ID token is fresh. [`complete_step_up`] follows.
pub(crate) async fn verify_step_up(
    context: &SignInContext,
    own: &OwnSession,
    token: &str,
    client: &Client,
) -> Result<Result<VerifiedIdToken, Refusal>> {
    let Some(google) = &context.google else {
        return Ok(Err(Reason::MethodDisabled.into()));
    };
    let attempt = SignInAttempt {
        account: own.account,
        audience: own.holder.audience(),
        method: SignInMethod::Google,
        client,
    };
    if let Some(refusal) = count(context, &attempt).await? {
        return Ok(Err(refusal));
    }
    let verified = google.verify(token, None).await;
    let now = context.clock.now();
    Ok(match refund_on_error(context, verified, &attempt).await? {
        Ok(token) if now - token.issued_at >= MAX_STEP_UP_AGE => Err(Reason::StepUpRequired.into()),
        verified => verified.map_err(Into::into),
    })
}

/// Consumes the token and checks that it identifies the holder of the session, by the linked account or the verified address.
pub(crate) async fn complete_step_up(
    conn: &mut Conn,
    own: &OwnSession,
    token: &VerifiedIdToken,
    client: &Client,
) -> Result<Result<(), Reason>> {
    if !identity::consume(conn, own.account, token).await? {
        return Ok(Err(Reason::InvalidCredentials));
    }
    let identified = identify(conn, own.account, own.holder.audience(), token).await?;
    if identified.is_none_or(|identified| identified.person.holder() != own.holder) {
        return Ok(Err(Reason::InvalidCredentials));
    }
    if !Account::find(conn, own.account).await?.google_allowed {
        return Ok(Err(Reason::MethodDisabled));
    }
    attempt::refund_source(conn, own.account, client).await?;
    Ok(Ok(()))
}
