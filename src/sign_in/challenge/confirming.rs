//! Confirming another device. An emailed link signs in the browser that opens it, and nothing else. That browser is asked
//! whether the device that requested the email may sign in too: it sees what is known of that device and three numbers, of
//! which the device shows one. A yes without looking is wrong two times out of three, and a wrong number ends the challenge,
//! so opening a link does not finish what an attacker requested.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::base::actor::Client;
use crate::base::actor::SignInMethod;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::device;
use crate::base::error::{Error, Result};
use crate::base::ids::ChallengeId;
use crate::base::secrets::{PlainSecret, ServerKey};
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::keys::Keys;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;

/// What the browser that redeemed the link is asked.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub challenge: ChallengeId,
    /// The device that requested the email: `Chrome on Windows`.
    pub device: String,
    /// The network of that request.
    pub network: String,
    /// Three; the requesting device shows one of them.
    pub numbers: Vec<String>,
    pub asked_at: DateTime<Utc>,
}

/// The answer to a confirmation.
#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    Number(&'a str),
    /// Another person requested it.
    Deny,
}

/// The outcome of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Confirmed,
    Denied,
    /// Not the number of the requesting device: denied.
    WrongNumber,
    /// It was finished, denied, superseded or expired before.
    Over(ChallengeState),
}

/// After a link was redeemed: what to ask the browser that redeemed it. `device`: the device secret that this browser holds. If
/// it is the requesting device itself, nothing is asked, and the challenge is completed; the caller nudges.
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

/// What this session's holder has still to confirm.
pub async fn confirmation(
    conn: &mut Conn,
    keys: &Keys,
    session: &Session,
    now: DateTime<Utc>,
) -> Result<Option<Confirmation>> {
    let challenge = opened_by(conn, session, now).await?;
    Ok(challenge.and_then(|challenge| confirmation_of(keys, &challenge)))
}

fn confirmation_of(keys: &Keys, challenge: &Challenge) -> Option<Confirmation> {
    let network = challenge.ip.as_deref().and_then(device::network_of);
    challenge.confirmed_at.is_none().then(|| Confirmation {
        challenge: challenge.id,
        device: device::describe(challenge.user_agent.as_deref()),
        network: network.unwrap_or_else(|| "an unknown network".to_owned()),
        numbers: numbers(&keys.code, challenge),
        asked_at: challenge.created_at,
    })
}

/// Only the session that the challenge's own link opened may decide; any other caller is forbidden to, whether there is such
/// a challenge or not. The caller nudges after the commit.
pub async fn decide(
    conn: &mut Conn,
    own: &OwnSession,
    (challenge, choice): (&str, Choice<'_>),
    client: &Client,
    moment: &Moment,
) -> Result<(ChallengeId, Decided)> {
    let challenge = answerable(conn, own, challenge, moment).await?;
    let decided = match choice {
        _ if !challenge.live(moment.now) => Decided::Over(challenge.state(moment.now)),
        Choice::Number(number) if number.trim() == challenge.matching_number => Decided::Confirmed,
        Choice::Number(_) => Decided::WrongNumber,
        Choice::Deny => Decided::Denied,
    };
    let changed = match decided {
        Decided::Confirmed => challenge.confirm(conn, own.holder, moment.now).await?,
        Decided::Denied | Decided::WrongNumber => challenge.end(conn, moment.now).await?,
        Decided::Over(_) => false,
    };
    if let (true, Some(event)) = (changed, event(own, &challenge, decided)) {
        record(conn, own.account, &own.requester(client), &[event], moment).await?;
    }
    Ok((challenge.id, decided))
}

/// The challenge, locked, if its own link opened this session.
async fn answerable(
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

fn event(own: &OwnSession, challenge: &Challenge, decided: Decided) -> Option<NewEvent> {
    let (kind, number) = match decided {
        Decided::Confirmed => (EventKind::SignInConfirmed, "RIGHT"),
        Decided::WrongNumber => (EventKind::SignInDenied, "WRONG"),
        Decided::Denied => (EventKind::SignInDenied, "NONE"),
        Decided::Over(_) => return None,
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

/// The challenge whose link opened this session, while it can be finished on the requesting device.
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
