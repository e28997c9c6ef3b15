//! What contacts may open now: computed from the paths that lead from their live grants to courses and communities.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, GrantId};

/// One way from a grant to a course or community.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct Path {
    #[diesel(sql_type = SqlUuid)]
    pub contact_id: ContactId,
    #[diesel(sql_type = SqlUuid)]
    pub grant_id: GrantId,
    /// The course or community.
    #[diesel(sql_type = SqlUuid)]
    pub item_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub lists_before_start: bool,
}

/// A contact's access to one course or community, by all of their paths that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemAccess {
    pub contact: ContactId,
    pub is_open: bool,
    /// When it opened, or will open.
    pub opens_at: DateTime<Utc>,
    /// When the last of the paths ends; never if one has no end.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the portal lists it, open or not.
    pub is_listed: bool,
    pub grants: Vec<GrantId>,
}

impl Path {
    /// The paths of these contacts.
    pub(crate) async fn of_contacts(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(sql::statement(
            "select contact_id, grant_id, item_id, starts_at, ends_at, lists_before_start from access_paths \
             where account_id = ? and contact_id = any(?) order by grant_id, item_id",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(contacts.to_vec())
        .load(conn)
        .await?)
    }

    /// The paths of these contacts to offers: their grants of them. Here the item is the offer.
    pub(crate) async fn to_offers(
        conn: &mut Conn,
        account: AccountId,
        contacts: &[ContactId],
    ) -> Result<Vec<Self>> {
        Ok(sql::statement(
            "select g.contact_id, g.id as grant_id, g.offer_id as item_id, greatest(g.starts_at, o.starts_at) as starts_at, \
                g.ends_at, o.lists_before_start \
             from access_grants g join offers o on o.account_id = g.account_id and o.id = g.offer_id \
             where g.account_id = ? and g.contact_id = any(?) and g.revoked_at is null order by g.id",
        )
        .bind::<SqlUuid, _>(account)
        .bind::<Array<SqlUuid>, _>(contacts.to_vec())
        .load(conn)
        .await?)
    }

    fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && !self.has_ended(now)
    }

    fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.ends_at
            .is_some_and(|ends| ends <= now || ends <= self.starts_at)
    }
}

impl ItemAccess {
    fn of_path(path: &Path, now: DateTime<Utc>) -> Self {
        Self {
            contact: path.contact_id,
            is_open: path.is_open(now),
            opens_at: path.starts_at,
            ends_at: path.ends_at,
            is_listed: path.is_open(now) || path.lists_before_start,
            grants: vec![path.grant_id],
        }
    }

    fn add(&mut self, path: &Path, now: DateTime<Utc>) {
        let other = Self::of_path(path, now);
        self.is_open |= other.is_open;
        self.is_listed |= other.is_listed;
        self.opens_at = self.opens_at.min(other.opens_at);
        self.ends_at = self.ends_at.zip(other.ends_at).map(|(one, two)| one.max(two));
        self.grants.extend(other.grants);
    }

    /// The access to every course and community that these paths of one contact lead to.
    pub(crate) fn of_paths(paths: &[Path], now: DateTime<Utc>) -> HashMap<Uuid, Self> {
        let mut access: HashMap<Uuid, Self> = HashMap::new();
        for path in paths.iter().filter(|path| !path.has_ended(now)) {
            access
                .entry(path.item_id)
                .and_modify(|item| item.add(path, now))
                .or_insert_with(|| Self::of_path(path, now));
        }
        access
    }

    /// Whether a contact may open the course or community now. Its status isn't looked at.
    pub(crate) async fn is_open(
        conn: &mut Conn,
        account: AccountId,
        contact: ContactId,
        item: Uuid,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let paths = Path::of_contacts(conn, account, &[contact]).await?;
        let access = Self::of_paths(&paths, now);
        Ok(access.get(&item).is_some_and(|item| item.is_open))
    }
}

/// The number of contacts who may open each of these courses or communities at this time. One without any is absent.
pub(crate) async fn member_counts(
    conn: &mut Conn,
    account: AccountId,
    items: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        item_id: Uuid,
        #[diesel(sql_type = BigInt)]
        members: i64,
    }
    let rows: Vec<Row> = sql::statement(
        "select item_id, count(distinct contact_id) as members from access_paths \
         where account_id = ? and item_id = any(?) and starts_at <= ? and (ends_at is null or ends_at > ?) group by item_id",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<Array<SqlUuid>, _>(items.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row.members)).collect())
}
