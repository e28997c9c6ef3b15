//! Asking for a sign-in: the same statements for a known address and an unknown one, within the limits and beyond them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::live_of;
use crate::address::EmailAddress;
use crate::auth::viewer::{Acting, Actor, Client};
use crate::clock::Moment;
use crate::db::Conn;
use crate::db::schema::challenges;
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId};
use crate::models::account::Account;
use crate::models::address_turn;
use crate::models::audit::{EventKind, NewEvent, record};
use crate::models::message::MessageKind;
use crate::models::message::notice::{Notice, promise};
use crate::models::person::Person;
use crate::models::section::PortalSection;
use crate::models::session::{Audience, Holder};
use crate::models::suppression;
use crate::secrets::{PlainSecret, SecretKind};

/// How long a mailed link or code may sign in (OWASP ASVS 5.0, 6.5.5).
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Mails to one address: one a minute, five an hour. Beyond it the answer is the same and nothing is sent.
const PER_HOUR: usize = 5;

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub section: PortalSection,
    /// A code alone, without a link.
    pub by_code: bool,
    pub client: &'a Client,
}

/// What the asking device gets.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: ChallengeId,
    pub device_secret: PlainSecret,
    pub matching_number: String,
    pub expires_at: DateTime<Utc>,
    /// Older ones that this one takes the place of.
    pub superseded: Vec<ChallengeId>,
}

impl Asked {
    fn new(account: AccountId, moment: &Moment) -> Self {
        Self {
            id: ChallengeId::new(moment),
            device_secret: PlainSecret::generate(SecretKind::Device, account, moment),
            matching_number: format!("{:02}", u16::from_be_bytes(moment.random()) % 100),
            expires_at: moment.now + LIFETIME,
            superseded: Vec::new(),
        }
    }

    /// What somebody gets who asks at an account that there is not: it looks the same, and leads nowhere.
    pub fn of_nobody(moment: &Moment) -> Self {
        Self::new(AccountId::new(moment), moment)
    }
}

impl Request<'_> {
    fn allowed(&self) -> bool {
        if self.by_code {
            self.account.code_allowed
        } else {
            self.account.link_allowed
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

/// Keeps the challenge, promises its mail, if the address is somebody's who may have one, and supersedes older ones. Its
/// link is made when the mail is sent.
pub async fn request(conn: &mut Conn, request: &Request<'_>, moment: &Moment) -> Result<Asked> {
    // One at a time for an address, known or not, so that the limits hold.
    address_turn::wait(conn, request.account.id, &request.email.key).await?;
    let mailed = within_limits(conn, request, moment.now).await?;
    let person =
        Person::lock_by_email(conn, request.account.id, request.audience, request.email, moment).await?;
    let suppressed = suppression::among(conn, request.account.id, &[&request.email.key], moment.now).await?;
    let silent = !mailed || !suppressed.is_empty() || !request.allowed();
    let to = person.as_ref().filter(|person| !silent && !person.revoked());
    let mut asked = Asked::new(request.account.id, moment);
    if mailed {
        asked.superseded = supersede(conn, request, moment.now).await?;
    }
    keep(conn, request, &asked, (to.map(Person::holder), mailed), moment).await?;
    let notice = Notice {
        kind: request.kind(to.map(Person::holder)),
        address: to.and_then(Person::email).unwrap_or_default(),
        to: to.map(Person::holder),
        about: Some(asked.id.0),
        give_up_at: Some(asked.expires_at),
        requested_by: Actor::Anonymous,
    };
    promise(conn, request.account.id, &notice, moment).await?;
    note(conn, request, &asked, (person.as_ref(), mailed), moment).await?;
    Ok(asked)
}

/// Links and codes together, what a contact asks for apart from what a team member does.
async fn within_limits(conn: &mut Conn, request: &Request<'_>, now: DateTime<Utc>) -> Result<bool> {
    let latest: Vec<DateTime<Utc>> = challenges::table
        .filter(challenges::account_id.eq(request.account.id))
        .filter(challenges::email_key.eq(&request.email.key))
        .filter(challenges::audience.eq(request.audience))
        .filter(challenges::mailed.eq(true))
        .filter(challenges::created_at.gt(now - TimeDelta::hours(1)))
        .order(challenges::created_at.desc())
        .limit(PER_HOUR as i64)
        .select(challenges::created_at)
        .load(conn)
        .await?;
    let resting = latest
        .iter()
        .max()
        .is_some_and(|at| *at > now - TimeDelta::minutes(1));
    Ok(latest.len() < PER_HOUR && !resting)
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
    let acting = Acting {
        actor: Actor::Anonymous,
        client: request.client.clone(),
    };
    let mut event = NewEvent {
        contact: person.and_then(|person| person.holder().contact()),
        ..NewEvent::of(EventKind::LoginRequested).on(asked.id)
    };
    if !mailed {
        event = event.refused("RATE_LIMITED");
    }
    record(conn, request.account.id, &acting, &[event], moment).await
}
