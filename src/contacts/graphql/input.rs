//! The filter and the order of contacts, as the API takes them.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};

use crate::api::scalars::DateTimeText;
use crate::base::error::{Error, Result};
use crate::base::ids::{ContactId, InvalidId};
use crate::contacts::model::PortalStatus;
use crate::contacts::model::list::{Filter, Order, OrderDirection, OrderField, RawFilter};

pub(crate) use crate::contacts::model::list::{parse_search, parse_tags};

/// Which contacts: those named, or all that match a filter.
#[derive(InputObject)]
pub(crate) struct ContactSelection {
    /// The contacts, by id.
    pub contact_ids: Option<Vec<ID>>,
    /// Contacts by address. An address that no contact has is skipped.
    pub emails: Option<Vec<String>>,
    /// Every contact that matches, instead of ids and addresses. Anything but `portalStatus` in it needs the scope `READ` too.
    pub filter: Option<ContactFilter>,
}

/// Which contacts: those that meet all conditions given. Without any condition: all.
#[derive(InputObject, Clone, Debug, Default)]
pub(crate) struct ContactFilter {
    /// The portal status is one of these.
    portal_status: Option<Vec<PortalStatus>>,
    /// The contact has at least one of these tags, in exactly this letter case: 1 to 50.
    tags: Option<Vec<String>>,
    /// The name or address contains words that begin with each of these words, in any letter case:
    /// `ann exa` finds `Anna` with `anna@example.com`. At most 200 characters; empty: all.
    search: Option<String>,
    /// Added after this time.
    created_after: Option<DateTimeText>,
    /// Added before this time.
    created_before: Option<DateTimeText>,
    /// Invited before this time.
    invited_before: Option<DateTimeText>,
    /// Joined after this time.
    joined_after: Option<DateTimeText>,
    /// Last seen before this time; contacts never seen don't match.
    last_seen_before: Option<DateTimeText>,
}

impl ContactFilter {
    /// Whether its matches reveal more about contacts than their portal status.
    pub(crate) fn needs_read(&self) -> bool {
        let Self {
            portal_status: _,
            tags,
            search,
            created_after,
            created_before,
            invited_before,
            joined_after,
            last_seen_before,
        } = self;
        let times = [
            created_after,
            created_before,
            invited_before,
            joined_after,
            last_seen_before,
        ];
        tags.is_some() || search.is_some() || times.into_iter().any(Option::is_some)
    }

    /// `field` is the path of the filter, such as `input.filter`.
    pub(crate) fn parse(self, field: &str) -> Result<Filter> {
        let text = |at: Option<DateTimeText>| at.map(|at| at.0);
        let raw = RawFilter {
            portal_status: self.portal_status,
            tags: self.tags,
            search: self.search,
            created_after: text(self.created_after),
            created_before: text(self.created_before),
            invited_before: text(self.invited_before),
            joined_after: text(self.joined_after),
            last_seen_before: text(self.last_seen_before),
        };
        raw.parse(field)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    fn invalid_field(filter: ContactFilter) -> Option<String> {
        let error = filter.parse("input.filter").expect_err("refused");
        assert_eq!(error.code, Code::BadUserInput);
        error.field.clone()
    }

    #[test]
    fn an_error_in_a_filter_names_its_field() {
        let tags = |tags: &[&str]| ContactFilter {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..ContactFilter::default()
        };
        assert_eq!(
            invalid_field(tags(&["vip", " "])).as_deref(),
            Some("input.filter.tags.1")
        );
        assert_eq!(
            invalid_field(tags(&["a\0"])).as_deref(),
            Some("input.filter.tags.0")
        );
        for wrong in [tags(&["a"; 51]), tags(&[])] {
            assert_eq!(invalid_field(wrong).as_deref(), Some("input.filter.tags"));
        }
        for wrong in ["a".repeat(201), "?!".to_owned()] {
            let search = ContactFilter {
                search: Some(wrong),
                ..ContactFilter::default()
            };
            assert_eq!(invalid_field(search).as_deref(), Some("input.filter.search"));
        }
        let no_status = ContactFilter {
            portal_status: Some(Vec::new()),
            ..ContactFilter::default()
        };
        assert_eq!(
            invalid_field(no_status).as_deref(),
            Some("input.filter.portalStatus")
        );
        let at = ContactFilter {
            joined_after: Some(DateTimeText("yesterday".to_owned())),
            ..ContactFilter::default()
        };
        assert_eq!(invalid_field(at).as_deref(), Some("input.filter.joinedAfter"));
    }

    #[test]
    fn an_empty_search_counts_as_absent() {
        let filter = ContactFilter {
            search: Some("  ".to_owned()),
            ..ContactFilter::default()
        };
        assert_eq!(filter.parse("filter").ok().and_then(|filter| filter.search), None);
    }
}
