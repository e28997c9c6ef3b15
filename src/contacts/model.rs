//! A person the account knows.

mod access;
pub(crate) mod address_change;
mod changing;
pub(crate) mod details;
pub mod import;
pub mod list;
pub mod portal_stats;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::schema::contacts;
use crate::base::db::{AnyConn, Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

// The numbers are those of the generated column `status`.
/// The status of a contact in the portal.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortalStatus {
    /// Never invited, or the invitation was cancelled; and has not joined.
    NotInvited = 0,
    /// Invited, and has not joined yet.
    Invited = 1,
    /// Has joined: signed in to the portal at least once.
    Active = 2,
    /// Its access was revoked.
    Revoked = 3,
}

impl PortalStatus {
    pub(crate) const ALL: [Self; 4] = [Self::NotInvited, Self::Invited, Self::Active, Self::Revoked];
}

#[derive(Clone, Debug, Queryable, Selectable)]
pub struct Contact {
    pub account_id: AccountId,
    pub id: ContactId,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub tags: Vec<String>,
    pub timezone: Option<String>,
    pub locale: Option<String>,
    pub invited_at: Option<DateTime<Utc>>,
    pub joined_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub name_key: String,
    pub email_proved_at: Option<DateTime<Utc>>,
}

/// What staff may say of a contact, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactDetails {
    pub email: Option<EmailAddress>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub tags: Vec<String>,
    pub timezone: Option<String>,
    pub locale: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = contacts)]
struct NewRow<'a> {
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

impl<'a> NewRow<'a> {
    fn new(account: AccountId, details: &'a ContactDetails, moment: &Moment) -> Self {
        Self {
            account_id: account,
            id: ContactId::new(moment),
            email: details.email.as_ref().map(|email| &email.text[..]),
            email_key: details.email.as_ref().map(|email| &email.key[..]),
            phone: details.phone.as_deref(),
            first_name: details.first_name.as_deref(),
            last_name: details.last_name.as_deref(),
            tags: &details.tags,
            timezone: details.timezone.as_deref(),
            locale: details.locale.as_deref(),
            created_at: moment.now,
            updated_at: moment.now,
        }
    }
}

impl Contact {
    /// As it would be created, for previews.
    pub(crate) fn unsaved(account: AccountId, details: &ContactDetails, moment: &Moment) -> Self {
        let details = details.clone();
        let (email, email_key) = details.email.map(|email| (email.text, email.key)).unzip();
        Self {
            account_id: account,
            id: ContactId::new(moment),
            email,
            email_key,
            phone: details.phone,
            first_name: details.first_name,
            last_name: details.last_name,
            tags: details.tags,
            timezone: details.timezone,
            locale: details.locale,
            invited_at: None,
            joined_at: None,
            last_seen_at: None,
            revoked_at: None,
            created_at: moment.now,
            name_key: String::new(),
            email_proved_at: None,
        }
    }

    pub(crate) fn status(&self) -> PortalStatus {
        match (self.revoked_at, self.joined_at, self.invited_at) {
            (Some(_), _, _) => PortalStatus::Revoked,
            (None, Some(_), _) => PortalStatus::Active,
            (None, None, Some(_)) => PortalStatus::Invited,
            (None, None, None) => PortalStatus::NotInvited,
        }
    }

    /// First and last name, as far as they are known.
    pub(crate) fn name(&self) -> Option<String> {
        let words: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Creates those whose address is not taken yet and gives them back. Rows are taken in the order of their addresses,
    /// so that two requests with the same addresses wait for each other and never deadlock.
    pub async fn create_missing(
        conn: &mut Conn,
        account: AccountId,
        details: &[ContactDetails],
        moment: &Moment,
    ) -> Result<Vec<Self>> {
        let mut rows: Vec<NewRow<'_>> = details
            .iter()
            .map(|one| NewRow::new(account, one, moment))
            .collect();
        rows.sort_by_key(|row| row.email_key);
        let mut made = Vec::with_capacity(rows.len());
        // A statement takes 65,535 values.
        for part in rows.chunks(2_000) {
            let created: Vec<Self> = diesel::insert_into(contacts::table)
                .values(part)
                .on_conflict((contacts::account_id, contacts::email_key))
                .do_nothing()
                .returning(Self::as_returning())
                .get_results(conn)
                .await?;
            made.extend(created);
        }
        Ok(made)
    }

    pub(crate) async fn find(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<Option<Self>> {
        Ok(contacts::table
            .find((account, id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(contacts::table
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn by_email(
        conn: &mut Conn,
        account: AccountId,
        email: &EmailAddress,
    ) -> Result<Option<Self>> {
        Ok(contacts::table
            .filter(contacts::account_id.eq(account))
            .filter(contacts::email_key.eq(&email.key))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn by_emails(conn: &mut Conn, account: AccountId, keys: &[&str]) -> Result<Vec<Self>> {
        Ok(contacts::table
            .filter(contacts::account_id.eq(account))
            .filter(contacts::email_key.eq_any(keys))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Takes the rows for this transaction, in the order of their ids: whoever changes a contact, its links or its
    /// invitation holds its row first.
    pub(crate) async fn lock_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(contacts::table
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .order(contacts::id)
            .select(Self::as_select())
            .for_no_key_update()
            .load(conn)
            .await?)
    }

    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<Option<Self>> {
        Ok(Self::lock_many(conn, account, &[id]).await?.pop())
    }

    /// Erases the contact with its invitation, links, messages and sessions; the audit log keeps its id.
    pub(crate) async fn delete(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<bool> {
        Ok(diesel::delete(contacts::table.find((account, id)))
            .execute(conn)
            .await?
            == 1)
    }

    /// Marks them invited; the first time is kept for ever.
    pub(crate) async fn mark_invited(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(contacts::table)
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .filter(contacts::invited_at.is_null())
            .set((
                contacts::invited_at.eq(now),
                contacts::first_invited_at.eq(sql::fragment::<
                    diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>,
                >("coalesce(first_invited_at, ?)")
                .bind::<diesel::sql_types::Timestamptz, _>(now)),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn mark_uninvited(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<()> {
        diesel::update(contacts::table.find((account, id)))
            .set(contacts::invited_at.eq(None::<DateTime<Utc>>))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Notes that the contact was here: at most once a day, and the first time is the day it joined. `mail_read`: what it
    /// came with was emailed to its present address and to no other.
    pub(crate) async fn mark_seen(
        &self,
        conn: &mut impl AnyConn,
        mail_read: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let seen_today = self
            .last_seen_at
            .is_some_and(|seen| seen.date_naive() >= now.date_naive());
        let proves = mail_read && self.email_proved_at.is_none();
        if self.joined_at.is_some() && seen_today && !proves {
            return Ok(());
        }
        diesel::update(contacts::table.find((self.account_id, self.id)))
            .set((
                contacts::joined_at.eq(self.joined_at.unwrap_or(now)),
                contacts::last_seen_at.eq(now),
                contacts::email_proved_at.eq(self.email_proved_at.or(mail_read.then_some(now))),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Notes that the contact reads the mail to its present address, where that was not known.
    pub(crate) async fn prove_mailbox(
        conn: &mut Conn,
        account: AccountId,
        id: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(contacts::table.find((account, id)))
            .filter(contacts::email_proved_at.is_null())
            .set(contacts::email_proved_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The same from a request that comes with a session, with no row at hand.
    pub(crate) async fn touch(
        conn: &mut Conn,
        account: AccountId,
        id: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let today = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        diesel::update(contacts::table.find((account, id)))
            .filter(
                contacts::last_seen_at
                    .is_null()
                    .or(contacts::last_seen_at.lt(today)),
            )
            .set(contacts::last_seen_at.eq(now))
            .execute(conn)
            .await?;
        Ok(())
    }
}
