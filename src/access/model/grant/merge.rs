//! The grants of a contact who is merged into another.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::AccessGrant;
use crate::base::db::schema::access_grants;
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};

/// A live grant of each contact, of the same target from the same source, of which a contact can have only one.
const PAIR: &str = "k.account_id = ? and k.contact_id = ? and k.revoked_at is null and d.account_id = k.account_id and d.contact_id = ? \
    and d.revoked_at is null and d.target_id = k.target_id and d.source = k.source and d.source_id is not distinct from k.source_id";

impl AccessGrant {
    /// Gives the grants of a contact to another one; both rows are locked. Where both have the same target from the same source, one
    /// grant remains, as if it had been granted twice: it starts at the earlier time and ends at the later, and one that has ended
    /// counts for nothing beside one that has not.
    pub(crate) async fn move_to_contact(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        Self::prolong(conn, account, from, to, now).await?;
        sql::statement(format!(
            "delete from access_grants d using access_grants k where {PAIR}"
        ))
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(from)
        .execute(conn)
        .await?;
        diesel::update(access_grants::table)
            .filter(access_grants::account_id.eq(account))
            .filter(access_grants::contact_id.eq(from))
            .set(access_grants::contact_id.eq(to))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Prolongs the grants that both have, as a repeated grant does.
    async fn prolong(
        conn: &mut Conn,
        account: AccountId,
        from: ContactId,
        to: ContactId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql::statement(format!(
            "update access_grants k set \
                starts_at = case when k.ends_at <= ? then d.starts_at when d.ends_at <= ? then k.starts_at \
                    else least(k.starts_at, d.starts_at) end, \
                ends_at = case when k.ends_at <= ? then d.ends_at when d.ends_at <= ? then k.ends_at \
                    when k.ends_at is null or d.ends_at is null then null else greatest(k.ends_at, d.ends_at) end \
             from access_grants d where {PAIR}"
        ))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(account)
        .bind::<SqlUuid, _>(to)
        .bind::<SqlUuid, _>(from)
        .execute(conn)
        .await?;
        Ok(())
    }
}
