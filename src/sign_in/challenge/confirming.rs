//! The second confirmation. A press of a mailed link signs in the browser that pressed, and nothing else; whether the device
//! that asked may come in too is asked there, with what is known of that device and three numbers, of which it shows one.
//! Who says yes without looking is wrong two times of three, and a wrong number ends it: so what an attacker asked for is not
//! finished by a press.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
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
use crate::live::Topic;
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::service::{SignIn, SignedIn};
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::own::Own;

/// What is shown to whoever pressed.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub challenge: ChallengeId,
    /// The device that asked: `Chrome on Windows`.
    pub device: String,
    /// The network it asked from.
    pub network: String,
    /// Three, and the asking device shows one of them.
    pub numbers: Vec<String>,
    pub asked_at: DateTime<Utc>,
}

/// What somebody says to it.
#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    Number(&'a str),
    /// It was not them who asked.
    Deny,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Confirmed,
    Denied,
    /// Another number than the asking device's: denied.
    WrongNumber,
    /// Finished, denied, superseded or too late before.
    Over(ChallengeState),
}

impl SignedIn {
    /// The sign-in that asked for what was pressed.
    pub(crate) fn pressed(&self) -> Option<Topic> {
        self.session.challenge_id.map(Topic::Challenge)
    }
}

impl SignIn {
    /// What there is to ask after a press, by the session that the press opened; `asking`: the device secret that the
    /// pressing browser holds. Where that is the asking device itself, nothing is asked, and the sign-in is complete.
    pub async fn after_press(
        &self,
        session: &Session,
        asking: Option<&PlainSecret>,
    ) -> Result<Option<Confirmation>> {
        let mut conn = self.db.conn().await?;
        self.after_press_on(&mut conn, session, asking).await
    }

    /// The same on a connection of the caller.
    pub(crate) async fn after_press_on(
        &self,
        conn: &mut Conn,
        session: &Session,
        asking: Option<&PlainSecret>,
    ) -> Result<Option<Confirmation>> {
        let now = self.clock.now();
        let Some(challenge) = pressed(conn, session, now).await? else {
            return Ok(None);
        };
        if asking.is_some_and(|secret| challenge.asked_with(secret)) {
            challenge.complete(conn, now).await?;
            self.live
                .nudge(challenge.account_id, &[Topic::Challenge(challenge.id)]);
            return Ok(None);
        }
        Ok(self.asks(&challenge))
    }

    /// The same without a step: what is still to be confirmed by this session's holder.
    pub async fn confirmation(&self, session: &Session) -> Result<Option<Confirmation>> {
        let mut conn = self.db.conn().await?;
        let challenge = pressed(&mut conn, session, self.clock.now()).await?;
        Ok(challenge.and_then(|challenge| self.asks(&challenge)))
    }

    fn asks(&self, challenge: &Challenge) -> Option<Confirmation> {
        let network = challenge.ip.as_deref().and_then(device::network);
        challenge.confirmed_at.is_none().then(|| Confirmation {
            challenge: challenge.id,
            device: device::words(challenge.user_agent.as_deref()),
            network: network.unwrap_or_else(|| "an unknown network".to_owned()),
            numbers: numbers(&self.keys.code, challenge),
            asked_at: challenge.created_at,
        })
    }

    /// Decides in a transaction of its own: for the portal's pages.
    pub async fn confirm(
        &self,
        own: &Own,
        challenge: &str,
        choice: Choice<'_>,
        client: &Client,
    ) -> Result<Decided> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let (id, decided) = conn
            .transaction(async |conn| decide(conn, own, (challenge, choice), client, &moment).await)
            .await?;
        self.decided(own, id);
        Ok(decided)
    }

    /// After the commit.
    pub fn decided(&self, own: &Own, id: ChallengeId) {
        self.live.nudge(own.account, &[Topic::Challenge(id)]);
    }
}

/// Only the session that the challenge's own link opened decides; to everyone else it is forbidden, whether there is such a
/// challenge or not.
pub async fn decide(
    conn: &mut Conn,
    own: &Own,
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
        record(conn, own.account, &own.acting(client), &[event], moment).await?;
    }
    Ok((challenge.id, decided))
}

/// The challenge, held, if its own link opened this session.
async fn answerable(conn: &mut Conn, own: &Own, challenge: &str, moment: &Moment) -> Result<Challenge> {
    let forbidden = || {
        Error::forbidden(
            "Only the session that was opened by the link of this sign-in can confirm or deny it.",
        )
    };
    let id: ChallengeId = challenge.trim().parse().map_err(|_| forbidden())?;
    let session = Session::find(conn, own.account, own.session).await?;
    let pressed = session.is_some_and(|session| {
        session.live(moment.now) && by_press(&session) && session.challenge_id == Some(id)
    });
    if !pressed {
        return Err(forbidden());
    }
    let found = Challenge::lock(conn, own.account, id).await?;
    found.filter(|found| !found.by_code).ok_or_else(forbidden)
}

fn event(own: &Own, challenge: &Challenge, decided: Decided) -> Option<NewEvent> {
    let (kind, number) = match decided {
        Decided::Confirmed => (EventKind::SignInConfirmed, "RIGHT"),
        Decided::WrongNumber => (EventKind::SignInDenied, "WRONG"),
        Decided::Denied => (EventKind::SignInDenied, "NONE"),
        Decided::Over(_) => return None,
    };
    let event = NewEvent {
        contact: own.holder.contact(),
        ..NewEvent::of(kind).on(challenge.id)
    };
    Some(event.with(json!({"number": number, "askedFrom": challenge.ip})))
}

fn by_press(session: &Session) -> bool {
    matches!(session.method, SignInMethod::Link | SignInMethod::StaffLink)
}

/// The sign-in that was asked for with the link that opened this session, while it can be finished on the asking device.
async fn pressed(conn: &mut Conn, session: &Session, now: DateTime<Utc>) -> Result<Option<Challenge>> {
    let Some(id) = session.challenge_id.filter(|_| by_press(session)) else {
        return Ok(None);
    };
    let challenge = Challenge::find(conn, session.account_id, id).await?;
    Ok(challenge.filter(|challenge| challenge.live(now) && !challenge.by_code))
}

/// The right number and two others, in an order that stays, so that looking again tells nothing.
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
