//! A community.

pub(crate) mod announcement;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::access::model::ContentStatus;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::communities;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId};
use crate::base::page::{Page, PageRequest, page_newest_first};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = communities)]
pub(crate) struct Community {
    pub account_id: AccountId,
    pub id: CommunityId,
    #[diesel(embed)]
    pub details: CommunityDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff write about a community, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = communities, treat_none_as_null = true)]
pub(crate) struct CommunityDetails {
    pub name: String,
    /// Markdown.
    pub description: Option<String>,
    pub cover_url: Option<String>,
    /// Where members meet.
    pub join_url: Option<String>,
    pub status: ContentStatus,
}

impl Community {
    pub(crate) fn is_published(&self) -> bool {
        self.details.status == ContentStatus::Published
    }

    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        details: &CommunityDetails,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(communities::table)
            .values((
                communities::account_id.eq(account),
                communities::id.eq(CommunityId::new(moment)),
                details,
                communities::created_at.eq(moment.now),
                communities::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[CommunityId],
    ) -> Result<Vec<Self>> {
        Ok(communities::table
            .filter(communities::account_id.eq(account))
            .filter(communities::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Locks the row. Every change of a community or its announcements does so first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: CommunityId) -> Result<Option<Self>> {
        Ok(communities::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn update(
        &self,
        conn: &mut Conn,
        details: &CommunityDetails,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(
            diesel::update(communities::table.find((self.account_id, self.id)))
                .set((details, communities::updated_at.eq(now)))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?,
        )
    }

    /// The communities with one of these statuses, newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[ContentStatus],
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = communities::table
            .filter(communities::account_id.eq(account))
            .filter(communities::status.eq_any(statuses.to_vec()))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, communities::id, CommunityId)
    }

    pub(crate) async fn count(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[ContentStatus],
    ) -> Result<i64> {
        Ok(communities::table
            .filter(communities::account_id.eq(account))
            .filter(communities::status.eq_any(statuses))
            .count()
            .get_result(conn)
            .await?)
    }
}
