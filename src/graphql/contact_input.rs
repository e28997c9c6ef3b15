//! Which contacts, and in which order, as the API takes it.

use async_graphql::InputObject;

use super::enums::{ContactOrderField, OrderDirection, PortalStatus};
use super::scalars::DateTime;
use crate::error::{Error, Result};
use crate::models::contact_list::{Filter, Order};
use crate::plain_text;

/// Which contacts: all conditions hold. An empty filter is everyone.
#[derive(InputObject, Default)]
pub struct ContactFilter {
    /// With one of these statuses.
    portal_status: Option<Vec<PortalStatus>>,
    /// With at least one of these tags.
    tags: Option<Vec<String>>,
    /// Whose name or address holds words that begin like these: `ann exa` finds `anna@example.com`.
    search: Option<String>,
    /// Added after this moment.
    created_after: Option<DateTime>,
    /// Added before this moment.
    created_before: Option<DateTime>,
    /// Invited before this moment.
    invited_before: Option<DateTime>,
    /// Joined after this moment.
    joined_after: Option<DateTime>,
    /// Last seen before this moment; not those who were never seen.
    last_seen_before: Option<DateTime>,
}

/// The order of a list of contacts.
#[derive(InputObject, Clone, Copy)]
pub struct ContactOrder {
    /// What it goes by.
    field: ContactOrderField,
    /// Upwards or downwards.
    direction: OrderDirection,
}

impl From<ContactOrder> for Order {
    fn from(order: ContactOrder) -> Self {
        Self {
            field: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        }
    }
}

/// Words to search for: some, and not too many.
pub fn search(field: &str, text: Option<String>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let Some(text) = plain_text::line(field, &text, 200)? else {
        return Ok(None);
    };
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Error::bad_input(
            field,
            "It holds no letter and no digit to search for.",
        ));
    }
    Ok(Some(text))
}

impl ContactFilter {
    pub fn parse(self, field: &str) -> Result<Filter> {
        if self.portal_status.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::bad_input(
                format!("{field}.portalStatus"),
                "Name at least one status, or leave it out.",
            ));
        }
        if self
            .tags
            .as_ref()
            .is_some_and(|tags| tags.is_empty() || tags.len() > 50)
        {
            return Err(Error::bad_input(
                format!("{field}.tags"),
                "Name one to fifty tags, or leave it out.",
            ));
        }
        let mut tags = Vec::new();
        for (place, tag) in self.tags.iter().flatten().enumerate() {
            let at = format!("{field}.tags.{place}");
            tags.push(plain_text::line(&at, tag, 50)?.ok_or_else(|| Error::bad_input(at, "It is empty."))?);
        }
        let statuses = self.portal_status.map(|statuses| {
            statuses
                .into_iter()
                .map(|status| crate::models::contact::PortalStatus::from(status) as i16)
                .collect()
        });
        Ok(Filter {
            statuses,
            tags: self.tags.is_some().then_some(tags),
            search: search(&format!("{field}.search"), self.search)?,
            created_after: self.created_after.map(|at| at.0),
            created_before: self.created_before.map(|at| at.0),
            invited_before: self.invited_before.map(|at| at.0),
            joined_after: self.joined_after.map(|at| at.0),
            last_seen_before: self.last_seen_before.map(|at| at.0),
        })
    }
}
