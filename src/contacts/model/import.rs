//! Importing contacts from a CSV file: [`queue_import`] turns its rows into the items of a bulk job,
//! [`upsert_contacts`](upsert::upsert_contacts) turns the items into contacts.
//!
//! An invalid row becomes a failed item with its line and reason. Only an unreadable file is an error, which rolls back the
//! caller's transaction.

pub(crate) mod check;
mod columns;
mod records;
mod rows;
pub(crate) mod upsert;

use std::io::Read;

use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::access::model::Target;
use crate::access::model::change::AccessChange;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Requester;
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, BulkJobId, OfferId};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, NewJob, Plan};
use crate::contacts::model::ContactDetails;
use crate::contacts::model::bulk_change::BulkChange;
use crate::contacts::model::details::RawDetails;

use rows::{Row, Rows};

/// The API's field with the file.
const FIELD: &str = "input.csv";
/// Rows that are read and inserted at a time, so that memory use stays constant.
const CHUNK_ROWS: usize = 2_000;
const MAX_ROWS: usize = 1_000_000;

/// An import that waits for the worker.
#[derive(Debug)]
pub struct QueuedImport {
    pub job: BulkJob,
    pub row_count: usize,
    pub invalid_count: usize,
    /// Columns of the file that are not imported, as the header spells them.
    pub unknown_columns: Vec<String>,
}

/// A CSV file to import.
pub struct NewImport<R> {
    pub csv: R,
    /// Whether to invite the contacts of the file too, where the invitation leads, and its note.
    pub invite: bool,
    pub section: PortalSection,
    pub note: Option<String>,
    /// The offer to grant to the contacts of the file.
    pub grant_offer: Option<OfferId>,
}

/// Reads the file into the items of a new job. Must run in a transaction.
pub async fn queue_import(
    conn: &mut Conn,
    account: AccountId,
    import: NewImport<impl Read + Send>,
    requester: &Requester,
    moment: &Moment,
) -> Result<QueuedImport> {
    let change = import.grant_offer.map(offer_grant);
    if let Some(change) = &change {
        let named = |error: Error| match error.field {
            Some(_) => error.at("input.grantOfferId"),
            None => error,
        };
        change.check(conn, account, moment).await.map_err(named)?;
    }
    // The transaction is idle while it waits for the next rows of the upload.
    sql::statement("set local idle_in_transaction_session_timeout = '60s'")
        .execute(conn)
        .await?;
    let mut rows = read_blocking(|| Rows::open(import.csv))?;
    let plan = Plan {
        section: import.section.as_str().to_owned(),
        note: import.note,
        invite: import.invite,
        change,
        ..Plan::default()
    };
    let new = NewJob {
        kind: BulkJobKind::Import,
        plan: &plan,
        total: 0,
        items: Vec::new(),
    };
    let job = BulkJob::create(conn, account, new, requester, moment).await?;
    let (row_count, invalid_count) = insert_items(conn, &job, &mut rows).await?;
    let job = job
        .set_row_counts(conn, count(row_count), count(invalid_count))
        .await?;
    Ok(QueuedImport {
        job,
        row_count,
        invalid_count,
        unknown_columns: rows.unknown_columns().to_vec(),
    })
}

/// What every contact of the file gets.
fn offer_grant(offer: OfferId) -> BulkChange {
    BulkChange::Grants(AccessChange {
        add: vec![Target::Offer(offer)],
        ..AccessChange::default()
    })
}

/// Returns how many rows there were, and how many of them are invalid.
async fn insert_items(
    conn: &mut Conn,
    job: &BulkJob,
    rows: &mut Rows<impl Read + Send>,
) -> Result<(usize, usize)> {
    let (mut row_count, mut invalid_count) = (0, 0);
    loop {
        let chunk = read_blocking(|| rows.next_chunk(CHUNK_ROWS))?;
        if chunk.is_empty() {
            break;
        }
        let items: Vec<BulkItem> = (row_count..)
            .zip(chunk)
            .map(|(position, row)| item(job.account_id, job.id, position, row))
            .collect();
        row_count += items.len();
        invalid_count += items.iter().filter(|item| item.outcome.is_some()).count();
        check_row_count(row_count)?;
        BulkItem::upsert(conn, &items).await?;
    }
    check_not_empty(row_count)?;
    Ok((row_count, invalid_count))
}

fn check_row_count(row_count: usize) -> Result<()> {
    if row_count <= MAX_ROWS {
        return Ok(());
    }
    Err(file_error(format!(
        "It has more than {MAX_ROWS} rows: split it into several files."
    )))
}

fn check_not_empty(row_count: usize) -> Result<()> {
    if row_count > 0 {
        return Ok(());
    }
    Err(file_error("It has a header and no rows below it."))
}

fn count(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

fn file_error(message: impl Into<String>) -> Error {
    Error::bad_input(FIELD, message)
}

/// Runs blocking file reads without blocking other tasks. A single-threaded runtime has no other thread to run them on.
fn read_blocking<R>(read: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(read),
        _ => read(),
    }
}

/// The row as an item of the job: pending, or failed with the reason.
fn item(account: AccountId, job: BulkJobId, position: usize, row: Row) -> BulkItem {
    let mut item = BulkItem::pending(account, job, count(position), serde_json::Value::Null);
    item.line = Some(count(row.line));
    let error = match row.details {
        Ok(raw) => {
            item.email = raw.email.as_deref().map(printable);
            match parse_row(raw) {
                Ok(payload) => {
                    item.payload = Some(payload);
                    return item;
                }
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    item.finish(BulkItemOutcome::Failed, None);
    item.reason = Some(error.reason.to_owned());
    item.detail = Some(error.detail());
    item
}

/// Why a row was not imported.
#[derive(Debug)]
struct RowError {
    reason: &'static str,
    /// The column that is wrong; `None` if it is the row as a whole.
    column: Option<&'static str>,
    message: String,
}

impl RowError {
    fn detail(self) -> String {
        match self.column {
            Some(column) => format!("{column}: {}", self.message),
            None => self.message,
        }
    }
}

/// A valid row, as the job's item stores it until it is processed.
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

fn parse_row(raw: RawDetails) -> Result<serde_json::Value, RowError> {
    let email = raw.email.clone().unwrap_or_default();
    let raw = RawDetails {
        email: Some(email),
        ..raw
    };
    let details = raw.parse("").map_err(|error| row_error(&error))?;
    let payload = Payload {
        email: details.email.map(|email| email.text),
        phone: details.phone,
        first_name: details.first_name,
        last_name: details.last_name,
        tags: details.tags,
        timezone: details.timezone,
        locale: details.locale,
    };
    serde_json::to_value(payload).map_err(|error| RowError {
        reason: "BAD_ROW",
        column: None,
        message: error.to_string(),
    })
}

/// The details that an item's payload holds.
pub(crate) fn details(payload: serde_json::Value) -> Result<ContactDetails> {
    let payload: Payload = serde_json::from_value(payload).map_err(Error::internal)?;
    let raw = RawDetails {
        email: Some(payload.email.unwrap_or_default()),
        // Checked when the file was read.
        phone: None,
        first_name: payload.first_name,
        last_name: payload.last_name,
        tags: payload.tags,
        timezone: payload.timezone,
        locale: payload.locale,
    };
    Ok(ContactDetails {
        phone: payload.phone,
        ..raw.parse("")?
    })
}

fn row_error(error: &Error) -> RowError {
    let field = error.field.as_deref().unwrap_or_default();
    let (reason, column) = match field.split('.').nth(1).unwrap_or_default() {
        "email" => ("INVALID_EMAIL", Some("email")),
        "phone" => ("INVALID_PHONE", Some("phone")),
        "firstName" => ("BAD_NAME", Some("first_name")),
        "lastName" => ("BAD_NAME", Some("last_name")),
        "tags" => ("BAD_TAGS", Some("tags")),
        "timezone" => ("BAD_TIMEZONE", Some("timezone")),
        "locale" => ("BAD_LOCALE", Some("locale")),
        _ => ("BAD_ROW", None),
    };
    RowError {
        reason,
        column,
        message: error.message().to_owned(),
    }
}

/// A cell's text without control characters, shortened.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(254).collect()
}
