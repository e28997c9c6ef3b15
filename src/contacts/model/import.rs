//! A CSV file of contacts: [`stage`] turns its rows into the items of a job, [`merge`](merge::merge) into contacts.
//!
//! A row with a fault is an item that failed, with its line and reason; only what makes the whole file unreadable is an
//! error, and then the caller's transaction keeps nothing of it.

mod columns;
mod lines;
pub(crate) mod merge;
mod rows;

use std::io::Read;

use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, BulkJobId};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, NewJob, Plan};
use crate::contacts::model::ContactDetails;
use crate::contacts::model::details::{RawDetails, check};

use rows::{Row, Rows};

/// Where the API takes the file.
const FIELD: &str = "input.csv";
/// Rows read and written at a time, so that memory stays flat.
const PART: usize = 2_000;
const MOST_ROWS: usize = 1_000_000;

/// An import that waits for the worker.
#[derive(Debug)]
pub struct Staged {
    pub job: BulkJob,
    pub row_count: usize,
    pub faulty_count: usize,
    /// Columns of the file that are not imported, as they are written.
    pub unknown_columns: Vec<String>,
}

/// Reads the file into a job; within a transaction.
pub async fn stage(
    conn: &mut Conn,
    account: AccountId,
    csv: impl Read + Send,
    invite: bool,
    requester: &Requester,
    moment: &Moment,
) -> Result<Staged> {
    // The file is read while the transaction waits for the next rows.
    sql::statement("set local idle_in_transaction_session_timeout = '60s'")
        .execute(conn)
        .await?;
    let mut rows = off_the_async_threads(|| Rows::open(csv))?;
    let plan = Plan {
        filter: None,
        section: PortalSection::Home.as_str().to_owned(),
        note: None,
        invite,
    };
    let new = NewJob {
        kind: BulkJobKind::Import,
        plan: &plan,
        total: 0,
    };
    let job = BulkJob::create(conn, account, new, requester, moment).await?;
    let (row_count, faulty_count) = insert_items(conn, &job, &mut rows).await?;
    let job = job.staged(conn, count(row_count), count(faulty_count)).await?;
    Ok(Staged {
        job,
        row_count,
        faulty_count,
        unknown_columns: rows.unknown_columns().to_vec(),
    })
}

/// How many rows there were, and how many with a fault.
async fn insert_items(
    conn: &mut Conn,
    job: &BulkJob,
    rows: &mut Rows<impl Read + Send>,
) -> Result<(usize, usize)> {
    let (mut row_count, mut faulty_count) = (0, 0);
    loop {
        let part = off_the_async_threads(|| rows.next_part(PART))?;
        if part.is_empty() {
            break;
        }
        let items: Vec<BulkItem> = (row_count..)
            .zip(part)
            .map(|(position, row)| item(job.account_id, job.id, position, row))
            .collect();
        row_count += items.len();
        faulty_count += items.iter().filter(|item| item.outcome.is_some()).count();
        if row_count > MOST_ROWS {
            return Err(refused(format!(
                "It has more than {MOST_ROWS} rows: split it into several files."
            )));
        }
        BulkItem::insert(conn, &items).await?;
    }
    if row_count == 0 {
        return Err(refused("It has a header and no rows below it."));
    }
    Ok((row_count, faulty_count))
}

fn count(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

fn refused(message: impl Into<String>) -> Error {
    Error::bad_input(FIELD, message)
}

/// Files are read by blocking calls. A runtime of one thread has no other to go to.
fn off_the_async_threads<R>(work: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// The row as a job's item: checked and waiting, or failed with the reason.
fn item(account: AccountId, job: BulkJobId, position: usize, row: Row) -> BulkItem {
    let mut item = BulkItem::pending(account, job, count(position), serde_json::Value::Null);
    item.line = Some(count(row.line));
    let fault = match row.details {
        Ok(raw) => {
            item.email = raw.email.as_deref().map(shown);
            match accept(raw) {
                Ok(payload) => {
                    item.payload = Some(payload);
                    return item;
                }
                Err(fault) => fault,
            }
        }
        Err(fault) => fault,
    };
    item.end(BulkItemOutcome::Failed, None);
    item.reason = Some(fault.reason.to_owned());
    item.detail = Some(fault.detail);
    item
}

/// Why a row was not imported.
#[derive(Debug)]
struct Fault {
    reason: &'static str,
    detail: String,
}

/// A checked row, as the job's item keeps it until its turn.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Payload {
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
}

fn accept(raw: RawDetails) -> Result<serde_json::Value, Fault> {
    let email = raw.email.clone().unwrap_or_default();
    let checked = check(
        "",
        RawDetails {
            email: Some(email),
            ..raw
        },
    )
    .map_err(|error| fault_of(&error))?;
    let payload = Payload {
        email: checked.email.map(|email| email.text),
        phone: checked.phone,
        first_name: checked.first_name,
        last_name: checked.last_name,
        tags: checked.tags,
        timezone: checked.timezone,
        locale: checked.locale,
    };
    serde_json::to_value(payload).map_err(|error| Fault {
        reason: "BAD_ROW",
        detail: error.to_string(),
    })
}

/// The details that an item's payload holds.
pub(crate) fn details(payload: serde_json::Value) -> Result<ContactDetails> {
    let payload: Payload = serde_json::from_value(payload).map_err(Error::internal)?;
    check(
        "",
        RawDetails {
            email: Some(payload.email.unwrap_or_default()),
            phone: payload.phone,
            first_name: payload.first_name,
            last_name: payload.last_name,
            tags: payload.tags,
            timezone: payload.timezone,
            locale: payload.locale,
        },
    )
}

fn fault_of(error: &Error) -> Fault {
    let field = error.field.as_deref().unwrap_or_default();
    let (reason, column) = match field.split('.').nth(1).unwrap_or_default() {
        "email" => ("INVALID_EMAIL", "email"),
        "phone" => ("BAD_PHONE", "phone"),
        "firstName" => ("BAD_NAME", "first_name"),
        "lastName" => ("BAD_NAME", "last_name"),
        "tags" => ("BAD_TAGS", "tags"),
        "timezone" => ("BAD_TIMEZONE", "timezone"),
        "locale" => ("BAD_LOCALE", "locale"),
        _ => ("BAD_ROW", "row"),
    };
    Fault {
        reason,
        detail: format!("{column}: {}", error.message()),
    }
}

/// What a cell held, made safe to show again.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(254).collect()
}
