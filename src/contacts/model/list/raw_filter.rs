//! The conditions of a list as received, from the API or in the address of an export.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Filter;
use crate::base::clock::{RFC3339_HINT, parse_rfc3339};
use crate::base::error::{Error, Result};
use crate::base::plain_text;
use crate::contacts::model::PortalStatus;
use crate::contacts::model::details::{MAX_TAG_CHARS, MAX_TAGS};

/// The most characters of a search.
const MAX_SEARCH_CHARS: usize = 200;

/// The conditions under the names of the API's `ContactFilter`. Times are in RFC 3339.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawFilter {
    pub portal_status: Option<Vec<PortalStatus>>,
    pub tags: Option<Vec<String>>,
    pub search: Option<String>,
    pub created_after: Option<String>,
    pub created_before: Option<String>,
    pub invited_before: Option<String>,
    pub joined_after: Option<String>,
    pub last_seen_before: Option<String>,
}

impl RawFilter {
    /// The conditions in the JSON of a `ContactFilter`. The error names the wrong one, such as `{field}.tags`.
    pub(crate) fn from_json(field: &str, json: &str) -> Result<Self> {
        let no_object = |_| Error::bad_input(field, "It is not a JSON object.");
        let mut given: Map<String, Value> = serde_json::from_str(json).map_err(no_object)?;
        let filter = Self {
            portal_status: take(field, &mut given, "portalStatus")?,
            tags: take(field, &mut given, "tags")?,
            search: take(field, &mut given, "search")?,
            created_after: take(field, &mut given, "createdAfter")?,
            created_before: take(field, &mut given, "createdBefore")?,
            invited_before: take(field, &mut given, "invitedBefore")?,
            joined_after: take(field, &mut given, "joinedAfter")?,
            last_seen_before: take(field, &mut given, "lastSeenBefore")?,
        };
        match given.keys().next() {
            Some(unknown) => {
                let name = plain_text::escaped(unknown, 100);
                Err(Error::bad_input(
                    format!("{field}.{name}"),
                    "There is no such condition.",
                ))
            }
            None => Ok(filter),
        }
    }

    /// The names of the conditions that are given.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let given = [
            ("portalStatus", self.portal_status.is_some()),
            ("tags", self.tags.is_some()),
            ("search", self.search.is_some()),
            ("createdAfter", self.created_after.is_some()),
            ("createdBefore", self.created_before.is_some()),
            ("invitedBefore", self.invited_before.is_some()),
            ("joinedAfter", self.joined_after.is_some()),
            ("lastSeenBefore", self.last_seen_before.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given);
        given.map(|(name, _)| name).collect()
    }

    /// `field` is the path of the filter, such as `input.filter`.
    pub(crate) fn parse(self, field: &str) -> Result<Filter> {
        let at = |name: &str, text: Option<String>| parse_time(&format!("{field}.{name}"), text);
        Ok(Filter {
            statuses: parse_statuses(&format!("{field}.portalStatus"), self.portal_status)?,
            tags: self
                .tags
                .map(|tags| parse_tags(&format!("{field}.tags"), tags))
                .transpose()?,
            search: parse_search(&format!("{field}.search"), self.search)?,
            created_after: at("createdAfter", self.created_after)?,
            created_before: at("createdBefore", self.created_before)?,
            invited_before: at("invitedBefore", self.invited_before)?,
            joined_after: at("joinedAfter", self.joined_after)?,
            last_seen_before: at("lastSeenBefore", self.last_seen_before)?,
            access: None,
        })
    }
}

/// Takes one condition; null counts as absent.
fn take<T: DeserializeOwned>(field: &str, given: &mut Map<String, Value>, name: &str) -> Result<Option<T>> {
    let value = given.remove(name).unwrap_or_default();
    let wrong = |error| Error::bad_input(format!("{field}.{name}"), format!("Invalid value: {error}."));
    serde_json::from_value(value).map_err(wrong)
}

fn parse_statuses(field: &str, statuses: Option<Vec<PortalStatus>>) -> Result<Option<Vec<i16>>> {
    let Some(statuses) = statuses else { return Ok(None) };
    if statuses.is_empty() {
        return Err(Error::bad_input(
            field,
            "Name at least one status, or leave it out.",
        ));
    }
    Ok(Some(statuses.into_iter().map(|status| status as i16).collect()))
}

fn parse_time(field: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>> {
    let parse = |text: String| parse_rfc3339(&text).ok_or_else(|| Error::bad_input(field, RFC3339_HINT));
    text.map(parse).transpose()
}

/// Parses a search. An empty one counts as absent.
pub(crate) fn parse_search(field: &str, search: Option<String>) -> Result<Option<String>> {
    let search = search
        .map(|text| plain_text::line(field, &text, MAX_SEARCH_CHARS))
        .transpose()?;
    match search.flatten() {
        Some(text) if !text.chars().any(char::is_alphanumeric) => Err(Error::bad_input(
            field,
            "It contains no letter or digit to search for.",
        )),
        search => Ok(search),
    }
}

pub(crate) fn parse_tags(field: &str, tags: Vec<String>) -> Result<Vec<String>> {
    if !(1..=MAX_TAGS).contains(&tags.len()) {
        return Err(Error::bad_input(
            field,
            format!("Name 1 to {MAX_TAGS} tags, or leave it out."),
        ));
    }
    let tag = |(index, tag): (usize, String)| {
        let field = format!("{field}.{index}");
        plain_text::line(&field, &tag, MAX_TAG_CHARS)?
            .ok_or_else(|| Error::bad_input(&field, "It is empty: name a tag, or leave it out."))
    };
    tags.into_iter().enumerate().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_a_filter_has_the_names_of_the_api() {
        let json = r#"{"portalStatus": ["NOT_INVITED", "ACTIVE"], "tags": ["vip"], "search": null,
            "joinedAfter": "2026-01-05T10:00:00Z"}"#;
        let raw = RawFilter::from_json("filter", json).expect("a filter");
        assert_eq!(raw.names(), ["portalStatus", "tags", "joinedAfter"]);
        let filter = raw.parse("filter").expect("valid conditions");
        assert_eq!(filter.statuses, Some(vec![0, 2]));
        assert!(filter.search.is_none() && filter.joined_after.is_some());
    }

    #[test]
    fn a_wrong_condition_in_json_is_named() {
        for (json, expected) in [
            ("[]", "filter"),
            ("{", "filter"),
            (r#"{"tags": "vip"}"#, "filter.tags"),
            (r#"{"portalStatus": ["GONE"]}"#, "filter.portalStatus"),
            (r#"{"status": []}"#, "filter.status"),
            (r#"{"createdAfter": "now"}"#, "filter.createdAfter"),
            (r#"{"tags": []}"#, "filter.tags"),
        ] {
            let refused = RawFilter::from_json("filter", json).and_then(|raw| raw.parse("filter"));
            let field = refused.expect_err("refused").field.clone();
            assert_eq!(field.as_deref(), Some(expected), "{json}");
        }
    }
}
