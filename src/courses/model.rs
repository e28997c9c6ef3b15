//! A course.

pub(crate) mod lesson;
pub(crate) mod outline;
pub(crate) mod progress;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::access::model::ContentStatus;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::courses;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId};
use crate::base::page::{Page, PageRequest, page_newest_first};

#[derive(Clone, Debug, Queryable, Selectable)]
pub(crate) struct Course {
    pub account_id: AccountId,
    pub id: CourseId,
    #[diesel(embed)]
    pub details: CourseDetails,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What staff write about a course, validated.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = courses, treat_none_as_null = true)]
pub(crate) struct CourseDetails {
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    pub cover_url: Option<String>,
    /// Where the course is, if it isn't here.
    pub external_url: Option<String>,
    pub status: ContentStatus,
}

impl Course {
    pub(crate) fn is_published(&self) -> bool {
        self.details.status == ContentStatus::Published
    }

    pub(crate) async fn create(
        conn: &mut Conn,
        account: AccountId,
        details: &CourseDetails,
        moment: &Moment,
    ) -> Result<Self> {
        Ok(diesel::insert_into(courses::table)
            .values((
                courses::account_id.eq(account),
                courses::id.eq(CourseId::new(moment)),
                details,
                courses::created_at.eq(moment.now),
                courses::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[CourseId],
    ) -> Result<Vec<Self>> {
        Ok(courses::table
            .filter(courses::account_id.eq(account))
            .filter(courses::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    /// Locks the row. Every change of a course, its modules or its lessons does so first.
    pub(crate) async fn lock(conn: &mut Conn, account: AccountId, id: CourseId) -> Result<Option<Self>> {
        Ok(courses::table
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
        details: &CourseDetails,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(diesel::update(courses::table.find((self.account_id, self.id)))
            .set((details, courses::updated_at.eq(now)))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?)
    }

    /// The courses with one of these statuses, newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[ContentStatus],
        page: &PageRequest,
    ) -> Result<Page<Self>> {
        let query = courses::table
            .filter(courses::account_id.eq(account))
            .filter(courses::status.eq_any(statuses.to_vec()))
            .select(Self::as_select())
            .into_boxed();
        page_newest_first!(conn, query, page, courses::id, CourseId)
    }

    pub(crate) async fn count(
        conn: &mut Conn,
        account: AccountId,
        statuses: &[ContentStatus],
    ) -> Result<i64> {
        Ok(courses::table
            .filter(courses::account_id.eq(account))
            .filter(courses::status.eq_any(statuses))
            .count()
            .get_result(conn)
            .await?)
    }
}
