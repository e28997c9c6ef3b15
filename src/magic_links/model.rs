//! A one-time URL that signs one contact in. Here: making, superseding, revoking. Redeeming is in `redeem.rs`.

pub(crate) mod login_email;
mod making;
mod owned;
pub mod redeem;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

pub(crate) use making::LinkPlan;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Actor;
use crate::base::db::schema::magic_links;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId, SessionId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::text_enum::text_enum;

/// How often a link may be redeemed: the second time only if the session of the first was not used.
pub(crate) const MOST_REDEEMS: i16 = 2;

text_enum! {
    /// What a magic link is for.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "MagicLinkPurpose")]
    Purpose {
        /// An invitation's.
        Invitation = "INVITATION",
        /// A login email's that staff or a server sent.
        LoginEmail = "LOGIN_EMAIL",
        /// Requested by the contact.
        Requested = "REQUESTED",
        /// Created by staff or a server to hand over.
        Generated = "GENERATED",
        /// Written into a message from a template or workflow.
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
    /// The status of a magic link.
    #[derive(async_graphql::Enum)]
    MagicLinkStatus {
        /// It can be used.
        Live = "LIVE",
        /// It was used to sign in.
        Used = "USED",
        /// It has expired.
        Expired = "EXPIRED",
        /// It was replaced by a newer link.
        Superseded = "SUPERSEDED",
        /// It was revoked before it was used.
        Revoked = "REVOKED",
    }
}

impl Purpose {
    /// How long a link is valid by default (`product.md`, Magic links; OWASP ASVS 5.0, 6.5.5 and 6.4.1).
    pub(crate) fn lifetime(self) -> TimeDelta {
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

impl MagicLink {
    pub(crate) fn status(&self, now: DateTime<Utc>) -> MagicLinkStatus {
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

    /// The older links of these contacts give way to a newer one of the same purpose and origin.
    pub(crate) async fn supersede(
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

    pub(crate) async fn revoke(
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
    pub(crate) async fn replace(
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
    pub(crate) async fn revoke_of_contact(
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
    pub(crate) async fn revoke_of_invitation(
        conn: &mut impl AnyConn,
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

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: MagicLinkId) -> Result<Option<Self>> {
        Ok(magic_links::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MagicLinkId],
    ) -> Result<Vec<Self>> {
        Ok(magic_links::table
            .filter(magic_links::account_id.eq(account))
            .filter(magic_links::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        of: &LinkFilter,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = of.query(account).select(Self::as_select());
        page_newest_first!(conn, query, page, magic_links::id, MagicLinkId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId, of: &LinkFilter) -> Result<i64> {
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
pub(crate) struct LinkFilter {
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
