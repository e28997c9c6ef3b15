//! The filter and the order of contacts, as the API takes them.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::scalars::DateTimeText;
use crate::base::error::{Error, Result};
use crate::base::ids::{ContactId, InvalidId};
use crate::contacts::model::PortalStatus;
use crate::contacts::model::list::{Conditions, CourseProgress, Filter, Order, OrderDirection, OrderField};

pub(crate) use crate::contacts::model::list::{parse_search, parse_tags};

/// Which contacts: those named, all that match a filter, or all in a smart list.
#[derive(InputObject, Default)]
pub(crate) struct ContactSelection {
    /// The contacts, by id.
    pub contact_ids: Option<Vec<ID>>,
    /// Contacts by address. An address that no contact has is skipped.
    pub emails: Option<Vec<String>>,
    /// Every contact that matches, instead of ids and addresses. Anything but `portalStatus` in it needs the scope `READ` too.
    pub filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids, addresses and filter. Needs the scope `READ` too.
    pub smart_list_id: Option<ID>,
}

/// Which contacts: those that meet all conditions given. Without any condition: all.
#[derive(InputObject, SimpleObject, Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[graphql(name = "ContactConditions", input_name = "ContactFilter")]
pub(crate) struct ContactFilter {
    /// The portal status is one of these.
    portal_status: Option<Vec<PortalStatus>>,
    /// The contact has at least one of these tags, in exactly this letter case: 1 to 50.
    tags: Option<Vec<String>>,
    /// The contact has every one of these tags: 1 to 50.
    all_tags: Option<Vec<String>>,
    /// The contact has none of these tags: 1 to 50.
    no_tags: Option<Vec<String>>,
    /// The name or address contains words that begin with each of these words, in any letter case:
    /// `ann exa` finds `Anna` with `anna@example.com`. At most 200 characters; empty: all.
    search: Option<String>,
    /// Added after this time.
    created_after: Option<DateTimeText>,
    /// Added before this time.
    created_before: Option<DateTimeText>,
    /// Added within the last so many days: 1 to 3,650, each of 24 hours, counted back when the conditions are used.
    created_within_days: Option<i32>,
    /// Added at least so many days ago: 1 to 3,650.
    created_for_days: Option<i32>,
    /// Invited after this time.
    invited_after: Option<DateTimeText>,
    /// Invited before this time.
    invited_before: Option<DateTimeText>,
    /// Invited within the last so many days: 1 to 3,650.
    invited_within_days: Option<i32>,
    /// Invited at least so many days ago: 1 to 3,650.
    invited_for_days: Option<i32>,
    /// Joined after this time.
    joined_after: Option<DateTimeText>,
    /// Joined before this time.
    joined_before: Option<DateTimeText>,
    /// Joined within the last so many days: 1 to 3,650.
    joined_within_days: Option<i32>,
    /// Joined at least so many days ago: 1 to 3,650.
    joined_for_days: Option<i32>,
    /// Last seen after this time.
    last_seen_after: Option<DateTimeText>,
    /// Last seen before this time; contacts never seen don't match.
    last_seen_before: Option<DateTimeText>,
    /// Last seen within the last so many days: 1 to 3,650.
    seen_within_days: Option<i32>,
    /// Last seen at least so many days ago: 1 to 3,650; contacts never seen don't match.
    not_seen_for_days: Option<i32>,
    /// Has a grant of at least one of these offers that has not ended or been revoked: 1 to 20.
    offer_ids: Option<Vec<ID>>,
    /// Has no such grant of any of these offers: 1 to 20.
    without_offer_ids: Option<Vec<ID>>,
    /// May open, now or later, at least one of these courses, by any grant: 1 to 20.
    course_ids: Option<Vec<ID>>,
    /// May open none of these courses, now or later: 1 to 20.
    without_course_ids: Option<Vec<ID>>,
    /// May open, now or later, at least one of these communities, by any grant: 1 to 20.
    community_ids: Option<Vec<ID>>,
    /// May open none of these communities, now or later: 1 to 20.
    without_community_ids: Option<Vec<ID>>,
    /// How far the contact is in a course. Progress is kept when access ends.
    course_progress: Option<CourseProgressFilter>,
    /// Whether the contact is an affiliate.
    affiliate: Option<bool>,
}

/// How far contacts are in a course.
#[derive(InputObject, SimpleObject, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "CourseProgressCondition", input_name = "CourseProgressFilter")]
pub(crate) struct CourseProgressFilter {
    /// The course.
    course_id: ID,
    /// How far.
    progress: CourseProgress,
}

impl ContactFilter {
    /// The conditions, as they are stored with a smart list.
    pub(crate) fn conditions(&self) -> Result<Conditions> {
        let json = serde_json::to_value(self).map_err(Error::internal)?;
        match json {
            Value::Object(given) => Ok(Conditions::new(given)),
            _ => Ok(Conditions::default()),
        }
    }

    /// `field` is the path of the filter, such as `input.filter`. Days are counted back from `now`.
    pub(crate) fn parse(&self, field: &str, now: DateTime<Utc>) -> Result<Filter> {
        self.conditions()?.parse(field, now)
    }
}

pub(crate) fn parse_time(field: &str, text: Option<DateTimeText>) -> Result<Option<DateTime<Utc>>> {
    text.map(|text| text.parse(field)).transpose()
}

/// Parses the `contactId` of a list. The list of another account's contact is empty.
pub(crate) fn parse_contact_id(field: &str, id: Option<ID>) -> Result<Option<ContactId>> {
    let invalid = |error: InvalidId| Error::bad_input(field, format!("Invalid contact id: {error}."));
    id.map(|id| id.parse().map_err(invalid)).transpose()
}

/// What a list of contacts is ordered by. Contacts that are equal in it follow in the order in which they were added.
#[derive(InputObject, Clone, Copy, Debug)]
pub(crate) struct ContactOrder {
    /// The field to order by.
    field: OrderField,
    /// Ascending or descending.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl ContactOrder {
    /// The requested order, or the newest first by the field.
    pub(crate) fn or_newest(requested: Option<Self>, field: OrderField) -> Order {
        match requested {
            Some(order) => Order {
                field: order.field,
                direction: order.direction,
            },
            None => Order {
                field,
                direction: OrderDirection::Desc,
            },
        }
    }
}
