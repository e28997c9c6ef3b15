//! Turns rows into contacts: a new address creates a contact; the row of an existing contact fills the contact's empty fields.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::base::actor::Requester;
use crate::base::audit::{NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::bulk_jobs::model::item::BulkItemOutcome;
use crate::contacts::model::{Contact, ContactDetails};

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UpsertedRow {
    pub outcome: BulkItemOutcome,
    pub contact: ContactId,
}

pub(crate) struct UpsertedContacts {
    /// In the order of the input.
    pub rows: Vec<UpsertedRow>,
    /// Their rows are locked.
    pub contacts: Vec<Contact>,
}

#[derive(Insertable)]
#[diesel(table_name = contacts)]
struct FilledRow<'a> {
    account_id: AccountId,
    id: ContactId,
    email: Option<&'a str>,
    email_key: Option<&'a str>,
    phone: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    tags: &'a [String],
    timezone: Option<&'a str>,
    locale: Option<&'a str>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Creates or fills the contacts of the rows. Each row has an address.
pub(crate) async fn upsert_contacts(
    conn: &mut Conn,
    account: AccountId,
    rows: &[ContactDetails],
    requester: &Requester,
    moment: &Moment,
) -> Result<UpsertedContacts> {
    let new = create_missing(conn, account, rows, moment).await?;
    let created: HashSet<ContactId> = new.iter().map(|contact| contact.id).collect();
    let keys: Vec<&str> = rows.iter().filter_map(key).collect();
    let ids: Vec<ContactId> = Contact::by_emails(conn, account, &keys)
        .await?
        .iter()
        .map(|contact| contact.id)
        .collect();
    let mut contacts = Contact::lock_many(conn, account, &ids).await?;
    let before = contacts.clone();
    let upserted = apply_rows(&mut contacts, rows, created)?;
    let filled = update_details(conn, account, before.iter().zip(&contacts), moment).await?;
    let created = new.iter().map(Contact::created_event);
    let events: Vec<NewEvent> = created.chain(filled).collect();
    record(conn, account, requester, &events, moment).await?;
    Ok(UpsertedContacts {
        rows: upserted,
        contacts,
    })
}

/// Applies the rows to the contacts, in the order of the rows. A created contact already has the details of its first row.
fn apply_rows(
    contacts: &mut [Contact],
    rows: &[ContactDetails],
    mut created: HashSet<ContactId>,
) -> Result<Vec<UpsertedRow>> {
    let mut upserted = Vec::with_capacity(rows.len());
    let indexes: HashMap<String, usize> = (contacts.iter().enumerate())
        .filter_map(|(index, contact)| Some((contact.email_key.clone()?, index)))
        .collect();
    for row in rows {
        let index = key(row)
            .and_then(|key| indexes.get(key))
            .ok_or_else(contact_changed)?;
        let contact = &mut contacts[*index];
        let outcome = if created.remove(&contact.id) {
            BulkItemOutcome::Done
        } else if fill_empty(contact, row) {
            BulkItemOutcome::Updated
        } else {
            BulkItemOutcome::Unchanged
        };
        upserted.push(UpsertedRow {
            outcome,
            contact: contact.id,
        });
    }
    Ok(upserted)
}

fn key(row: &ContactDetails) -> Option<&str> {
    row.email.as_ref().map(|email| &email.key[..])
}

/// The contact was deleted or their address changed between two reads: the job retries the chunk.
fn contact_changed() -> Error {
    Error::new(Code::Conflict, "A contact changed while it was imported.")
}

/// Creates the missing contacts, each from the first row with its address.
async fn create_missing(
    conn: &mut Conn,
    account: AccountId,
    rows: &[ContactDetails],
    moment: &Moment,
) -> Result<Vec<Contact>> {
    let mut first: BTreeMap<&str, &ContactDetails> = BTreeMap::new();
    for row in rows {
        if let Some(key) = key(row) {
            first.entry(key).or_insert(row);
        }
    }
    let first: Vec<ContactDetails> = first.into_values().cloned().collect();
    Contact::create_missing(conn, account, &first, moment).await
}

/// Fills the contact's empty fields from the row; returns whether there were any.
fn fill_empty(contact: &mut Contact, row: &ContactDetails) -> bool {
    let mut changed = false;
    let mut fill = |field: &mut Option<String>, value: &Option<String>| {
        if field.is_none() && value.is_some() {
            field.clone_from(value);
            changed = true;
        }
    };
    fill(&mut contact.phone, &row.phone);
    fill(&mut contact.first_name, &row.first_name);
    fill(&mut contact.last_name, &row.last_name);
    fill(&mut contact.timezone, &row.timezone);
    fill(&mut contact.locale, &row.locale);
    if contact.tags.is_empty() && !row.tags.is_empty() {
        contact.tags.clone_from(&row.tags);
        changed = true;
    }
    changed
}

/// Updates the details, except for addresses, of contacts whose rows are locked, in one statement. Each comes as it was before and
/// after the change. Returns the events of those that differ, to be recorded in the same transaction.
pub(crate) async fn update_details<'a>(
    conn: &mut Conn,
    account: AccountId,
    contacts: impl Iterator<Item = (&'a Contact, &'a Contact)>,
    moment: &Moment,
) -> Result<Vec<NewEvent>> {
    use contacts::{first_name, last_name, locale, phone, tags, timezone, updated_at};
    let changed = contacts.filter_map(|(before, after)| {
        let event = before.updated_event(after)?;
        Some((FilledRow::new(account, after, moment), event))
    });
    let (rows, events): (Vec<FilledRow<'_>>, Vec<NewEvent>) = changed.unzip();
    if rows.is_empty() {
        return Ok(events);
    }
    diesel::insert_into(contacts::table)
        .values(&rows)
        .on_conflict((contacts::account_id, contacts::id))
        .do_update()
        .set((
            phone.eq(excluded(phone)),
            first_name.eq(excluded(first_name)),
            last_name.eq(excluded(last_name)),
            tags.eq(excluded(tags)),
            timezone.eq(excluded(timezone)),
            locale.eq(excluded(locale)),
            updated_at.eq(excluded(updated_at)),
        ))
        .execute(conn)
        .await?;
    Ok(events)
}

impl<'a> FilledRow<'a> {
    fn new(account: AccountId, contact: &'a Contact, moment: &Moment) -> Self {
        Self {
            account_id: account,
            id: contact.id,
            email: contact.email.as_deref(),
            email_key: contact.email_key.as_deref(),
            phone: contact.phone.as_deref(),
            first_name: contact.first_name.as_deref(),
            last_name: contact.last_name.as_deref(),
            tags: &contact.tags,
            timezone: contact.timezone.as_deref(),
            locale: contact.locale.as_deref(),
            created_at: contact.created_at,
            updated_at: moment.now,
        }
    }
}
