//! A community.

pub(crate) mod announcement;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::access::model::ContentStatus;
use crate::access::model::content::{ContentFilter, content_rows};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::communities;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId};
use crate::base::page::{Page, PageRequest};

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

content_rows!(Community, CommunityId, CommunityDetails, communities, name);

impl Community {
    pub(crate) fn is_published(&self) -> bool {
        self.details.status == ContentStatus::Published
    }
}
