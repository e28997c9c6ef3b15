//! STOP and START: what recipients answer to text messages. All accounts send from one number, so each word counts for every account
//! that knows the number.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use sms::callback::InboundMessage;
use sms::{Keyword, PhoneNumber};

use super::suppression::STOPPED;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::{contacts, inbound_texts, suppressions};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

/// Contacts of one account with the same number that get an event.
const MAX_CONTACTS: i64 = 100;

const ACCOUNTS: &str = "select ?::uuid as id union select account_id from contacts where phone = ? \
     union select account_id from suppressions where email_key = ? and reason = 'STOPPED' order by id";

/// STOP replaces what staff could lift.
const STOP: &str = "insert into suppressions as s (account_id, email_key, reason, created_at) values (?, ?, 'STOPPED', ?) \
     on conflict (account_id, email_key) do update set reason = excluded.reason, created_at = excluded.created_at, expires_at = null \
     where s.reason <> 'STOPPED'";

/// The number may belong to a contact who was erased.
const FORGET_ERASED: &str = "delete from erased_suppressions where account_id = ? and address_hash = erased_address_hash(?, ?) and stopped";

#[derive(QueryableByName)]
struct FoundAccount {
    #[diesel(sql_type = SqlUuid)]
    id: AccountId,
}

/// Remembers a reply, so that it is applied once. Returns whether it is new.
async fn remember(conn: &mut Conn, account: AccountId, id: &str, now: DateTime<Utc>) -> Result<bool> {
    let inserted = diesel::insert_into(inbound_texts::table)
        .values((
            inbound_texts::account_id.eq(account),
            inbound_texts::provider_id.eq(id),
            inbound_texts::received_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Applies the word of a reply that came in for this account; within a transaction. Returns the accounts that it changed something in.
pub(crate) async fn apply_reply(
    conn: &mut Conn,
    account: AccountId,
    reply: &InboundMessage,
    moment: &Moment,
) -> Result<Vec<AccountId>> {
    let stop = match reply.keyword {
        Some(Keyword::Stop) => true,
        Some(Keyword::Start) => false,
        Some(Keyword::Help) | None => return Ok(Vec::new()),
    };
    if !remember(conn, account, &reply.id, moment.now).await? {
        return Ok(Vec::new());
    }
    let accounts: Vec<FoundAccount> = sql::statement(ACCOUNTS)
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(reply.from.as_str())
        .bind::<Text, _>(reply.from.as_str())
        .load(conn)
        .await?;
    let mut changed = Vec::new();
    for FoundAccount { id } in accounts {
        let (done, kind) = if stop {
            (
                stop_texts(conn, id, &reply.from, moment).await?,
                EventKind::SmsStopped,
            )
        } else {
            (start_texts(conn, id, &reply.from).await?, EventKind::SmsResumed)
        };
        if done {
            record_for_contacts(conn, id, &reply.from, kind, moment).await?;
            changed.push(id);
        }
    }
    Ok(changed)
}

async fn stop_texts(
    conn: &mut Conn,
    account: AccountId,
    number: &PhoneNumber,
    moment: &Moment,
) -> Result<bool> {
    let stopped = sql::statement(STOP)
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(number.as_str())
        .bind::<Timestamptz, _>(moment.now)
        .execute(conn)
        .await?;
    Ok(stopped == 1)
}

async fn start_texts(conn: &mut Conn, account: AccountId, number: &PhoneNumber) -> Result<bool> {
    sql::statement(FORGET_ERASED)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(number.as_str())
        .execute(conn)
        .await?;
    let lifted = diesel::delete(suppressions::table.find((account, number.as_str())))
        .filter(suppressions::reason.eq(STOPPED))
        .execute(conn)
        .await?;
    Ok(lifted == 1)
}

async fn record_for_contacts(
    conn: &mut Conn,
    account: AccountId,
    number: &PhoneNumber,
    kind: EventKind,
    moment: &Moment,
) -> Result<()> {
    let found: Vec<ContactId> = contacts::table
        .filter(contacts::account_id.eq(account))
        .filter(contacts::phone.eq(number.as_str()))
        .order(contacts::id)
        .limit(MAX_CONTACTS)
        .select(contacts::id)
        .load(conn)
        .await?;
    if found.is_empty() {
        let event = NewEvent::new(kind);
        return record(conn, account, &Requester::system(), &[event], moment).await;
    }
    for contact in found {
        let requester = Requester {
            actor: Actor::Contact(contact),
            client: Client::default(),
        };
        let event = NewEvent::for_contact(kind, contact);
        record(conn, account, &requester, &[event], moment).await?;
    }
    Ok(())
}
