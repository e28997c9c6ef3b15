//! Addresses and phone numbers that nothing is sent to: they bounced, or their owner reported an email, as spam or by "This wasn't me",
//! or answered STOP to a text message. A pause expires; STOP ends with START; the others end when staff resume.
//!
//! The key of a phone number is its E.164, which no address is.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::clock::Moment;
use crate::base::db::schema::{contacts, erased_suppressions, suppressions};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::contacts::model::Contact;
use crate::messages::model::Channel;

/// The reason of a pause.
pub(crate) const NOT_ME: &str = "NOT_ME";
/// The reason after a complaint; every other reason is the text of a mail server, which has an SMTP code.
pub(crate) const COMPLAINED: &str = "COMPLAINED";

/// The reason after the word STOP.
pub(crate) const STOPPED: &str = "STOPPED";

/// How long email is paused after a report.
pub(crate) const PAUSE: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Suppression {
    pub reason: String,
    pub created_at: DateTime<Utc>,
    /// None: until staff resume email.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Suppression {
    pub(crate) fn live(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }

    /// Whether a recipient requested it; it expires.
    pub(crate) fn pause(&self) -> bool {
        self.expires_at.is_some()
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, email_key: &str) -> Result<Option<Self>> {
        Ok(suppressions::table
            .find((account, email_key))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    /// Whether email to the contact's current address is suppressed now.
    pub(crate) async fn holds(conn: &mut Conn, contact: &Contact, now: DateTime<Utc>) -> Result<bool> {
        let Some(key) = &contact.email_key else {
            return Ok(false);
        };
        Self::stops(conn, contact.account_id, key, now).await
    }

    /// Whether nothing is sent to an address or number now.
    pub(crate) async fn stops(
        conn: &mut Conn,
        account: AccountId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let found = Self::find(conn, account, key).await?;
        Ok(found.is_some_and(|found| found.live(now)))
    }

    /// The suppressions of these contacts' current addresses, expired or not.
    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, Self>> {
        let found: Vec<(ContactId, Self)> = contacts::table
            .inner_join(
                suppressions::table.on(suppressions::account_id
                    .eq(contacts::account_id)
                    .and(contacts::email_key.eq(suppressions::email_key.nullable()))),
            )
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .select((contacts::id, Self::as_select()))
            .load(conn)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// The suppressions of these contacts' phone numbers, expired or not.
    pub(crate) async fn of_phones(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, Self>> {
        let found: Vec<(ContactId, Self)> = contacts::table
            .inner_join(
                suppressions::table.on(suppressions::account_id
                    .eq(contacts::account_id)
                    .and(contacts::phone.eq(suppressions::email_key.nullable()))),
            )
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .select((contacts::id, Self::as_select()))
            .load(conn)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// The suppressions of these addresses, expired or not.
    pub(crate) async fn of_addresses(
        conn: &mut Conn,
        account: AccountId,
        email_keys: &[String],
    ) -> Result<HashMap<String, Self>> {
        let found: Vec<(String, Self)> = suppressions::table
            .filter(suppressions::account_id.eq(account))
            .filter(suppressions::email_key.eq_any(email_keys))
            .select((suppressions::email_key, Self::as_select()))
            .load(conn)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Resumes what is sent to the contact's current address or number. Returns what was lifted, if anything. Only START lifts STOP.
    pub(crate) async fn lift(
        conn: &mut Conn,
        contact: &Contact,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let key = match channel {
            Channel::Email => &contact.email_key,
            Channel::Sms => &contact.phone,
        };
        let Some(key) = key else {
            return Ok(None);
        };
        let lifted: Option<Self> = diesel::delete(suppressions::table.find((contact.account_id, key)))
            .filter(suppressions::reason.ne(STOPPED))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        Ok(lifted.filter(|one| one.live(now)))
    }

    /// Whether the contact's phone number answered STOP.
    pub(crate) async fn stopped(conn: &mut Conn, contact: &Contact) -> Result<bool> {
        let Some(number) = &contact.phone else {
            return Ok(false);
        };
        let found = Self::find(conn, contact.account_id, number).await?;
        Ok(found.is_some_and(|found| found.reason == STOPPED))
    }

    /// Inserts it, or replaces a suppression that expires; a permanent one stays.
    async fn upsert(&self, conn: &mut Conn, account: AccountId, email_key: &str) -> Result<()> {
        let columns = (
            suppressions::reason.eq(&self.reason),
            suppressions::created_at.eq(self.created_at),
            suppressions::expires_at.eq(self.expires_at),
        );
        let upsert = diesel::insert_into(suppressions::table)
            .values((
                suppressions::account_id.eq(account),
                suppressions::email_key.eq(email_key),
                columns,
            ))
            .on_conflict((suppressions::account_id, suppressions::email_key))
            .do_update()
            .set(columns);
        diesel::query_dsl::methods::FilterDsl::filter(upsert, suppressions::expires_at.is_not_null())
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// Suppresses email to an address until staff resume it.
pub async fn suppress(
    conn: &mut Conn,
    account: AccountId,
    email_key: &str,
    reason: &str,
    moment: &Moment,
) -> Result<()> {
    let suppression = Suppression {
        reason: reason.to_owned(),
        created_at: moment.now,
        expires_at: None,
    };
    suppression.upsert(conn, account, email_key).await
}

/// Pauses email to an address for a day; a permanent suppression stays.
pub async fn pause(
    conn: &mut Conn,
    account: AccountId,
    email_key: &str,
    moment: &Moment,
) -> Result<DateTime<Utc>> {
    let until = moment.now + PAUSE;
    let suppression = Suppression {
        reason: NOT_ME.to_owned(),
        created_at: moment.now,
        expires_at: Some(until),
    };
    suppression.upsert(conn, account, email_key).await?;
    Ok(until)
}

/// Whether nothing is sent to an address that may belong to no contact: it is suppressed, or was when its contact was erased.
pub(crate) async fn stops_mail(
    conn: &mut Conn,
    account: AccountId,
    email_key: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let suppressed = suppressions::table.find((account, email_key)).filter(live(now));
    let hash = sql::fragment::<Binary>("erased_address_hash(?, ?)")
        .bind::<SqlUuid, _>(account)
        .bind::<Text, _>(email_key);
    let erased = erased_suppressions::table
        .filter(erased_suppressions::account_id.eq(account))
        .filter(erased_suppressions::address_hash.eq(hash));
    Ok(diesel::select(exists(suppressed).or(exists(erased)))
        .get_result(conn)
        .await?)
}

/// Which of these addresses are suppressed now.
pub(crate) async fn among(
    conn: &mut Conn,
    account: AccountId,
    email_keys: &[&str],
    now: DateTime<Utc>,
) -> Result<HashSet<String>> {
    Ok(suppressions::table
        .filter(suppressions::account_id.eq(account))
        .filter(suppressions::email_key.eq_any(email_keys))
        .filter(live(now))
        .select(suppressions::email_key)
        .load(conn)
        .await?
        .into_iter()
        .collect())
}

/// Suppressions in effect.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn live(now: DateTime<Utc>) -> _ {
    suppressions::expires_at
        .is_null()
        .or(suppressions::expires_at.gt(now))
}
