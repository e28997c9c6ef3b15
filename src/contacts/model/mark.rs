//! When a contact was invited, joined, was last seen, and proved their mailbox.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;

use super::Contact;
use crate::base::db::schema::contacts;
use crate::base::db::{AnyConn, Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

impl Contact {
    /// Marks contacts as invited. `first_invited_at` keeps the first time.
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
                contacts::first_invited_at.eq(sql::fragment::<Nullable<Timestamptz>>(
                    "coalesce(first_invited_at, ?)",
                )
                .bind::<Timestamptz, _>(now)),
                contacts::updated_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    pub(crate) async fn mark_uninvited(
        conn: &mut Conn,
        account: AccountId,
        ids: &[ContactId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        diesel::update(contacts::table)
            .filter(contacts::account_id.eq(account))
            .filter(contacts::id.eq_any(ids))
            .set((
                contacts::invited_at.eq(None::<DateTime<Utc>>),
                contacts::updated_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records that the contact signed in; the first time, that they joined. Written at most once a day. `proves_mailbox`:
    /// the contact proved that they read the mail to their current address.
    pub(crate) async fn mark_seen(
        &self,
        conn: &mut impl AnyConn,
        proves_mailbox: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let seen_today = self
            .last_seen_at
            .is_some_and(|seen| seen.date_naive() >= now.date_naive());
        let proves = proves_mailbox && self.email_proved_at.is_none();
        if self.joined_at.is_some() && seen_today && !proves {
            return Ok(());
        }
        diesel::update(contacts::table.find((self.account_id, self.id)))
            .set((
                contacts::joined_at.eq(self.joined_at.unwrap_or(now)),
                contacts::last_seen_at.eq(now),
                contacts::updated_at.eq(sql::fragment::<Timestamptz>(
                    "case when joined_at is null then ? else updated_at end",
                )
                .bind::<Timestamptz, _>(now)),
                contacts::email_proved_at.eq(self.email_proved_at.or(proves_mailbox.then_some(now))),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Records that the contact made a request. Written at most once a day.
    pub(crate) async fn record_activity(
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

    /// Records that the contact reads the mail to their current address, if that was not known.
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
}
