//! One recipient or row of a bulk job, and its outcome.

use std::collections::HashSet;

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::base::db::lateral::owner;
use crate::base::db::schema::bulk_job_items;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, BulkJobId, ContactId};
use crate::base::page::{OwnedList, Position, owned_list};
use crate::base::text_enum::text_enum;
use crate::invitations::model::skipped::Skipped;

text_enum! {
    /// The outcome of one recipient or row of a bulk job.
    #[derive(async_graphql::Enum)]
    BulkItemOutcome {
        /// Done: invited, mailed or created.
        Done = "DONE",
        /// Skipped, for the reason given.
        Skipped = "SKIPPED",
        /// Invalid, for the reason given.
        Failed = "FAILED",
        /// The contact existed, and their empty fields were filled.
        Updated = "UPDATED",
        /// The contact existed, and the row filled none of their fields.
        Unchanged = "UNCHANGED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = bulk_job_items)]
pub struct BulkItem {
    pub account_id: AccountId,
    pub bulk_job_id: BulkJobId,
    pub position: i32,
    pub line: Option<i32>,
    pub contact_id: Option<ContactId>,
    pub email: Option<String>,
    /// The recipient or row to process; none once it is processed.
    pub payload: Option<Value>,
    pub outcome: Option<BulkItemOutcome>,
    pub reason: Option<String>,
    pub detail: Option<String>,
}

/// The payload of an item: an id or an address as received. PostgreSQL can't store NUL; its replacement is just as invalid there.
pub(crate) fn payload(key: &str, text: &str) -> Value {
    json!({ key: text.replace('\0', "\u{fffd}") })
}

/// The statement takes one array per column, so that it is the same for any number of rows and PostgreSQL parses it once.
async fn upsert_rows(conn: &mut Conn, items: &[BulkItem]) -> Result<()> {
    let Some(first) = items.first() else { return Ok(()) };
    sql::statement(
        "insert into bulk_job_items as b (account_id, bulk_job_id, position, line, contact_id, email, payload, outcome, reason, detail) \
         select ?, ?, i.* from unnest(?, ?, ?, ?, ?, ?, ?, ?) as i \
         on conflict (account_id, bulk_job_id, position) do update set contact_id = excluded.contact_id, email = excluded.email, \
             payload = excluded.payload, outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail",
    )
    .bind::<SqlUuid, _>(first.account_id)
    .bind::<SqlUuid, _>(first.bulk_job_id)
    .bind::<Array<Integer>, _>(items.iter().map(|item| item.position).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(items.iter().map(|item| item.line).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(items.iter().map(|item| item.contact_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(items.iter().map(|item| item.email.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(items.iter().map(|item| item.payload.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(items.iter().map(|item| item.outcome).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(items.iter().map(|item| item.reason.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(items.iter().map(|item| item.detail.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

impl BulkItem {
    pub(crate) fn pending(account: AccountId, job: BulkJobId, position: i32, payload: Value) -> Self {
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

    /// The invitation that the item names; empty if it names none.
    pub(crate) fn invitation_id(&self) -> &str {
        let id = self
            .payload
            .as_ref()
            .and_then(|payload| payload.get("invitation")?.as_str());
        id.unwrap_or_default()
    }

    pub(crate) fn finish(&mut self, outcome: BulkItemOutcome, contact: Option<ContactId>) {
        self.payload = None;
        self.outcome = Some(outcome);
        self.contact_id = contact.or(self.contact_id);
    }

    pub(crate) fn skip(&mut self, skipped: &Skipped) {
        self.finish(BulkItemOutcome::Skipped, skipped.contact);
        self.email = skipped.email.clone().or(self.email.take());
        self.reason = Some(skipped.reason.as_str().to_owned());
    }

    /// The next items without an outcome.
    pub(crate) async fn next(
        conn: &mut Conn,
        account: AccountId,
        job: BulkJobId,
        limit: i64,
    ) -> Result<Vec<Self>> {
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

    /// Inserts the items, or updates their rows. All belong to one job.
    pub(crate) async fn upsert(conn: &mut Conn, items: &[Self]) -> Result<()> {
        for part in items.chunks(2_000) {
            upsert_rows(conn, part).await?;
        }
        Ok(())
    }

    /// Which of these contacts an earlier item of the job was done for.
    pub(crate) async fn done_contacts(
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

    /// Gives the items of a contact to another one: those of finished jobs, and those that have not been processed yet and name the
    /// contact by id or by address alone, which would otherwise create a contact with that address again.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: (ContactId, Option<&str>),
        to: ContactId,
    ) -> Result<()> {
        let (from, email_key) = from;
        diesel::update(bulk_job_items::table)
            .filter(
                bulk_job_items::account_id
                    .eq(account)
                    .and(bulk_job_items::contact_id.eq(from)),
            )
            .set(bulk_job_items::contact_id.eq(to))
            .execute(conn)
            .await?;
        sql::statement(
            "update bulk_job_items set payload = ? where account_id = ? and outcome is null and (payload ->> 'id' = ? \
                or payload - 'email' = '{}' and lower(btrim(payload ->> 'email')) = ?)",
        )
        .bind::<Jsonb, _>(payload("id", &to.to_string()))
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(from.to_string())
        .bind::<Nullable<Text>, _>(email_key)
        .execute(conn)
        .await?;
        Ok(())
    }

    /// The position after the last one.
    pub(crate) async fn next_position(conn: &mut Conn, account: AccountId, job: BulkJobId) -> Result<i32> {
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
}

/// Which processed items of a job to list, in the order of the request or the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BulkItemFilter {
    pub job: BulkJobId,
    pub outcome: Option<BulkItemOutcome>,
}

impl BulkItemFilter {
    fn of_owner<'a>(&self, account: AccountId) -> bulk_job_items::BoxedQuery<'a, diesel::pg::Pg> {
        let query = bulk_job_items::table
            .into_boxed()
            .filter(bulk_job_items::account_id.eq(account))
            .filter(bulk_job_items::bulk_job_id.eq(owner::<SqlUuid>()));
        match self.outcome {
            Some(outcome) => query.filter(bulk_job_items::outcome.eq(outcome)),
            None => query.filter(bulk_job_items::outcome.is_not_null()),
        }
    }
}

impl OwnedList for BulkItemFilter {
    type Row = BulkItem;
    type Filter = Option<BulkItemOutcome>;

    fn owner(&self) -> Option<Uuid> {
        Some(self.job.0)
    }

    fn filter(&self) -> Option<BulkItemOutcome> {
        self.outcome
    }

    owned_list!(BulkItem, |query, page| {
        let number = |position: &Position| position.key.parse::<i32>().unwrap_or_default();
        let mut query = query;
        if let Some(after) = &page.after {
            query = query.filter(bulk_job_items::position.gt(number(after)));
        }
        if let Some(before) = &page.before {
            query = query.filter(bulk_job_items::position.lt(number(before)));
        }
        query = if page.backward {
            query.order(bulk_job_items::position.desc())
        } else {
            query.order(bulk_job_items::position.asc())
        };
        query.limit(page.size as i64 + 1)
    });
}
