//! Finders of contacts, scoped to one account, and their locks.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Contact;
use crate::base::address::EmailAddress;
use crate::base::db::Conn;
use crate::base::db::schema::contacts;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

impl Contact {
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

    /// Locks the rows in the order of their ids, so that transactions can't deadlock. Every change of a contact, its links or its
    /// invitation locks the contact's row first.
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

    /// Locks those that no other transaction has locked, for a transaction that must not wait for them.
    pub(crate) async fn lock_available(
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
            .skip_locked()
            .load(conn)
            .await?)
    }

    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: ContactId) -> Result<Option<Self>> {
        Ok(Self::lock_many(conn, account, &[id]).await?.pop())
    }
}
