//! A smart list.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::access::model::ContentStatus;
use crate::access::model::change::Found;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::smart_lists;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, SmartListId};
use crate::base::page::{Page, PageRequest, page_newest_first};
use crate::contacts::model::list::{Conditions, Filter};

/// The most smart lists of an account.
pub(crate) const MAX_LISTS: i64 = 200;

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct SmartList {
    pub account_id: AccountId,
    pub id: SmartListId,
    #[diesel(embed)]
    pub details: SmartListDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff save, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = smart_lists)]
pub(crate) struct SmartListDetails {
    pub name: String,
    /// As [`Conditions`] read them.
    pub conditions: Value,
}

impl SmartList {
    /// The caller has locked the account and counted its lists.
    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        details: &SmartListDetails,
        moment: &Moment,
    ) -> Result<Self> {
        let created = diesel::insert_into(smart_lists::table)
            .values((
                smart_lists::account_id.eq(account),
                smart_lists::id.eq(SmartListId::new(moment)),
                details,
                smart_lists::created_at.eq(moment.now),
                smart_lists::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await;
        created.map_err(name_taken)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[SmartListId],
    ) -> Result<Vec<Self>> {
        Ok(smart_lists::table
            .filter(smart_lists::account_id.eq(account))
            .filter(smart_lists::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Newest first.
    pub(crate) async fn list(conn: &mut Conn, account: AccountId, page: &PageRequest) -> Result<Page<Self>> {
        let query = smart_lists::table
            .filter(smart_lists::account_id.eq(account))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, smart_lists::id, SmartListId)
    }

    pub(crate) async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
        let all = smart_lists::table.filter(smart_lists::account_id.eq(account));
        Ok(all.count().get_result(conn).await?)
    }

    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        details: &SmartListDetails,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let updated = diesel::update(smart_lists::table.find((self.account_id, self.id)))
            .set((details, smart_lists::updated_at.eq(now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await;
        updated.map_err(name_taken)
    }

    pub(crate) async fn delete(conn: &mut Conn, account: AccountId, id: SmartListId) -> Result<Option<Self>> {
        Ok(diesel::delete(smart_lists::table.find((account, id)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?)
    }
}

fn name_taken(error: DieselError) -> Error {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::new(Code::Conflict, "Another smart list has this name.").at("input.name")
        }
        error => error.into(),
    }
}

impl SmartListDetails {
    /// The contacts of the list at a time. Refuses a list with a condition on something that the account doesn't have or has archived;
    /// `field` is the path of the filter or of the list.
    pub(crate) async fn filter(
        &self,
        conn: &mut Conn,
        account: AccountId,
        field: &str,
        now: DateTime<Utc>,
    ) -> Result<Filter> {
        let conditions = match &self.conditions {
            Value::Object(given) => Conditions::new(given.clone()),
            _ => Conditions::default(),
        };
        let filter = conditions.parse(field, now)?;
        let targets = filter.targets();
        let found = Found::read(conn, account, targets.iter().map(|(_, target)| target)).await?;
        for (name, target) in &targets {
            let field = || format!("{field}.{name}");
            if found.status(*target, field)? == ContentStatus::Archived {
                let message = format!(
                    "This {} is archived: publish it again, or take it out of the list.",
                    target.noun()
                );
                return Err(Error::bad_input(field(), message));
            }
        }
        Ok(filter)
    }
}
