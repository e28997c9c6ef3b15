//! A one-time URL that signs one contact in. Here: making, superseding, revoking. Redeeming is in `redeem.rs`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::page::{Page, PageRequest, page_newest_first};
use super::pairs::paired;
use super::section::PortalSection;
use crate::auth::viewer::{Acting, Actor};
use crate::clock::Moment;
use crate::db::schema::magic_links;
use crate::db::{Conn, Wire, text};
use crate::error::Result;
use crate::ids::{AccountId, ContactId, InvitationId, MagicLinkId, SessionId};
use crate::secrets::{PlainSecret, SecretKind};
use crate::text_enum;

/// How often a link may be redeemed: the second time only where nobody used the session of the first.
pub const MOST_REDEEMS: i16 = 2;

text_enum! {
    /// What a link is for; with its origin it says which older links a new one supersedes.
    Purpose {
        Invitation = "INVITATION",
        LoginEmail = "LOGIN_EMAIL",
        Requested = "REQUESTED",
        Generated = "GENERATED",
        Message = "MESSAGE",
    }
}

text_enum! {
    /// Who had the link made.
    LinkOrigin {
        Contact = "CONTACT",
        Staff = "STAFF",
        ApiKey = "API_KEY",
        Workflow = "WORKFLOW",
        System = "SYSTEM",
    }
}

text_enum! {
    /// Where a link stands.
    MagicLinkStatus {
        Live = "LIVE",
        Used = "USED",
        Expired = "EXPIRED",
        Superseded = "SUPERSEDED",
        Revoked = "REVOKED",
    }
}

impl Purpose {
    /// How long a link lives where nobody says otherwise (`product.md`, Magic links; OWASP ASVS 5.0, 6.5.5 and 6.4.1).
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(7),
            Self::LoginEmail | Self::Message => TimeDelta::hours(24),
            Self::Requested => TimeDelta::minutes(10),
            Self::Generated => TimeDelta::minutes(15),
        }
    }
}

impl LinkOrigin {
    fn of(actor: Actor, purpose: Purpose) -> Self {
        match actor {
            _ if purpose == Purpose::Requested => Self::Contact,
            Actor::Member(_) => Self::Staff,
            Actor::Key(_) => Self::ApiKey,
            Actor::Contact(_) | Actor::Anonymous => Self::Contact,
            Actor::System => Self::System,
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = magic_links)]
pub struct MagicLink {
    pub account_id: AccountId,
    pub id: MagicLinkId,
    pub contact_id: ContactId,
    pub purpose: Purpose,
    pub origin: LinkOrigin,
    pub section: PortalSection,
    pub resource_id: Option<String>,
    pub limit_to_section: bool,
    pub staff_seen: bool,
    pub email_key: Option<String>,
    pub invitation_id: Option<InvitationId>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub lifetime_seconds: i32,
    pub expires_at: DateTime<Utc>,
    pub redeem_count: i16,
    pub used_at: Option<DateTime<Utc>>,
    pub session_id: Option<SessionId>,
    pub browser_hash: Option<Vec<u8>>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A link to make.
#[derive(Clone, Debug)]
pub struct LinkPlan {
    pub contact: ContactId,
    pub purpose: Purpose,
    pub section: PortalSection,
    pub resource_id: Option<String>,
    pub limit_to_section: bool,
    pub staff_seen: bool,
    /// The address it is mailed to, if it is.
    pub email_key: Option<String>,
    pub invitation: Option<InvitationId>,
    pub lifetime: TimeDelta,
    /// Where it does not follow from the lifetime.
    pub expires_at: Option<DateTime<Utc>>,
}

impl LinkPlan {
    pub fn new(contact: ContactId, purpose: Purpose, section: PortalSection) -> Self {
        Self {
            contact,
            purpose,
            section,
            resource_id: None,
            limit_to_section: false,
            staff_seen: false,
            email_key: None,
            invitation: None,
            lifetime: purpose.lifetime(),
            expires_at: None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = magic_links)]
struct NewRow<'a> {
    account_id: AccountId,
    id: MagicLinkId,
    contact_id: ContactId,
    purpose: Purpose,
    origin: LinkOrigin,
    section: PortalSection,
    resource_id: Option<&'a str>,
    limit_to_section: bool,
    staff_seen: bool,
    email_key: Option<&'a str>,
    invitation_id: Option<InvitationId>,
    created_by: &'a str,
    created_at: DateTime<Utc>,
    lifetime_seconds: i32,
    expires_at: DateTime<Utc>,
}

/// One text for any number of rows, with a list a column; a list of rows would be parsed anew for each length.
async fn insert(conn: &mut Conn, rows: &[NewRow<'_>]) -> Result<Vec<MagicLink>> {
    if let [row] = rows {
        let query = diesel::insert_into(magic_links::table).values(row);
        return Ok(query
            .returning(MagicLink::as_returning())
            .get_results(conn)
            .await?);
    }
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let query = text::statement(
        "insert into magic_links (account_id, purpose, origin, created_by, created_at, id, contact_id, section, resource_id, \
             limit_to_section, staff_seen, email_key, invitation_id, lifetime_seconds, expires_at) \
         select ?, ?, ?, ?, ?, l.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as l returning *",
    )
    .bind::<SqlUuid, _>(first.account_id)
    .bind::<Text, _>(first.purpose)
    .bind::<Text, _>(first.origin)
    .bind::<Text, _>(first.created_by)
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.contact_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.section).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.resource_id).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(rows.iter().map(|row| row.limit_to_section).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(rows.iter().map(|row| row.staff_seen).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.email_key).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.invitation_id).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(rows.iter().map(|row| row.lifetime_seconds).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.expires_at).collect::<Vec<_>>());
    Ok(query.load(conn).await?)
}

impl MagicLink {
    pub fn status(&self, now: DateTime<Utc>) -> MagicLinkStatus {
        if self.used_at.is_some() {
            MagicLinkStatus::Used
        } else if self.revoked_at.is_some() {
            MagicLinkStatus::Revoked
        } else if self.superseded_at.is_some() {
            MagicLinkStatus::Superseded
        } else if self.expires_at <= now {
            MagicLinkStatus::Expired
        } else {
            MagicLinkStatus::Live
        }
    }

    /// Makes links for contacts whose rows are locked, in the order of the requests: each supersedes the older ones of the
    /// same contact, purpose and origin. All plans of one call share their purpose.
    pub async fn create_many(
        conn: &mut Conn,
        account: AccountId,
        acting: &Acting,
        plans: &[LinkPlan],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let Some(purpose) = plans.first().map(|plan| plan.purpose) else {
            return Ok(Vec::new());
        };
        let origin = LinkOrigin::of(acting.actor, purpose);
        let contacts: Vec<ContactId> = plans.iter().map(|plan| plan.contact).collect();
        Self::supersede(conn, account, &contacts, purpose, origin, moment.now).await?;
        let created_by = acting.actor.to_string();
        let rows: Vec<NewRow<'_>> = plans
            .iter()
            .map(|plan| NewRow {
                account_id: account,
                id: MagicLinkId::new(moment),
                contact_id: plan.contact,
                purpose,
                origin,
                section: plan.section,
                resource_id: plan.resource_id.as_deref(),
                limit_to_section: plan.limit_to_section,
                staff_seen: plan.staff_seen,
                email_key: plan.email_key.as_deref(),
                invitation_id: plan.invitation,
                created_by: &created_by,
                created_at: moment.now,
                lifetime_seconds: i32::try_from(plan.lifetime.num_seconds()).unwrap_or(i32::MAX),
                expires_at: plan.expires_at.unwrap_or(moment.now + plan.lifetime),
            })
            .collect();
        insert(conn, &rows).await
    }

    /// The older links of these contacts give way to a newer one of the same purpose and origin.
    pub async fn supersede(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        purpose: Purpose,
        origin: LinkOrigin,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::contact_id.eq_any(contacts))
            .filter(
                magic_links::purpose
                    .eq(purpose)
                    .and(magic_links::origin.eq(origin)),
            )
            .set(magic_links::superseded_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// A new secret for each link: every secret ever made redeems its link. The plain ones go to their readers and nowhere else.
    pub async fn mint(conn: &mut Conn, links: &[&Self], moment: &Moment) -> Result<Vec<PlainSecret>> {
        let secrets: Vec<PlainSecret> = links
            .iter()
            .map(|link| PlainSecret::generate(SecretKind::MagicLink, link.account_id, moment))
            .collect();
        // One text for any number of rows; a list of values would be parsed anew for each.
        text::statement(
            "insert into magic_link_secrets (account_id, secret_hash, magic_link_id, created_at) \
             select s.account_id, s.secret_hash, s.link_id, ? \
             from unnest(?, ?, ?) as s (account_id, secret_hash, link_id)",
        )
        .bind::<Timestamptz, _>(moment.now)
        .bind::<Array<SqlUuid>, _>(links.iter().map(|link| link.account_id).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(secrets.iter().map(PlainSecret::hash).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(links.iter().map(|link| link.id).collect::<Vec<_>>())
        .execute(conn)
        .await?;
        Ok(secrets)
    }

    /// Whether its life begins when it is mailed, and not when it is asked for.
    pub fn lives_from_mailing(&self) -> bool {
        matches!(self.purpose, Purpose::LoginEmail | Purpose::Message)
    }

    /// The life of a link that waits in a queue begins when it is mailed.
    pub async fn start_life(conn: &mut Conn, links: &[&Self], now: DateTime<Utc>) -> Result<()> {
        let mut by_lifetime: BTreeMap<i32, Vec<&Self>> = BTreeMap::new();
        for link in links.iter().filter(|link| link.lives_from_mailing()) {
            by_lifetime.entry(link.lifetime_seconds).or_default().push(link);
        }
        for (seconds, links) in by_lifetime {
            let keys = links.iter().map(|link| (link.account_id, link.id));
            diesel::update(magic_links::table)
                .filter(paired!(keys))
                .set(magic_links::expires_at.eq(now + TimeDelta::seconds(seconds.into())))
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    pub async fn revoke(
        conn: &mut Conn,
        account: AccountId,
        id: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        Ok(diesel::update(redeemable_of(account, now))
            .filter(magic_links::id.eq(id))
            .set(magic_links::revoked_at.eq(now))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?)
    }

    /// A newer link takes the place of this one, whatever their origins.
    pub async fn replace(
        conn: &mut Conn,
        account: AccountId,
        id: MagicLinkId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::id.eq(id))
            .set(magic_links::superseded_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Every link of the contact that could still sign in: its address changed, or its access ended.
    pub async fn revoke_of_contact(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(redeemable_of(account, now))
            .filter(magic_links::contact_id.eq(contact))
            .set(magic_links::revoked_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The live links of the contact's invitation.
    pub async fn revoke_of_invitation(
        conn: &mut impl Wire,
        account: AccountId,
        contact: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(live_of(account))
            .filter(
                magic_links::contact_id
                    .eq(contact)
                    .and(magic_links::purpose.eq(Purpose::Invitation)),
            )
            .set(magic_links::revoked_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: MagicLinkId) -> Result<Option<Self>> {
        Ok(magic_links::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub async fn find_many(conn: &mut Conn, account: AccountId, ids: &[MagicLinkId]) -> Result<Vec<Self>> {
        Ok(magic_links::table
            .filter(magic_links::account_id.eq(account))
            .filter(magic_links::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Newest first.
    pub async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &LinkFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, magic_links::id, MagicLinkId)
    }

    pub async fn count(conn: &mut Conn, account: AccountId, of: &LinkFilter) -> Result<i64> {
        Ok(of.query(account).count().get_result(conn).await?)
    }
}

/// The live ones, and those that a press spent but that may be redeemed once more: a scanner may have pressed them.
#[diesel::dsl::auto_type(no_type_alias)]
fn redeemable_of(account: AccountId, now: DateTime<Utc>) -> _ {
    let most: i16 = MOST_REDEEMS;
    let once_more = magic_links::redeem_count
        .lt(most)
        .and(magic_links::expires_at.gt(now));
    magic_links::table
        .filter(magic_links::account_id.eq(account))
        .filter(magic_links::used_at.is_null().or(once_more))
        .filter(magic_links::superseded_at.is_null())
        .filter(magic_links::revoked_at.is_null())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_of(account: AccountId) -> _ {
    magic_links::table
        .filter(magic_links::account_id.eq(account))
        .filter(magic_links::used_at.is_null())
        .filter(magic_links::superseded_at.is_null())
        .filter(magic_links::revoked_at.is_null())
}

/// Which links to list, as things stand at `now`.
#[derive(Clone, Debug)]
pub struct LinkFilter {
    pub contact: Option<ContactId>,
    pub status: Option<MagicLinkStatus>,
    pub now: DateTime<Utc>,
}

impl LinkFilter {
    fn query<'a>(&self, account: AccountId) -> magic_links::BoxedQuery<'a, diesel::pg::Pg> {
        use magic_links::{account_id, contact_id, expires_at, revoked_at, superseded_at, used_at};
        let mut query = magic_links::table.into_boxed().filter(account_id.eq(account));
        if let Some(contact) = self.contact {
            query = query.filter(contact_id.eq(contact));
        }
        let unused = used_at.is_null();
        let unrevoked = unused.and(revoked_at.is_null());
        let standing = unrevoked.and(superseded_at.is_null());
        match self.status {
            None => query,
            Some(MagicLinkStatus::Used) => query.filter(used_at.is_not_null()),
            Some(MagicLinkStatus::Revoked) => query.filter(unused.and(revoked_at.is_not_null())),
            Some(MagicLinkStatus::Superseded) => query.filter(unrevoked.and(superseded_at.is_not_null())),
            Some(MagicLinkStatus::Expired) => query.filter(standing.and(expires_at.le(self.now))),
            Some(MagicLinkStatus::Live) => query.filter(standing.and(expires_at.gt(self.now))),
        }
    }
}
