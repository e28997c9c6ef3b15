//! A course.

pub(crate) mod lesson;
pub(crate) mod outline;
pub(crate) mod progress;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::access::model::ContentStatus;
use crate::access::model::content::{ContentFilter, content_rows};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::courses;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CourseId};
use crate::base::page::{Page, PageRequest};

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

content_rows!(Course, CourseId, CourseDetails, courses, title);

impl Course {
    pub(crate) fn is_published(&self) -> bool {
        self.details.status == ContentStatus::Published
    }
}
