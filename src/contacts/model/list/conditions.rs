//! The conditions of a list as received: from the API, in the address of an export, or of a smart list.

#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Filter;
use super::filter::{AccessTo, CourseProgress, ProgressIn};
use crate::access::model::Target;
use crate::base::clock::{RFC3339_HINT, parse_rfc3339};
use crate::base::error::{Error, Result};
use crate::base::ids::{CommunityId, CourseId, InvalidId, OfferId};
use crate::base::plain_text;
use crate::contacts::model::PortalStatus;
use crate::contacts::model::details::{MAX_TAG_CHARS, MAX_TAGS};

/// The most characters of a search.
const MAX_SEARCH_CHARS: usize = 200;
/// The most courses, communities or offers of one condition.
const MAX_IDS: usize = 20;
/// Ten years.
const MAX_DAYS: i64 = 3_650;

/// Conditions under the names of the API's `ContactFilter`, in JSON. Times are in RFC 3339.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions(Map<String, Value>);

impl Conditions {
    /// A condition that is null counts as absent.
    pub(crate) fn new(mut given: Map<String, Value>) -> Self {
        given.retain(|_, value| !value.is_null());
        Self(given)
    }

    pub(crate) fn from_json(field: &str, json: &str) -> Result<Self> {
        let no_object = |_| Error::bad_input(field, "It is not a JSON object.");
        serde_json::from_str(json).map(Self::new).map_err(no_object)
    }

    /// The names of the conditions that are given.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Whether the matches reveal more about contacts than their portal status.
    pub(crate) fn need_read(&self) -> bool {
        self.0.keys().any(|name| name != "portalStatus")
    }

    pub(crate) fn into_json(self) -> Map<String, Value> {
        self.0
    }

    /// `field` is the path of the filter, such as `input.filter`; an error names the wrong condition, such as `{field}.tags`. Days
    /// are counted back from `now`.
    pub(crate) fn parse(self, field: &str, now: DateTime<Utc>) -> Result<Filter> {
        let mut given = Given {
            field,
            conditions: self.0,
        };
        let access = [
            given.access("offerIds", "offer", offer, true)?,
            given.access("withoutOfferIds", "offer", offer, false)?,
            given.access("courseIds", "course", course, true)?,
            given.access("withoutCourseIds", "course", course, false)?,
            given.access("communityIds", "community", community, true)?,
            given.access("withoutCommunityIds", "community", community, false)?,
        ];
        let filter = Filter {
            statuses: given.statuses("portalStatus")?,
            tags: given.tags("tags")?,
            all_tags: given.tags("allTags")?,
            no_tags: given.tags("noTags")?,
            search: given.search("search")?,
            created_after: given
                .time("createdAfter")?
                .max(given.days("createdWithinDays", now)?),
            created_before: earlier(given.time("createdBefore")?, given.days("createdForDays", now)?),
            invited_after: given
                .time("invitedAfter")?
                .max(given.days("invitedWithinDays", now)?),
            invited_before: earlier(given.time("invitedBefore")?, given.days("invitedForDays", now)?),
            joined_after: given
                .time("joinedAfter")?
                .max(given.days("joinedWithinDays", now)?),
            joined_before: earlier(given.time("joinedBefore")?, given.days("joinedForDays", now)?),
            last_seen_after: given
                .time("lastSeenAfter")?
                .max(given.days("seenWithinDays", now)?),
            last_seen_before: earlier(given.time("lastSeenBefore")?, given.days("notSeenForDays", now)?),
            access: access
                .into_iter()
                .flatten()
                .map(|(targets, has)| AccessTo {
                    targets,
                    has,
                    at: now,
                })
                .collect(),
            progress: given.progress("courseProgress")?,
            affiliate: given.take("affiliate")?,
        };
        given.finish()?;
        Ok(filter)
    }
}

fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn parsed<T: FromStr<Err = InvalidId>>(target: fn(T) -> Target, id: &str) -> Result<Target, InvalidId> {
    id.parse().map(target)
}

fn course(id: &str) -> Result<Target, InvalidId> {
    parsed::<CourseId>(Target::Course, id)
}

fn community(id: &str) -> Result<Target, InvalidId> {
    parsed::<CommunityId>(Target::Community, id)
}

fn offer(id: &str) -> Result<Target, InvalidId> {
    parsed::<OfferId>(Target::Offer, id)
}

/// The conditions that are not taken yet.
struct Given<'a> {
    field: &'a str,
    conditions: Map<String, Value>,
}

impl Given<'_> {
    fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.field)
    }

    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let value = self.conditions.remove(name).unwrap_or_default();
        let wrong = |error| Error::bad_input(self.path(name), format!("Invalid value: {error}."));
        serde_json::from_value(value).map_err(wrong)
    }

    fn finish(&self) -> Result<()> {
        let Some(unknown) = self.conditions.keys().next() else {
            return Ok(());
        };
        let name = plain_text::escaped(unknown, 100);
        Err(Error::bad_input(self.path(&name), "There is no such condition."))
    }

    fn statuses(&mut self, name: &str) -> Result<Option<Vec<i16>>> {
        let Some(statuses) = self.take::<Vec<PortalStatus>>(name)? else {
            return Ok(None);
        };
        if statuses.is_empty() {
            let message = "Name at least one status, or leave it out.";
            return Err(Error::bad_input(self.path(name), message));
        }
        Ok(Some(statuses.into_iter().map(|status| status as i16).collect()))
    }

    fn tags(&mut self, name: &str) -> Result<Option<Vec<String>>> {
        let tags = self.take(name)?;
        tags.map(|tags| parse_tags(&self.path(name), tags)).transpose()
    }

    fn search(&mut self, name: &str) -> Result<Option<String>> {
        let search = self.take(name)?;
        parse_search(&self.path(name), search)
    }

    fn time(&mut self, name: &str) -> Result<Option<DateTime<Utc>>> {
        let text: Option<String> = self.take(name)?;
        let parse = |text: String| {
            parse_rfc3339(&text).ok_or_else(|| Error::bad_input(self.path(name), RFC3339_HINT))
        };
        text.map(parse).transpose()
    }

    /// The time that is so many days ago.
    fn days(&mut self, name: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let days: Option<i64> = self.take(name)?;
        match days {
            Some(days) if !(1..=MAX_DAYS).contains(&days) => {
                let message = format!("It must be between 1 and {MAX_DAYS}.");
                Err(Error::bad_input(self.path(name), message))
            }
            days => Ok(days.map(|days| now - TimeDelta::days(days))),
        }
    }

    fn access(
        &mut self,
        name: &str,
        noun: &str,
        parse: fn(&str) -> Result<Target, InvalidId>,
        has: bool,
    ) -> Result<Option<(Vec<Target>, bool)>> {
        let Some(ids) = self.take::<Vec<String>>(name)? else {
            return Ok(None);
        };
        if !(1..=MAX_IDS).contains(&ids.len()) {
            let message = format!("Name 1 to {MAX_IDS} ids, or leave it out.");
            return Err(Error::bad_input(self.path(name), message));
        }
        let target = |(index, id): (usize, &String)| {
            let field = format!("{}.{index}", self.path(name));
            parse(id).map_err(|error| Error::bad_input(field, format!("Invalid {noun} id: {error}.")))
        };
        let targets = ids.iter().enumerate().map(target).collect::<Result<_>>()?;
        Ok(Some((targets, has)))
    }

    fn progress(&mut self, name: &str) -> Result<Option<ProgressIn>> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Progress {
            course_id: String,
            progress: CourseProgress,
        }
        let Some(Progress { course_id, progress }) = self.take(name)? else {
            return Ok(None);
        };
        let wrong = |error: InvalidId| {
            Error::bad_input(
                self.path(&format!("{name}.courseId")),
                format!("Invalid course id: {error}."),
            )
        };
        let course = course(&course_id).map_err(wrong)?;
        Ok(Some(ProgressIn { course, progress }))
    }
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
