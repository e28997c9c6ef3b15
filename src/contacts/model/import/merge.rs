//! Rows into contacts: a new address makes a contact, a known one fills what is empty.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::bulk_jobs::model::item::BulkItemOutcome;
use crate::contacts::model::{Contact, ContactDetails};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    pub outcome: BulkItemOutcome,
    pub contact: ContactId,
}

#[derive(Insertable)]
#[diesel(table_name = contacts)]
struct Filled<'a> {
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

/// Merges rows, each with an address, in their order, and gives back the contacts with their rows locked.
pub(crate) async fn merge(
    conn: &mut Conn,
    account: AccountId,
    rows: &[ContactDetails],
    requester: &Requester,
    moment: &Moment,
) -> Result<(Vec<Merged>, Vec<Contact>)> {
    let created = create(conn, account, rows, moment).await?;
    let keys: Vec<&str> = rows.iter().filter_map(key).collect();
    let ids: Vec<ContactId> = Contact::by_emails(conn, account, &keys)
        .await?
        .iter()
        .map(|contact| contact.id)
        .collect();
    let mut locked = Contact::lock_many(conn, account, &ids).await?;
    let (merged, changed) = fold(&mut locked, rows, created.clone())?;
    let filled = locked.iter().filter(|one| changed.contains(&one.id));
    write(conn, account, filled, moment).await?;
    tell(conn, account, (&created, &changed), requester, moment).await?;
    Ok((merged, locked))
}

/// Folds the rows into the contacts, in their order; and which contacts that changed. The first row of a contact that was
/// made of it is done already.
fn fold(
    contacts: &mut [Contact],
    rows: &[ContactDetails],
    mut created: HashSet<ContactId>,
) -> Result<(Vec<Merged>, HashSet<ContactId>)> {
    let (mut merged, mut changed) = (Vec::with_capacity(rows.len()), HashSet::new());
    let places: HashMap<String, usize> = (contacts.iter().enumerate())
        .filter_map(|(place, contact)| Some((contact.email_key.clone()?, place)))
        .collect();
    for row in rows {
        let place = key(row).and_then(|key| places.get(key)).ok_or_else(moved)?;
        let contact = &mut contacts[*place];
        let outcome = if created.remove(&contact.id) {
            BulkItemOutcome::Done
        } else if fill(contact, row) {
            changed.insert(contact.id);
            BulkItemOutcome::Updated
        } else {
            BulkItemOutcome::Unchanged
        };
        merged.push(Merged {
            outcome,
            contact: contact.id,
        });
    }
    Ok((merged, changed))
}

fn key(row: &ContactDetails) -> Option<&str> {
    row.email.as_ref().map(|email| &email.key[..])
}

/// The contact was deleted or its address changed between two reads: the chunk is done again.
fn moved() -> Error {
    Error::new(Code::Conflict, "A contact changed while it was imported.")
}

/// Makes the contacts that are missing, each from the first row with its address.
async fn create(
    conn: &mut Conn,
    account: AccountId,
    rows: &[ContactDetails],
    moment: &Moment,
) -> Result<HashSet<ContactId>> {
    let mut first: BTreeMap<&str, &ContactDetails> = BTreeMap::new();
    for row in rows {
        if let Some(key) = key(row) {
            first.entry(key).or_insert(row);
        }
    }
    let first: Vec<ContactDetails> = first.into_values().cloned().collect();
    let made = Contact::create_missing(conn, account, &first, moment).await?;
    Ok(made.iter().map(|contact| contact.id).collect())
}

/// Takes from the row what the contact lacks; whether that was anything.
fn fill(contact: &mut Contact, row: &ContactDetails) -> bool {
    let mut changed = false;
    let mut take = |mine: &mut Option<String>, theirs: &Option<String>| {
        if mine.is_none() && theirs.is_some() {
            mine.clone_from(theirs);
            changed = true;
        }
    };
    take(&mut contact.phone, &row.phone);
    take(&mut contact.first_name, &row.first_name);
    take(&mut contact.last_name, &row.last_name);
    take(&mut contact.timezone, &row.timezone);
    take(&mut contact.locale, &row.locale);
    if contact.tags.is_empty() && !row.tags.is_empty() {
        contact.tags.clone_from(&row.tags);
        changed = true;
    }
    changed
}

/// Writes the details of contacts whose rows are locked, in one statement.
async fn write(
    conn: &mut Conn,
    account: AccountId,
    changed: impl Iterator<Item = &Contact>,
    moment: &Moment,
) -> Result<()> {
    use contacts::{first_name, last_name, locale, phone, tags, timezone, updated_at};
    let rows: Vec<Filled<'_>> = changed
        .map(|contact| Filled::of(account, contact, moment))
        .collect();
    if rows.is_empty() {
        return Ok(());
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
    Ok(())
}

impl<'a> Filled<'a> {
    fn of(account: AccountId, contact: &'a Contact, moment: &Moment) -> Self {
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

async fn tell(
    conn: &mut Conn,
    account: AccountId,
    (created, changed): (&HashSet<ContactId>, &HashSet<ContactId>),
    requester: &Requester,
    moment: &Moment,
) -> Result<()> {
    let of = |kind| move |id: &ContactId| NewEvent::for_contact(kind, *id);
    let events: Vec<NewEvent> = (created.iter().map(of(EventKind::ContactCreated)))
        .chain(changed.iter().map(of(EventKind::ContactUpdated)))
        .collect();
    record(conn, account, requester, &events, moment).await
}
