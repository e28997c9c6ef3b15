//! A grant, and granting and revoking for many contacts at once.

pub(crate) mod list;
mod merge;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Item, Target};
use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::schema::{access_grants, offer_items};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{
    AccountId, BulkJobId, CommunityId, ContactId, CourseId, GrantId, OfferId, WorkflowId,
};
use crate::base::text_enum::text_enum;

text_enum! {
    /// What granted access. More sources will be added.
    #[derive(async_graphql::Enum)]
    GrantSource {
        /// Staff or an API key.
        Direct = "DIRECT",
        /// An import of contacts: `sourceId` is its job.
        Import = "IMPORT",
        /// A workflow: `sourceId` is the workflow.
        Workflow = "WORKFLOW",
    }
}

/// What makes a grant. Grants of different origins stand side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GrantOrigin {
    #[default]
    Direct,
    Import(BulkJobId),
    Workflow(WorkflowId),
}

impl GrantOrigin {
    fn source(self) -> GrantSource {
        match self {
            Self::Direct => GrantSource::Direct,
            Self::Import(_) => GrantSource::Import,
            Self::Workflow(_) => GrantSource::Workflow,
        }
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::Direct => None,
            Self::Import(job) => Some(job.0),
            Self::Workflow(workflow) => Some(workflow.0),
        }
    }
}

text_enum! {
    /// Whether a grant gives access now.
    #[derive(async_graphql::Enum)]
    GrantStatus {
        /// It has not started.
        Scheduled = "SCHEDULED",
        /// It gives access.
        Active = "ACTIVE",
        /// It has ended.
        Ended = "ENDED",
        /// It was revoked.
        Revoked = "REVOKED",
    }
}

impl GrantStatus {
    /// Every status but revoked.
    pub(crate) const KEPT: [Self; 3] = [Self::Scheduled, Self::Active, Self::Ended];
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = access_grants)]
pub(crate) struct AccessGrant {
    pub account_id: AccountId,
    pub id: GrantId,
    pub contact_id: ContactId,
    course_id: Option<CourseId>,
    community_id: Option<CommunityId>,
    offer_id: Option<OfferId>,
    pub source: GrantSource,
    source_id: Option<Uuid>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub granted_by: String,
    pub created_at: DateTime<Utc>,
}

/// What contacts get.
#[derive(Clone, Debug)]
pub(crate) struct NewGrants {
    /// The targets, each with its end.
    pub targets: Vec<(Target, Option<DateTime<Utc>>)>,
    pub starts_at: DateTime<Utc>,
    pub origin: GrantOrigin,
    /// Whether a live grant gets exactly these dates. Otherwise it starts at the earlier time and ends at the later.
    pub exact: bool,
}

/// A grant that was made or changed.
#[derive(Clone, Debug, QueryableByName, Queryable, Selectable)]
#[diesel(table_name = access_grants)]
pub(crate) struct ChangedGrant {
    pub contact_id: ContactId,
    course_id: Option<CourseId>,
    community_id: Option<CommunityId>,
    offer_id: Option<OfferId>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
}

impl ChangedGrant {
    pub(crate) fn target(&self) -> Option<Target> {
        Target::of_columns(self.course_id, self.community_id, self.offer_id)
    }
}

impl AccessGrant {
    pub(crate) fn target(&self) -> Option<Target> {
        Target::of_columns(self.course_id, self.community_id, self.offer_id)
    }

    pub(crate) fn origin(&self) -> GrantOrigin {
        match (self.source, self.source_id) {
            (GrantSource::Import, Some(job)) => GrantOrigin::Import(BulkJobId(job)),
            (GrantSource::Workflow, Some(workflow)) => GrantOrigin::Workflow(WorkflowId(workflow)),
            (GrantSource::Direct | GrantSource::Import | GrantSource::Workflow, _) => GrantOrigin::Direct,
        }
    }

    /// `opens_at`: when the contents of its offer open, if it grants one.
    pub(crate) fn status(&self, opens_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> GrantStatus {
        if self.revoked_at.is_some() {
            GrantStatus::Revoked
        } else if self.ends_at.is_some_and(|ends| ends <= now) {
            GrantStatus::Ended
        } else if self.starts_at > now || opens_at.is_some_and(|opens| opens > now) {
            GrantStatus::Scheduled
        } else {
            GrantStatus::Active
        }
    }

    pub(crate) async fn find_many(conn: &mut Conn, account: AccountId, ids: &[GrantId]) -> Result<Vec<Self>> {
        Ok(access_grants::table
            .filter(access_grants::account_id.eq(account))
            .filter(access_grants::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// The newest grant of a course or community, or of an offer that holds it, whatever its status.
    pub(crate) async fn newest_of_item(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        item: Item,
    ) -> Result<Option<Self>> {
        let offers = offer_items::table
            .filter(
                offer_items::account_id
                    .eq(account)
                    .and(offer_items::item_id.eq(item.id())),
            )
            .select(offer_items::offer_id);
        Ok(access_grants::table
            .filter(
                access_grants::account_id
                    .eq(account)
                    .and(access_grants::contact_id.eq(contact)),
            )
            .filter(
                access_grants::target_id
                    .eq(item.id())
                    .or(access_grants::target_id.eq_any(offers)),
            )
            .order(access_grants::id.desc())
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Grants the targets to contacts, whose rows are locked: one statement for any number. Returns the grants that give more or
    /// something else than before.
    pub(crate) async fn grant(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        new: &NewGrants,
        granted_by: Actor,
        moment: &Moment,
    ) -> Result<Vec<ChangedGrant>> {
        let pairs: Vec<(ContactId, Target, Option<DateTime<Utc>>)> = contacts
            .iter()
            .flat_map(|contact| {
                new.targets
                    .iter()
                    .map(|(target, ends)| (*contact, *target, *ends))
            })
            .collect();
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let targets = || pairs.iter().map(|(_, target, _)| target);
        Ok(sql::statement(
            "insert into access_grants as g (account_id, id, contact_id, course_id, community_id, offer_id, source, source_id, \
                starts_at, ends_at, granted_by, created_at) \
             select ?, n.id, n.contact_id, n.course_id, n.community_id, n.offer_id, ?, ?, ?, n.ends_at, ?, ? \
             from unnest(?, ?, ?, ?, ?, ?) as n (id, contact_id, course_id, community_id, offer_id, ends_at) \
             on conflict (account_id, contact_id, target_id, source, source_id) where revoked_at is null do update set \
                starts_at = case when ? or g.ends_at <= excluded.created_at then excluded.starts_at \
                    else least(g.starts_at, excluded.starts_at) end, \
                ends_at = case when ? or g.ends_at <= excluded.created_at then excluded.ends_at \
                    when g.ends_at is null or excluded.ends_at is null then null \
                    else greatest(g.ends_at, excluded.ends_at) end, \
                granted_by = excluded.granted_by \
             where case when ? then (g.starts_at, g.ends_at) is distinct from (excluded.starts_at, excluded.ends_at) \
                else g.ends_at <= excluded.created_at or excluded.starts_at < g.starts_at \
                    or coalesce(excluded.ends_at, 'infinity') > coalesce(g.ends_at, 'infinity') end \
             returning contact_id, course_id, community_id, offer_id, starts_at, ends_at",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(new.origin.source())
        .bind::<Nullable<SqlUuid>, _>(new.origin.id())
        .bind::<Timestamptz, _>(new.starts_at)
        .bind::<Text, _>(granted_by.to_string())
        .bind::<Timestamptz, _>(moment.now)
        .bind::<Array<SqlUuid>, _>(pairs.iter().map(|_| GrantId::new(moment)).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(pairs.iter().map(|(contact, ..)| *contact).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(targets().map(|target| target.course()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(targets().map(|target| target.community()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(targets().map(|target| target.offer()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(pairs.iter().map(|(.., ends)| *ends).collect::<Vec<_>>())
        .bind::<Bool, _>(new.exact)
        .bind::<Bool, _>(new.exact)
        .bind::<Bool, _>(new.exact)
        .load(conn)
        .await?)
    }

    /// Revokes all live grants of the targets, whatever their source, for contacts whose rows are locked.
    pub(crate) async fn revoke_targets(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
        targets: &[Target],
        now: DateTime<Utc>,
    ) -> Result<Vec<ChangedGrant>> {
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let targets: Vec<Uuid> = targets.iter().map(|target| target.id()).collect();
        Ok(diesel::update(access_grants::table)
            .filter(access_grants::account_id.eq(account))
            .filter(access_grants::contact_id.eq_any(contacts))
            .filter(access_grants::target_id.eq_any(targets))
            .filter(access_grants::revoked_at.is_null())
            .set(access_grants::revoked_at.eq(now))
            .returning(ChangedGrant::as_returning())
            .get_results(conn)
            .await?)
    }

    /// Revokes this grant of a contact whose row is locked.
    pub(crate) async fn revoke(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<Self> {
        Ok(
            diesel::update(access_grants::table.find((self.account_id, self.id)))
                .set(access_grants::revoked_at.eq(now))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }
}
