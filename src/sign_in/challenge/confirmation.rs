//! Confirming another device. An emailed link signs in only the browser that opens it. That browser is asked whether the
//! device that requested the email may sign in too: it shows what is known of that device and three numbers, of which the
//! requesting device shows one. A careless choice is wrong two times out of three, and a wrong number ends the challenge. So
//! opening a link does not complete a sign-in that an attacker requested.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::actor::{Client, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::device;
use crate::base::error::{Error, Result};
use crate::base::ids::ChallengeId;
use crate::base::locale::Locale;
use crate::base::secrets::{PlainSecret, ServerKey};
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::keys::Keys;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;

/// What the browser that redeemed the link is asked.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub challenge: ChallengeId,
    /// The `User-Agent` of the device that requested the email.
    user_agent: Option<String>,
    /// The network of that request, if known.
    pub network: Option<String>,
    /// Three numbers; the requesting device shows one of them.
    pub numbers: Vec<String>,
    pub requested_at: DateTime<Utc>,
}

/// The answer to a confirmation, as a caller sent it.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmationAnswer<'a> {
    /// The id of the challenge.
    pub challenge: &'a str,
    pub choice: Choice<'a>,
}

#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    Number(&'a str),
    /// Another person requested it.
    Deny,
}

/// The outcome of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationOutcome {
    Confirmed,
    Denied,
    /// Not the number of the requesting device: denied.
    WrongNumber,
    /// It was completed, denied, superseded or expired before.
    AlreadyEnded(ChallengeState),
}

/// After a link was redeemed: what to ask the browser that redeemed it. `device` is the device secret that this browser
/// holds. The requesting device itself is asked nothing, and the challenge is completed; the caller nudges.
pub async fn after_redeem(
    conn: &mut Conn,
    keys: &Keys,
    session: &Session,
    device: Option<&PlainSecret>,
    now: DateTime<Utc>,
) -> Result<Option<Confirmation>> {
    let Some(challenge) = opened_by(conn, session, now).await? else {
        return Ok(None);
    };
    if device.is_some_and(|secret| challenge.requested_with(secret)) {
        challenge.complete(conn, now).await?;
        return Ok(None);
    }
    Ok(confirmation_of(keys, &challenge))
}

/// What the holder of this session still has to confirm.
pub async fn pending_confirmation(
    conn: &mut Conn,
    keys: &Keys,
    session: &Session,
    now: DateTime<Utc>,
) -> Result<Option<Confirmation>> {
    let challenge = opened_by(conn, session, now).await?;
    Ok(challenge.and_then(|challenge| confirmation_of(keys, &challenge)))
}

impl Confirmation {
    /// The device that requested the email: `Chrome on Windows`.
    pub(crate) fn device(&self, locale: Locale) -> String {
        device::describe(self.user_agent.as_deref(), locale)
    }
}

fn confirmation_of(keys: &Keys, challenge: &Challenge) -> Option<Confirmation> {
    let network = challenge.ip.as_deref().and_then(device::network_of);
    challenge.confirmed_at.is_none().then(|| Confirmation {
        challenge: challenge.id,
        user_agent: challenge.user_agent.clone(),
        network,
        numbers: numbers(&keys.code, challenge),
        requested_at: challenge.created_at,
    })
}

/// Confirms or denies the requesting device. Only the session that the challenge's own link opened may answer. Any other
/// caller gets `FORBIDDEN`, whether or not the challenge exists. The caller nudges after the commit.
pub async fn answer(
    conn: &mut Conn,
    own: &OwnSession,
    answer: ConfirmationAnswer<'_>,
    client: &Client,
    moment: &Moment,
) -> Result<(ChallengeId, ConfirmationOutcome)> {
    let challenge = lock_answerable(conn, own, answer.challenge, moment).await?;
    let outcome = match answer.choice {
        _ if !challenge.live(moment.now) => ConfirmationOutcome::AlreadyEnded(challenge.state(moment.now)),
        Choice::Number(number) if number.trim() == challenge.matching_number => {
            ConfirmationOutcome::Confirmed
        }
        Choice::Number(_) => ConfirmationOutcome::WrongNumber,
        Choice::Deny => ConfirmationOutcome::Denied,
    };
    let changed = match outcome {
        ConfirmationOutcome::Confirmed => challenge.confirm(conn, own.holder, moment.now).await?,
        ConfirmationOutcome::Denied | ConfirmationOutcome::WrongNumber => {
            challenge.end(conn, moment.now).await?
        }
        ConfirmationOutcome::AlreadyEnded(_) => false,
    };
    if let (true, Some(event)) = (changed, event(own, &challenge, outcome)) {
        record(conn, own.account, &own.requester(client), &[event], moment).await?;
    }
    Ok((challenge.id, outcome))
}

/// The challenge, locked, if its own link opened this session.
async fn lock_answerable(
    conn: &mut Conn,
    own: &OwnSession,
    challenge: &str,
    moment: &Moment,
) -> Result<Challenge> {
    let forbidden = || {
        Error::forbidden(
            "Only the session that was opened by the link of this sign-in can confirm or deny it.",
        )
    };
    let id: ChallengeId = challenge.trim().parse().map_err(|_| forbidden())?;
    let session = Session::find(conn, own.account, own.id).await?;
    let by_its_link = session.is_some_and(|session| {
        session.live(moment.now) && by_link(&session) && session.challenge_id == Some(id)
    });
    if !by_its_link {
        return Err(forbidden());
    }
    let found = Challenge::lock(conn, own.account, id).await?;
    found.filter(|found| !found.by_code).ok_or_else(forbidden)
}

fn event(own: &OwnSession, challenge: &Challenge, outcome: ConfirmationOutcome) -> Option<NewEvent> {
    let (kind, number) = match outcome {
        ConfirmationOutcome::Confirmed => (EventKind::SignInConfirmed, "RIGHT"),
        ConfirmationOutcome::WrongNumber => (EventKind::SignInDenied, "WRONG"),
        ConfirmationOutcome::Denied => (EventKind::SignInDenied, "NONE"),
        ConfirmationOutcome::AlreadyEnded(_) => return None,
    };
    let event = NewEvent {
        contact: own.holder.contact(),
        ..NewEvent::new(kind).on(challenge.id)
    };
    Some(event.with(json!({"number": number, "askedFrom": challenge.ip})))
}

fn by_link(session: &Session) -> bool {
    matches!(session.method, SignInMethod::Link | SignInMethod::StaffLink)
}

/// The challenge whose link opened this session, while it can be completed on the requesting device.
async fn opened_by(conn: &mut Conn, session: &Session, now: DateTime<Utc>) -> Result<Option<Challenge>> {
    let Some(id) = session.challenge_id.filter(|_| by_link(session)) else {
        return Ok(None);
    };
    let challenge = Challenge::find(conn, session.account_id, id).await?;
    Ok(challenge.filter(|challenge| challenge.live(now) && !challenge.by_code))
}

/// The right number and two others, in a fixed order, so that loading the page again reveals nothing.
fn numbers(key: &ServerKey, challenge: &Challenge) -> Vec<String> {
    let (account, id) = (challenge.account_id.0, challenge.id.0);
    let mac = key.mac(&[b"numbers", account.as_bytes(), id.as_bytes()]);
    let place = usize::from(mac[0]) % 3;
    let others = mac[2..]
        .chunks_exact(2)
        .map(|two| u16::from(two[0]) << 8 | u16::from(two[1]));
    let others = others.map(|number| number % 100).chain(0..100);
    let mut numbers = vec![challenge.matching_number.clone()];
    for other in others.map(|number| format!("{number:02}")) {
        if numbers.len() < 3 && !numbers.contains(&other) {
            numbers.push(other);
        }
    }
    numbers.swap(0, place);
    numbers
}
