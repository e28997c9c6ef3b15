//! One change for many contacts, done in chunks, with progress and an outcome for each contact.
//!
//! A chunk is one transaction that locks the job's row: if the process crashes, the unfinished chunk has no effect, so no
//! contact is emailed twice.

mod action;
pub mod item;
mod run;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

pub use action::JobAction;
pub(crate) use run::Progress;

use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::bulk_jobs;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, BulkJobId, lowest_uuid_at};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::base::text_enum::text_enum;
use crate::bulk_jobs::model::item::BulkItem;
use crate::contacts::model::bulk_change::BulkChange;
use crate::contacts::model::list::Filter;
use crate::invitations::model::InvitationFilter;
use crate::mailings::model::audience::Audience;

text_enum! {
    /// What a bulk job does.
    #[derive(async_graphql::Enum)]
    BulkJobKind {
        /// Invites contacts.
        Invite = "INVITE",
        /// Sends login emails.
        LoginEmail = "LOGIN_EMAIL",
        /// Sends invitations again.
        ResendInvitations = "RESEND_INVITATIONS",
        /// Cancels invitations.
        CancelInvitations = "CANCEL_INVITATIONS",
        /// Imports contacts from a CSV file.
        Import = "IMPORT",
        /// Revokes or restores the access of contacts.
        Access = "ACCESS",
        /// Grants and revokes what contacts may open.
        Grant = "GRANT",
        /// Adds and removes tags of contacts.
        Tag = "TAG",
        /// Sends a message.
        Message = "MESSAGE",
    }
}

text_enum! {
    /// The status of a bulk job.
    #[derive(async_graphql::Enum)]
    BulkJobStatus {
        /// Waiting for its turn.
        Queued = "QUEUED",
        /// Running.
        Running = "RUNNING",
        /// Paused until it is resumed.
        Paused = "PAUSED",
        /// Done; its items hold the outcome of each.
        Succeeded = "SUCCEEDED",
        /// Failed after several attempts.
        Failed = "FAILED",
        /// Cancelled by staff; what it had done stays done.
        Cancelled = "CANCELLED",
    }
}

/// As in the index `bulk_jobs_unfinished`, which a parameter would not match.
const UNFINISHED: &str = "status in ('QUEUED', 'RUNNING', 'PAUSED')";

impl BulkJobStatus {
    pub fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// What to do, as stored with the job.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Selects the recipients; none if the job's items name them.
    pub filter: Option<Filter>,
    pub section: String,
    pub note: Option<String>,
    /// An import that also invites.
    #[serde(default)]
    pub invite: bool,
    /// Selects the invitations that a job resends or cancels; none if its items name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitations: Option<InvitationFilter>,
    /// The change that a job of the kind `ACCESS`, `GRANT` or `TAG` makes; what an import grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<BulkChange>,
    /// The id of the mailing that a job of the kind `MESSAGE` sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailing: Option<String>,
    /// What becomes the filter when the job begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// The time that it was scheduled for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
    /// The most messages a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<i32>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct BulkJob {
    pub account_id: AccountId,
    pub id: BulkJobId,
    pub kind: BulkJobKind,
    pub status: BulkJobStatus,
    pub plan: serde_json::Value,
    /// The last contact or invitation of the filter that was processed.
    #[diesel(column_name = reach)]
    pub last_processed_id: Option<uuid::Uuid>,
    pub total_count: i32,
    pub done_count: i32,
    pub succeeded_count: i32,
    pub skipped_count: i32,
    pub failed_count: i32,
    pub requested_by: String,
    pub attempt_count: i32,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// A job to create.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    pub kind: BulkJobKind,
    pub plan: &'a Plan,
    /// The number of recipients or rows, as far as it is known.
    pub total: usize,
    /// The payloads of its items, in their order: none for a filter, and a file's follow.
    pub items: Vec<serde_json::Value>,
}

impl BulkJob {
    pub async fn create(
        conn: &mut Conn,
        account: AccountId,
        new: NewJob<'_>,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        let NewJob {
            kind,
            plan,
            total,
            items,
        } = new;
        let due_at = plan.starts_at.map_or(moment.now, |at| at.max(moment.now));
        let plan = serde_json::to_value(plan).map_err(Error::internal)?;
        let job: Self = diesel::insert_into(bulk_jobs::table)
            .values((
                bulk_jobs::account_id.eq(account),
                bulk_jobs::id.eq(BulkJobId::new(moment)),
                bulk_jobs::kind.eq(kind),
                bulk_jobs::status.eq(BulkJobStatus::Queued),
                bulk_jobs::plan.eq(plan),
                bulk_jobs::total_count.eq(i32::try_from(total).unwrap_or(i32::MAX)),
                bulk_jobs::requested_by.eq(requester.actor.to_string()),
                bulk_jobs::due_at.eq(due_at),
                bulk_jobs::created_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let item = |(position, payload)| BulkItem::pending(account, job.id, position, payload);
        let items: Vec<BulkItem> = (0..).zip(items).map(item).collect();
        BulkItem::upsert(conn, &items).await?;
        let event = NewEvent::new(EventKind::JobCreated).on(job.id);
        record(conn, account, requester, &[event], moment).await?;
        Ok(job)
    }

    pub(crate) fn plan(&self) -> Result<Plan> {
        serde_json::from_value(self.plan.clone()).map_err(Error::internal)
    }

    pub async fn find(conn: &mut Conn, account: AccountId, id: BulkJobId) -> Result<Option<Self>> {
        Ok(bulk_jobs::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[BulkJobId],
    ) -> Result<Vec<Self>> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .filter(bulk_jobs::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// What a watcher of all jobs may have to show, oldest first: unfinished jobs, those created since then, and these.
    pub(crate) async fn watched(
        conn: &mut Conn,
        account: AccountId,
        since: DateTime<Utc>,
        ids: &[BulkJobId],
    ) -> Result<Vec<Self>> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .filter(
                sql::fragment::<Bool>(UNFINISHED)
                    .or(bulk_jobs::id.ge(BulkJobId(lowest_uuid_at(since))))
                    .or(bulk_jobs::id.eq_any(ids)),
            )
            .order(bulk_jobs::id)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Newest first.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, page: &PageRequest) -> Result<Page<Self>> {
        let query = bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, bulk_jobs::id, BulkJobId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        Ok(bulk_jobs::table
            .filter(bulk_jobs::account_id.eq(account))
            .count()
            .get_result(conn)
            .await?)
    }
}
