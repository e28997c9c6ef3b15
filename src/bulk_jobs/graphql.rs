//! Bulk jobs, and the outcome of each of their recipients.

pub(crate) mod mutations;
pub(crate) mod subscription;

use async_graphql::{Context, ID, Object};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::page::{PageArgs, PageRequest, Position};
use crate::bulk_jobs::model as bulk_job;
use crate::bulk_jobs::model::item as bulk_item;
use crate::bulk_jobs::model::item::{BulkItemFilter, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJobKind, BulkJobStatus};
use crate::contacts::graphql::Contact;

#[derive(Clone)]
pub(crate) struct BulkJob(bulk_job::BulkJob);

pub(crate) struct BulkItem(bulk_item::BulkItem);

impl From<bulk_job::BulkJob> for BulkJob {
    fn from(job: bulk_job::BulkJob) -> Self {
        Self(job)
    }
}

impl From<bulk_item::BulkItem> for BulkItem {
    fn from(item: bulk_item::BulkItem) -> Self {
        Self(item)
    }
}

/// Work over many contacts, with its progress.
#[Object]
impl BulkJob {
    /// The id: `job_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it does.
    async fn kind(&self) -> BulkJobKind {
        self.0.kind
    }

    /// The current status.
    async fn status(&self) -> BulkJobStatus {
        self.0.status
    }

    /// The number of recipients or rows; for a filter, the number of matches when the job was created.
    async fn total(&self) -> i32 {
        self.0.total_count
    }

    /// The number of recipients or rows that are done: succeeded, skipped and failed together.
    async fn done(&self) -> i32 {
        self.0.done_count
    }

    /// The number of those that succeeded.
    async fn succeeded(&self) -> i32 {
        self.0.succeeded_count
    }

    /// The number of those that were skipped, with a reason.
    async fn skipped(&self) -> i32 {
        self.0.skipped_count
    }

    /// The number of those that failed, with a reason.
    async fn failed(&self) -> i32 {
        self.0.failed_count
    }

    /// Who requested it: the id of a team member or API key, or `system`.
    async fn requested_by(&self) -> &str {
        &self.0.requested_by
    }

    /// Why it is waiting or failed, as a sentence for staff.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// When it was requested.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// The time that it was scheduled for; null if it began when it was requested.
    async fn starts_at(&self) -> Option<async_graphql::Result<DateTime>> {
        nullable(async { Ok(self.0.plan()?.starts_at.map(DateTime)) }).await
    }

    /// When it succeeded, failed or was cancelled.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Its recipients or rows that are done, in the order of the request or the file. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this outcome.")] outcome: Option<BulkItemOutcome>,
    ) -> Result<Connection<BulkItem>> {
        let staff = ctx.staff(Scope::Read)?;
        let of = BulkItemFilter {
            job: self.0.id,
            outcome,
        };
        let list = format!("items/{}/{:?}", of.job, of.outcome);
        let page = PageRequest::parse(&list, &PageArgs::new(first, after, last, before))?;
        let rows = ctx.loaders().lists().items.page(&of, &page).await?;
        Ok(Connection::new(&list, rows, position_of, staff.account, of))
    }
}

fn position_of(item: &bulk_item::BulkItem) -> Position {
    Position {
        key: item.position.to_string(),
        id: item.bulk_job_id.0,
    }
}

/// One recipient of a bulk job or one row of an import, and its outcome.
#[Object]
impl BulkItem {
    /// Its position in the request or the file, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Its line in the file; the header is line 1. Null if there is no file.
    async fn line(&self) -> Option<i32> {
        self.0.line
    }

    /// The address as given, or that of the contact.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The contact; null if there is none, or they no longer exist.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, self.0.contact_id)).await
    }

    /// The outcome; null while it is waiting.
    async fn outcome(&self) -> Option<BulkItemOutcome> {
        self.0.outcome
    }

    /// Why it was skipped or failed, as a code such as `ALREADY_ACTIVE` or `INVALID_EMAIL`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The reason as a sentence to show.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

impl Listed for BulkItem {
    type Of = BulkItemFilter;
}

impl Counted for BulkItemFilter {
    async fn count(&self, ctx: &Context<'_>, _: AccountId) -> Result<i64> {
        ctx.loaders().lists().items.count(self).await
    }
}

/// All jobs of the account.
pub(crate) struct AllJobs;

impl Listed for BulkJob {
    type Of = AllJobs;
}

impl Counted for AllJobs {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        bulk_job::BulkJob::count(&mut conn, account).await
    }
}

#[derive(Default)]
pub(crate) struct JobQueries;

#[Object]
impl JobQueries {
    /// A bulk job; null if there is none with this id. Needs the scope `READ`.
    async fn bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> Option<async_graphql::Result<BulkJob>> {
        nullable(async {
            let staff = ctx.staff(Scope::Read)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let mut conn = ctx.services().db.conn().await?;
            let job = bulk_job::BulkJob::find(&mut conn, staff.account, id).await?;
            Ok(job.map(BulkJob))
        })
        .await
    }

    /// All bulk jobs, newest first. Needs the scope `READ`.
    async fn bulk_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<BulkJob>> {
        let staff = ctx.staff(Scope::Read)?;
        let page = PageRequest::parse("bulkJobs", &PageArgs::new(first, after, last, before))?;
        let mut conn = ctx.services().db.conn().await?;
        let rows = bulk_job::BulkJob::list(&mut conn, staff.account, &page).await?;
        Ok(Connection::new(
            "bulkJobs",
            rows,
            |row| by_id(row.id.0),
            staff.account,
            AllJobs,
        ))
    }
}
