//! Parts of inputs that several features have. Errors name the field, such as `input.title`.

use async_graphql::MaybeUndefined;
use chrono::{DateTime, Utc};

use super::scalars::{DateTimeText, Url};
use crate::base::error::{Code, Error, Result};
use crate::base::markdown::{self, MAX_DESCRIPTION_CHARS};
use crate::base::{plain_text, web_address};

/// The most characters of a title or name.
pub(crate) const MAX_TITLE_CHARS: usize = 200;

/// A title or name, which can't be empty.
pub(crate) fn title(field: &str, text: &str) -> Result<String> {
    let title = plain_text::line(field, text, MAX_TITLE_CHARS)?;
    title.ok_or_else(|| Error::bad_input(field, "It can't be empty."))
}

/// A description in Markdown.
pub(crate) fn description(text: &str) -> Result<Option<String>> {
    markdown::parse("input.description", text, MAX_DESCRIPTION_CHARS)
}

/// An https URL.
pub(crate) fn https(field: &'static str) -> impl Fn(&Url) -> Result<Option<String>> {
    move |url| web_address::https(field, &url.0)
}

/// The value of an optional field of a new object.
pub(crate) fn optional<T: ?Sized, U>(
    value: Option<&T>,
    parse: impl FnOnce(&T) -> Result<Option<U>>,
) -> Result<Option<U>> {
    value.map_or(Ok(None), parse)
}

/// The value that an optional field of an object gets: `None` leaves it as it is.
pub(crate) fn change<T, U>(
    value: &MaybeUndefined<T>,
    parse: impl FnOnce(&T) -> Result<Option<U>>,
) -> Result<Option<Option<U>>> {
    Ok(match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(parse(value)?),
    })
}

/// The path of the field with the time that a caller has read.
const EXPECTED_UPDATED_AT: &str = "input.expectedUpdatedAt";

/// The `updatedAt` of an object as the caller last read it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExpectedUpdatedAt(Option<DateTime<Utc>>);

impl ExpectedUpdatedAt {
    pub(crate) fn parse(text: Option<DateTimeText>) -> Result<Self> {
        let time = text.map(|text| text.parse(EXPECTED_UPDATED_AT)).transpose()?;
        Ok(Self(time))
    }

    /// Refuses to overwrite a change that the caller has not read; `what` is the object, such as "contact".
    pub(crate) fn check(self, what: &str, updated_at: DateTime<Utc>) -> Result<()> {
        if self.0.is_none_or(|expected| expected == updated_at) {
            return Ok(());
        }
        let message = format!("The {what} has changed since you read it: read it again.");
        Err(Error::new(Code::Conflict, message).at(EXPECTED_UPDATED_AT))
    }
}
