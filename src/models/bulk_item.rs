//! One recipient or row of a bulk job, and what became of it.

use std::collections::HashSet;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::page::{Page, PageRequest, Position};
use super::recipients::Skipped;
use crate::db::Conn;
use crate::db::schema::bulk_job_items;
use crate::error::Result;
use crate::ids::{AccountId, BulkJobId, ContactId};
use crate::text_enum;

text_enum! {
    /// What became of one recipient or row.
    BulkItemOutcome {
        Done = "DONE",
        Skipped = "SKIPPED",
        Failed = "FAILED",
        Updated = "UPDATED",
        Unchanged = "UNCHANGED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = bulk_job_items)]
pub struct BulkItem {
    pub account_id: AccountId,
    pub bulk_job_id: BulkJobId,
    pub position: i32,
    pub line: Option<i32>,
    pub contact_id: Option<ContactId>,
    pub email: Option<String>,
    /// What is still to be done with it; gone when it is done.
    pub payload: Option<Value>,
    pub outcome: Option<BulkItemOutcome>,
    pub reason: Option<String>,
    pub detail: Option<String>,
}

impl BulkItem {
    pub fn pending(account: AccountId, job: BulkJobId, position: i32, payload: Value) -> Self {
        Self {
            account_id: account,
            bulk_job_id: job,
            position,
            line: None,
            contact_id: None,
            email: None,
            payload: Some(payload),
            outcome: None,
            reason: None,
            detail: None,
        }
    }

    /// Ends the item.
    pub fn end(&mut self, outcome: BulkItemOutcome, contact: Option<ContactId>) {
        self.payload = None;
        self.outcome = Some(outcome);
        self.contact_id = contact.or(self.contact_id);
    }

    pub fn skip(&mut self, skipped: &Skipped) {
        self.end(BulkItemOutcome::Skipped, skipped.contact);
        self.email = skipped.email.clone().or(self.email.take());
        self.reason = Some(skipped.reason.as_str().to_owned());
    }

    pub async fn insert(conn: &mut Conn, items: &[Self]) -> Result<()> {
        for part in items.chunks(2_000) {
            diesel::insert_into(bulk_job_items::table)
                .values(part)
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// The next ones without an outcome.
    pub async fn next(conn: &mut Conn, account: AccountId, job: BulkJobId, limit: i64) -> Result<Vec<Self>> {
        Ok(bulk_job_items::table
            .filter(
                bulk_job_items::account_id
                    .eq(account)
                    .and(bulk_job_items::bulk_job_id.eq(job)),
            )
            .filter(bulk_job_items::outcome.is_null())
            .order(bulk_job_items::position)
            .limit(limit)
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Writes their outcomes over the pending rows, in one statement.
    pub async fn settle(conn: &mut Conn, items: &[Self]) -> Result<()> {
        use bulk_job_items::{contact_id, detail, email, outcome, payload, reason};
        use diesel::upsert::excluded;
        for part in items.chunks(2_000) {
            diesel::insert_into(bulk_job_items::table)
                .values(part)
                .on_conflict((
                    bulk_job_items::account_id,
                    bulk_job_items::bulk_job_id,
                    bulk_job_items::position,
                ))
                .do_update()
                .set((
                    contact_id.eq(excluded(contact_id)),
                    email.eq(excluded(email)),
                    payload.eq(excluded(payload)),
                    outcome.eq(excluded(outcome)),
                    reason.eq(excluded(reason)),
                    detail.eq(excluded(detail)),
                ))
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// Which of these contacts an earlier item of the job was done for.
    pub async fn done_contacts(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
        contacts: &[ContactId],
    ) -> Result<HashSet<ContactId>> {
        let done: Vec<Option<ContactId>> = bulk_job_items::table
            .filter(
                bulk_job_items::account_id
                    .eq(account)
                    .and(bulk_job_items::bulk_job_id.eq(job)),
            )
            .filter(bulk_job_items::outcome.eq(BulkItemOutcome::Done))
            .filter(bulk_job_items::contact_id.eq_any(contacts))
            .select(bulk_job_items::contact_id)
            .load(conn)
            .await?;
        Ok(done.into_iter().flatten().collect())
    }

    /// The position after the last one.
    pub async fn next_position(conn: &mut Conn, account: AccountId, job: BulkJobId) -> Result<i32> {
        let last: Option<i32> = bulk_job_items::table
            .filter(
                bulk_job_items::account_id
                    .eq(account)
                    .and(bulk_job_items::bulk_job_id.eq(job)),
            )
            .select(max(bulk_job_items::position))
            .first(conn)
            .await?;
        Ok(last.map_or(0, |last| last + 1))
    }

    /// In the order of the request or the file, those that have an outcome.
    pub async fn list(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
        outcome: Option<BulkItemOutcome>,
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let mut query = Self::of(account, job, outcome).select(Self::as_select());
        let place = |position: &Position| position.key.parse::<i32>().unwrap_or_default();
        if let Some(after) = &page.after {
            query = query.filter(bulk_job_items::position.gt(place(after)));
        }
        if let Some(before) = &page.before {
            query = query.filter(bulk_job_items::position.lt(place(before)));
        }
        query = if page.backward {
            query.order(bulk_job_items::position.desc())
        } else {
            query.order(bulk_job_items::position.asc())
        };
        Ok(Page::cut(
            query.limit(page.size as i64 + 1).load(conn).await?,
            page,
        ))
    }

    pub async fn count(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
        outcome: Option<BulkItemOutcome>,
    ) -> Result<i64> {
        Ok(Self::of(account, job, outcome).count().get_result(conn).await?)
    }

    fn of<'a>(
        account: AccountId,
        job: BulkJobId,
        outcome: Option<BulkItemOutcome>,
    ) -> bulk_job_items::BoxedQuery<'a, diesel::pg::Pg> {
        let query = bulk_job_items::table.into_boxed().filter(
            bulk_job_items::account_id
                .eq(account)
                .and(bulk_job_items::bulk_job_id.eq(job)),
        );
        match outcome {
            Some(outcome) => query.filter(bulk_job_items::outcome.eq(outcome)),
            None => query.filter(bulk_job_items::outcome.is_not_null()),
        }
    }
}
