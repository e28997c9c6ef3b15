//! Requesting a sign-in: the same statements for a known address and an unknown one, within the limits and beyond them.
//!
//! A device that requests again keeps its open challenge until another email can be sent, so that the code that was emailed
//! stays valid. Any other device gets a challenge of its own.

mod limits;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Challenge, live_of};
use crate::accounts::model::Account;
use crate::accounts::model::email_lock;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::challenges;
use crate::base::error::Result;
use crate::base::ids::ChallengeId;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::suppression;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Holder;

use limits::Limits;

/// How long an emailed link or code may sign in (OWASP ASVS 5.0, 6.5.5).
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// A request for a sign-in by email.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub section: PortalSection,
    /// A code alone, without a link.
    pub by_code: bool,
    pub device: RequestingDevice<'a>,
    pub client: &'a Client,
}

/// How the requesting device shows which challenge is its own.
#[derive(Clone, Copy, Debug)]
pub enum RequestingDevice<'a> {
    New,
    /// Over the API: the challenge that it requested, and the secret that came with it. A code alone comes without one: its id
    /// is all that its holder needs to finish it.
    Challenge {
        id: ChallengeId,
        secret: Option<&'a PlainSecret>,
    },
    /// A browser: one secret for everything that it requests for this address.
    Browser(&'a PlainSecret),
}

/// What the requesting device gets.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: ChallengeId,
    /// Of no use to a device that requested a code alone.
    pub device_secret: PlainSecret,
    pub matching_number: String,
    pub expires_at: DateTime<Utc>,
    /// When another request can send another email.
    pub resend_at: DateTime<Utc>,
    /// Older ones that this one replaces.
    pub superseded: Vec<ChallengeId>,
}

impl Asked {
    fn new(device_secret: PlainSecret, moment: &Moment) -> Self {
        Self {
            id: ChallengeId::new(moment),
            device_secret,
            matching_number: format!("{:02}", u16::from_be_bytes(moment.random()) % 100),
            expires_at: moment.now + LIFETIME,
            resend_at: moment.now + limits::MINUTE,
            superseded: Vec::new(),
        }
    }

    fn kept(open: Challenge, device_secret: PlainSecret, resend_at: DateTime<Utc>) -> Self {
        Self {
            id: open.id,
            device_secret,
            matching_number: open.matching_number,
            expires_at: open.expires_at,
            resend_at,
            superseded: Vec::new(),
        }
    }

    /// In how many seconds another request can send another email, rounded up.
    pub(crate) fn resend_after(&self, now: DateTime<Utc>) -> i64 {
        seconds_until(self.resend_at, now)
    }
}

/// Whole seconds, rounded up: after them the time has come.
pub fn seconds_until(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    ((at - now).num_milliseconds().max(0) + 999) / 1000
}

impl Request<'_> {
    fn allowed(&self) -> bool {
        if self.by_code {
            self.account.code_allowed
        } else {
            self.account.link_allowed
        }
    }

    /// A known device keeps its secret, so that it can repeat a request whose answer was lost.
    fn device_secret(&self, known: bool, moment: &Moment) -> PlainSecret {
        match self.device {
            RequestingDevice::Browser(secret) => secret.clone(),
            RequestingDevice::Challenge {
                secret: Some(secret), ..
            } if known => secret.clone(),
            RequestingDevice::New | RequestingDevice::Challenge { .. } => {
                PlainSecret::generate(SecretKind::Device, self.account.id, moment)
            }
        }
    }

    fn kind(&self, to: Option<Holder>) -> MessageKind {
        match to {
            Some(Holder::Member(_)) => MessageKind::StaffLogin,
            _ if self.by_code => MessageKind::LoginCode,
            _ => MessageKind::RequestedLogin,
        }
    }
}

/// Keeps the device's open challenge until another email can be sent to the address; else starts a new one.
pub async fn request(conn: &mut Conn, request: &Request<'_>, moment: &Moment) -> Result<Asked> {
    // One at a time for an address, known or not, so that the limits hold.
    email_lock::acquire(conn, request.account.id, &request.email.key).await?;
    let limits = Limits::of(conn, request, moment.now).await?;
    let own = own(conn, request).await?;
    let person =
        Person::lock_by_email(conn, request.account.id, request.audience, request.email, moment).await?;
    let device_secret = request.device_secret(own.is_some(), moment);
    match own.filter(|own| limits.keep(own, moment.now)) {
        Some(open) => {
            let resend_at = limits.resend_at(open.created_at);
            let kept = Asked::kept(open, device_secret, resend_at);
            note(conn, request, &kept, (person.as_ref(), false), moment).await?;
            Ok(kept)
        }
        None => begin(conn, request, (limits, person.as_ref()), device_secret, moment).await,
    }
}

/// Stores a challenge, queues its email, if the address belongs to a person who may have one, and supersedes older ones. Its
/// link is created when the email is sent.
async fn begin(
    conn: &mut Conn,
    request: &Request<'_>,
    (mut limits, person): (Limits, Option<&Person>),
    device_secret: PlainSecret,
    moment: &Moment,
) -> Result<Asked> {
    let mailed = limits.take(moment.now);
    let suppressed = suppression::among(conn, request.account.id, &[&request.email.key], moment.now).await?;
    let silent = !mailed || !suppressed.is_empty() || !request.allowed();
    let to = person.filter(|person| !silent && !person.revoked());
    let mut asked = Asked {
        resend_at: limits.resend_at(moment.now),
        ..Asked::new(device_secret, moment)
    };
    if mailed {
        asked.superseded = supersede(conn, request, moment.now).await?;
    }
    keep(conn, request, &asked, (to.map(Person::holder), mailed), moment).await?;
    let recipient = to.map(Person::holder);
    let address = to.and_then(Person::email).unwrap_or_default();
    let message = NewMessage {
        about: Some(asked.id.0),
        give_up_at: Some(asked.expires_at),
        ..NewMessage::new(request.kind(recipient), address, recipient)
    };
    Message::queue(conn, request.account.id, &message, Actor::Anonymous, moment).await?;
    note(conn, request, &asked, (person, mailed), moment).await?;
    Ok(asked)
}

/// The newest challenge of the asking device at this address, if it shows that it has one.
async fn own(conn: &mut Conn, request: &Request<'_>) -> Result<Option<Challenge>> {
    let account = request.account.id;
    let secret = match request.device {
        RequestingDevice::New => return Ok(None),
        RequestingDevice::Browser(secret) => secret,
        RequestingDevice::Challenge { id, secret } => {
            let named = Challenge::find(conn, account, id).await?;
            let named = named
                .filter(|named| named.email_key == request.email.key && named.audience == request.audience);
            match (named, secret) {
                (Some(named), Some(secret)) if named.requested_with(secret) => secret,
                (Some(named), None) if named.by_code => return Ok(Some(named)),
                _ => return Ok(None),
            }
        }
    };
    Ok(challenges::table
        .filter(challenges::account_id.eq(account))
        .filter(challenges::email_key.eq(&request.email.key))
        .filter(challenges::audience.eq(request.audience))
        .filter(challenges::device_secret_hash.eq(secret.hash()))
        .order(challenges::created_at.desc())
        .select(Challenge::as_select())
        .first(conn)
        .await
        .optional()?)
}

async fn supersede(conn: &mut Conn, request: &Request<'_>, now: DateTime<Utc>) -> Result<Vec<ChallengeId>> {
    Ok(diesel::update(live_of(request.account.id, now))
        .filter(challenges::email_key.eq(&request.email.key))
        .filter(challenges::audience.eq(request.audience))
        .set(challenges::superseded_at.eq(now))
        .returning(challenges::id)
        .get_results(conn)
        .await?)
}

async fn keep(
    conn: &mut Conn,
    request: &Request<'_>,
    asked: &Asked,
    (to, mailed): (Option<Holder>, bool),
    moment: &Moment,
) -> Result<()> {
    diesel::insert_into(challenges::table)
        .values((
            challenges::account_id.eq(request.account.id),
            challenges::id.eq(asked.id),
            challenges::audience.eq(request.audience),
            challenges::contact_id.eq(to.and_then(Holder::contact)),
            challenges::team_member_id.eq(to.and_then(Holder::member)),
            challenges::email_key.eq(&request.email.key),
            challenges::section.eq(request.section),
            challenges::by_code.eq(request.by_code),
            challenges::device_secret_hash.eq(asked.device_secret.hash()),
            challenges::matching_number.eq(&asked.matching_number),
            challenges::mailed.eq(mailed),
            challenges::created_at.eq(moment.now),
            challenges::expires_at.eq(asked.expires_at),
            challenges::ip.eq(&request.client.ip),
            challenges::user_agent.eq(&request.client.user_agent),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn note(
    conn: &mut Conn,
    request: &Request<'_>,
    asked: &Asked,
    (person, mailed): (Option<&Person>, bool),
    moment: &Moment,
) -> Result<()> {
    let requester = Requester {
        actor: Actor::Anonymous,
        client: request.client.clone(),
    };
    let mut event = NewEvent {
        contact: person.and_then(|person| person.holder().contact()),
        ..NewEvent::new(EventKind::LoginRequested).on(asked.id)
    };
    if !mailed {
        event = event.refused("RATE_LIMITED");
    }
    record(conn, request.account.id, &requester, &[event], moment).await
}
