//! Work over many contacts, and what became of each.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::contact::{self, Contact};
use super::context::Request;
use super::enums::{BulkItemOutcome, BulkJobKind, BulkJobStatus};
use super::scalars::DateTime;
use crate::auth::viewer::{Scope, Staff};
use crate::error;
use crate::models;
use crate::models::page::{PageArgs, PageRequest, Position};

pub struct BulkJob(pub models::bulk_job::BulkJob);

impl From<models::bulk_job::BulkJob> for BulkJob {
    fn from(job: models::bulk_job::BulkJob) -> Self {
        Self(job)
    }
}

pub struct BulkItem(models::bulk_item::BulkItem);

impl From<models::bulk_item::BulkItem> for BulkItem {
    fn from(item: models::bulk_item::BulkItem) -> Self {
        Self(item)
    }
}

connection!(BulkJobConnection, BulkJobEdge, BulkJob, "bulk jobs");
connection!(BulkItemConnection, BulkItemEdge, BulkItem, "items of a bulk job");

/// Work over many contacts, with progress and an outcome for each. It goes on after a crash and mails nobody twice.
#[Object]
impl BulkJob {
    /// The id: `job_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it does.
    async fn kind(&self) -> BulkJobKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> BulkJobStatus {
        self.0.status.into()
    }

    /// How many recipients or rows there are, as far as is known.
    async fn total(&self) -> i32 {
        self.0.total_count
    }

    /// How many have an outcome.
    async fn done(&self) -> i32 {
        self.0.done_count
    }

    /// How many succeeded.
    async fn succeeded(&self) -> i32 {
        self.0.succeeded_count
    }

    /// How many were left out.
    async fn skipped(&self) -> i32 {
        self.0.skipped_count
    }

    /// How many were faulty.
    async fn failed(&self) -> i32 {
        self.0.failed_count
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(Into::into)
    }

    /// Why it waits or failed, for staff to read.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// What became of each, in the order of the request or file.
    #[expect(
        clippy::too_many_arguments,
        reason = "a filter beside the four arguments of a page"
    )]
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this outcome.")] outcome: Option<BulkItemOutcome>,
    ) -> Result<BulkItemConnection> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(self
            .page(
                ctx,
                &staff,
                outcome,
                PageArgs {
                    first,
                    after,
                    last,
                    before,
                },
            )
            .await?)
    }
}

impl BulkJob {
    async fn page(
        &self,
        ctx: &Context<'_>,
        staff: &Staff,
        outcome: Option<BulkItemOutcome>,
        args: PageArgs,
    ) -> error::Result<BulkItemConnection> {
        let name = format!("items/{}/{outcome:?}", self.0.id);
        let page = PageRequest::parse(&name, &args)?;
        let services = ctx.services();
        let (account, job, outcome) = (staff.account, self.0.id, outcome.map(Into::into));
        let mut conn = services.db.conn().await?;
        let rows = models::bulk_item::BulkItem::list(&mut conn, account, job, outcome, &page).await?;
        drop(conn);
        let services = Arc::clone(services);
        let count = Box::new(move || {
            let services = Arc::clone(&services);
            Box::pin(async move {
                let mut conn = services.db.conn().await?;
                models::bulk_item::BulkItem::count(&mut conn, account, job, outcome).await
            }) as _
        });
        let place = |item: &models::bulk_item::BulkItem| Position {
            key: item.position.to_string(),
            id: job.0,
        };
        Ok(BulkItemConnection::new(Cut::new(&name, rows, place), count))
    }
}

/// One recipient or row of a bulk job, and what became of it.
#[Object]
impl BulkItem {
    /// Its place among what was asked for, from 0.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Its line in the file, from 1; the header is line 1.
    async fn line(&self) -> Option<i32> {
        self.0.line
    }

    /// The address, as it was typed or as the contact has it.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The contact, where it is one.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        contact::of(ctx, self.0.contact_id)
            .await
            .map_err(Into::into)
            .transpose()
    }

    /// What became of it.
    async fn outcome(&self) -> Option<BulkItemOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// Why it was left out or failed: a word for programs, such as `ALREADY_ACTIVE` or `INVALID_EMAIL`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The same for people.
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

/// A page of bulk jobs, newest first.
pub async fn list(ctx: &Context<'_>, staff: &Staff, args: PageArgs) -> error::Result<BulkJobConnection> {
    let page = PageRequest::parse("bulkJobs", &args)?;
    let services = ctx.services();
    let account = staff.account;
    let mut conn = services.db.conn().await?;
    let rows = models::bulk_job::BulkJob::list(&mut conn, account, &page).await?;
    drop(conn);
    let services = Arc::clone(services);
    let count = Box::new(move || {
        let services = Arc::clone(&services);
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            models::bulk_job::BulkJob::count(&mut conn, account).await
        }) as _
    });
    Ok(BulkJobConnection::new(
        Cut::by_id("bulkJobs", rows, |job| job.id.0),
        count,
    ))
}
