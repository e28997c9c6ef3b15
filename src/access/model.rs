//! Grants: one contact may open one target, from one source.

pub(crate) mod change;
pub(crate) mod content;
pub(crate) mod grant;
pub(crate) mod path;
pub(crate) mod portal;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::ids::{CommunityId, CourseId, OfferId};
use crate::base::text_enum::{UnknownVariant, text_enum};

text_enum! {
    /// Whether a course, community or offer can be used.
    #[derive(async_graphql::Enum)]
    ContentStatus {
        /// Staff are still working on it. Contacts don't see it.
        Draft = "DRAFT",
        /// Contacts who were granted it see it.
        Published = "PUBLISHED",
        /// Put away. A course or community is closed to everyone until it is published again; an offer can't be granted any
        /// more, and those who have it keep it.
        Archived = "ARCHIVED",
    }
}

impl ContentStatus {
    /// The statuses that a list shows: those named, or all but archived.
    pub(crate) fn selected(named: Option<Vec<Self>>) -> Vec<Self> {
        named.unwrap_or_else(|| vec![Self::Draft, Self::Published])
    }
}

/// A course or community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    Course(CourseId),
    Community(CommunityId),
}

impl Item {
    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Course(id) => id.0,
            Self::Community(id) => id.0,
        }
    }

    pub(crate) fn course(self) -> Option<CourseId> {
        match self {
            Self::Course(id) => Some(id),
            Self::Community(_) => None,
        }
    }

    pub(crate) fn community(self) -> Option<CommunityId> {
        match self {
            Self::Course(_) => None,
            Self::Community(id) => Some(id),
        }
    }
}

/// What a grant gives. As text: the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Target {
    Course(CourseId),
    Community(CommunityId),
    Offer(OfferId),
}

impl Target {
    /// The one of three columns that has a value.
    pub(crate) fn of_columns(
        course: Option<CourseId>,
        community: Option<CommunityId>,
        offer: Option<OfferId>,
    ) -> Option<Self> {
        (course.map(Self::Course))
            .or(community.map(Self::Community))
            .or(offer.map(Self::Offer))
    }

    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Course(id) => id.0,
            Self::Community(id) => id.0,
            Self::Offer(id) => id.0,
        }
    }

    /// What it is, in an error.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Course(_) => "course",
            Self::Community(_) => "community",
            Self::Offer(_) => "offer",
        }
    }

    pub(crate) fn course(self) -> Option<CourseId> {
        match self {
            Self::Course(id) => Some(id),
            Self::Community(_) | Self::Offer(_) => None,
        }
    }

    pub(crate) fn community(self) -> Option<CommunityId> {
        match self {
            Self::Community(id) => Some(id),
            Self::Course(_) | Self::Offer(_) => None,
        }
    }

    pub(crate) fn offer(self) -> Option<OfferId> {
        match self {
            Self::Offer(id) => Some(id),
            Self::Course(_) | Self::Community(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Course(id) => id.fmt(f),
            Self::Community(id) => id.fmt(f),
            Self::Offer(id) => id.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, UnknownVariant> {
        (text.parse().map(Self::Course))
            .or_else(|_| text.parse().map(Self::Community))
            .or_else(|_| text.parse().map(Self::Offer))
            .map_err(|_| UnknownVariant(text.to_owned(), "Target"))
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

impl TryFrom<String> for Target {
    type Error = UnknownVariant;

    fn try_from(text: String) -> Result<Self, UnknownVariant> {
        text.parse()
    }
}
