//! A sign-in that somebody asked for by typing an address. Known and unknown addresses leave the same trace.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::audit::{EventKind, NewEvent, record};
use super::contact::Contact;
use super::magic_link::{LinkOrigin, LinkPlan, MagicLink, Purpose};
use super::message::{Message, MessageKind, Sending};
use super::section::PortalSection;
use super::session::Audience;
use super::suppression;
use crate::address::EmailAddress;
use crate::auth::viewer::{Acting, Actor, Client};
use crate::clock::Moment;
use crate::db::schema::challenges;
use crate::db::{Conn, text};
use crate::error::Result;
use crate::ids::{AccountId, ChallengeId, ContactId, MagicLinkId, StaffLinkId, TeamMemberId};
use crate::secrets::{PlainSecret, SecretKind};

/// How long a mailed link or code may sign in (OWASP ASVS 5.0, 6.5.5).
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Mails to one address: one a minute, five an hour. Beyond it the answer is the same and nothing is sent.
const PER_HOUR: i64 = 5;

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Challenge {
    pub account_id: AccountId,
    pub id: ChallengeId,
    pub audience: Audience,
    pub contact_id: Option<ContactId>,
    pub team_member_id: Option<TeamMemberId>,
    pub email_key: String,
    pub section: PortalSection,
    pub magic_link_id: Option<MagicLinkId>,
    pub staff_link_id: Option<StaffLinkId>,
    pub matching_number: String,
    /// It was asked for as a code alone, without a link.
    pub by_code: bool,
    pub try_count: i16,
    /// A mail was promised, or would have been if the address were somebody's.
    pub mailed: bool,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub superseded_at: Option<DateTime<Utc>>,
    /// The link was pressed.
    pub opened_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub confirmed_by: Option<Uuid>,
    pub completed_at: Option<DateTime<Utc>>,
    /// Somebody said that it was not them, or its address changed.
    pub ended_at: Option<DateTime<Utc>>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Challenge {
    pub async fn find(conn: &mut Conn, account: AccountId, id: ChallengeId) -> Result<Option<Self>> {
        Ok(challenges::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Whether its secrets may still sign somebody in.
    pub fn live(&self, now: DateTime<Utc>) -> bool {
        let over = self.superseded_at.or(self.completed_at).or(self.ended_at);
        over.is_none() && self.expires_at > now
    }
}

/// What the asking device gets.
#[derive(Clone, Debug)]
pub struct Asked {
    pub id: ChallengeId,
    pub device_secret: PlainSecret,
    pub matching_number: String,
    pub expires_at: DateTime<Utc>,
}

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub section: PortalSection,
    pub client: &'a Client,
}

/// Keeps the challenge and promises the mail, if the address is a contact's that may have one.
pub async fn request(conn: &mut Conn, request: &Request<'_>, moment: &Moment) -> Result<Asked> {
    // One at a time for an address, known or not, so that the limits hold.
    lock_address(conn, request).await?;
    let within_limits = within_limits(conn, request, moment.now).await?;
    let found = Contact::by_email(conn, request.account, request.email).await?;
    let id = found.map_or_else(|| ContactId::new(moment), |contact| contact.id);
    let contact = Contact::lock(conn, request.account, id).await?;
    let suppressed = !suppression::among(conn, request.account, &[&request.email.key], moment.now)
        .await?
        .is_empty();
    let reachable = contact.filter(|contact| {
        contact.revoked_at.is_none() && !suppressed && request.audience == Audience::Portal
    });
    let link = match (&reachable, within_limits) {
        (Some(contact), true) => Some(promise(conn, request, contact, moment).await?),
        (None, true) => {
            pretend(conn, request, moment).await?;
            None
        }
        (_, false) => None,
    };
    keep(conn, request, reachable.as_ref(), link, within_limits, moment).await
}

async fn lock_address(conn: &mut Conn, request: &Request<'_>) -> Result<()> {
    use diesel::sql_types::Text;
    text::statement("select pg_advisory_xact_lock(hashtextextended(?, 0))")
        .bind::<Text, _>(format!("{}/{}", request.account, request.email.key))
        .execute(conn)
        .await?;
    Ok(())
}

async fn within_limits(conn: &mut Conn, request: &Request<'_>, now: DateTime<Utc>) -> Result<bool> {
    let mailed = challenges::table
        .filter(
            challenges::account_id
                .eq(request.account)
                .and(challenges::email_key.eq(&request.email.key)),
        )
        .filter(challenges::mailed.eq(true))
        // What was truly mailed counts for every audience; the rest, which only seems so, for its own.
        .filter(
            challenges::audience
                .eq(request.audience)
                .or(challenges::magic_link_id.is_not_null()),
        );
    let hour: i64 = mailed
        .filter(challenges::created_at.gt(now - TimeDelta::hours(1)))
        .select(count_star())
        .first(conn)
        .await?;
    let minute: i64 = mailed
        .filter(challenges::created_at.gt(now - TimeDelta::minutes(1)))
        .select(count_star())
        .first(conn)
        .await?;
    Ok(hour < PER_HOUR && minute == 0)
}

async fn promise(
    conn: &mut Conn,
    request: &Request<'_>,
    contact: &Contact,
    moment: &Moment,
) -> Result<MagicLinkId> {
    let acting = Acting {
        actor: Actor::Anonymous,
        client: request.client.clone(),
    };
    let plan = LinkPlan {
        email_key: contact.email_key.clone(),
        lifetime: LIFETIME,
        ..LinkPlan::new(contact.id, Purpose::Requested, request.section)
    };
    let links = MagicLink::create_many(conn, request.account, &acting, &[plan], moment).await?;
    let email = contact.email.as_deref().unwrap_or_default();
    let sendings: Vec<Sending<'_>> = links
        .iter()
        .map(|link| Sending {
            link: Some(link),
            give_up_at: Some(link.expires_at),
            ..Sending::to(contact.id, email, MessageKind::RequestedLogin)
        })
        .collect();
    Message::queue(conn, request.account, &acting, &sendings, moment).await?;
    let event = NewEvent::to(EventKind::LoginRequested, contact.id).on(links[0].id);
    record(conn, request.account, &acting, &[event], moment).await?;
    Ok(links[0].id)
}

/// The statements of a promise, to nobody: what an unknown address lacks in a link and an event, it has in decoys, so
/// that the time of the answer tells nothing either.
async fn pretend(conn: &mut Conn, request: &Request<'_>, moment: &Moment) -> Result<()> {
    let nobody = [ContactId::new(moment)];
    let (purpose, origin) = (Purpose::Requested, LinkOrigin::Contact);
    MagicLink::supersede(conn, request.account, &nobody, purpose, origin, moment.now).await?;
    for _link_message_and_event in 0..3 {
        Message::queue_decoy(conn, request.account, moment).await?;
    }
    Ok(())
}

async fn keep(
    conn: &mut Conn,
    request: &Request<'_>,
    contact: Option<&Contact>,
    link: Option<MagicLinkId>,
    mailed: bool,
    moment: &Moment,
) -> Result<Asked> {
    let asked = Asked {
        id: ChallengeId::new(moment),
        device_secret: PlainSecret::generate(SecretKind::Device, request.account, moment),
        matching_number: format!("{:02}", u16::from_be_bytes(moment.random()) % 100),
        expires_at: moment.now + LIFETIME,
    };
    diesel::insert_into(challenges::table)
        .values((
            challenges::account_id.eq(request.account),
            challenges::id.eq(asked.id),
            challenges::audience.eq(request.audience),
            challenges::contact_id.eq(contact.map(|contact| contact.id)),
            challenges::email_key.eq(&request.email.key),
            challenges::section.eq(request.section),
            challenges::magic_link_id.eq(link),
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
    Ok(asked)
}
