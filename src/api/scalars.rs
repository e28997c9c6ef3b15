//! Scalars that accept any text: the resolver refuses invalid values and names the field.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate, NaiveTime, SecondsFormat, Utc};

use crate::base::clock::{RFC3339_HINT, parse_rfc3339};
use crate::base::error::{Error, Result};

macro_rules! text_scalar {
    ($(#[$doc:meta])* $name:ident, $api:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(pub String);

        $(#[$doc])*
        #[Scalar(name = $api)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    };
}

text_scalar! {
    /// An email address (RFC 5321) such as `anna@example.com`; compared without regard to letter case.
    EmailAddress, "EmailAddress"
}
text_scalar! {
    /// A phone number in E.164 such as `+4915112345678`.
    PhoneNumber, "PhoneNumber"
}
text_scalar! {
    /// An absolute http or https URL (RFC 3986).
    Url, "URL"
}

text_scalar! {
    /// An amount of money as a text, with as many decimals as the currency's minor unit has (ISO 4217): `12.50` in USD, `1250` in JPY.
    Decimal, "Decimal"
}

text_scalar! {
    /// A day in ISO 8601, such as `2026-01-31`.
    Date, "Date"
}

text_scalar! {
    /// A time of day in ISO 8601, with hours and minutes, such as `21:00`.
    LocalTime, "LocalTime"
}

impl LocalTime {
    /// `field` is its path in the input.
    pub(crate) fn parse(&self, field: &str) -> Result<NaiveTime> {
        let text = self.0.trim();
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
        time.filter(|_| text.len() == 5)
            .ok_or_else(|| Error::bad_input(field, "Use the format of ISO 8601, such as 21:00."))
    }
}

impl From<NaiveTime> for LocalTime {
    fn from(time: NaiveTime) -> Self {
        Self(time.format("%H:%M").to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day.format("%Y-%m-%d").to_string())
    }
}

impl Date {
    /// `field` is its path in the input.
    pub(crate) fn parse(&self, field: &str) -> Result<NaiveDate> {
        let day = NaiveDate::parse_from_str(self.0.trim(), "%Y-%m-%d").ok();
        day.filter(|day| (1..10_000).contains(&day.year()))
            .ok_or_else(|| Error::bad_input(field, "Use the format of ISO 8601, such as 2026-01-31."))
    }
}

/// For output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub chrono::DateTime<Utc>);

/// A moment in RFC 3339. What comes out is in UTC and ends in `Z`: `2026-01-31T09:30:00.000000Z`; what goes in may have any
/// offset.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Ok(Self(
            parse_rfc3339(text).ok_or_else(|| InputValueError::custom(RFC3339_HINT))?,
        ))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(at: chrono::DateTime<Utc>) -> Self {
        Self(at)
    }
}

text_scalar! {
    /// A moment in RFC 3339. What comes out is in UTC and ends in `Z`: `2026-01-31T09:30:00.000000Z`; what goes in may have
    /// any offset.
    DateTimeText, "DateTime"
}

impl DateTimeText {
    /// `field` is its path in the input.
    pub(crate) fn parse(&self, field: &str) -> Result<chrono::DateTime<Utc>> {
        parse_rfc3339(&self.0).ok_or_else(|| Error::bad_input(field, RFC3339_HINT))
    }
}
