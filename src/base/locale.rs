//! The languages of pages and emails, and the time zone of who reads them.
//!
//! The texts are in `templates/locales/`, a file per feature and language (Project Fluent). To add a text: the same message in the
//! file of each language, and `text("its-name")` of a [`Locale`] where it is shown. To add a file: its name in `locale/text.rs`.

pub(crate) mod text;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

use self::text::Text;
use crate::base::text_enum::text_enum;

text_enum! {
    /// A language that the portal's pages and emails are written in.
    #[derive(async_graphql::Enum)]
    Language {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
        /// German.
        German = "de",
        /// French.
        French = "fr",
    }
}

impl Language {
    /// The code of ISO 639-1.
    pub(crate) fn code(self) -> &'static str {
        self.as_str()
    }

    /// The language's name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
            Self::German => "Deutsch",
            Self::French => "Français",
        }
    }

    /// The language of a tag such as `de-AT` (BCP 47).
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let mut all = Self::ALL.iter().copied();
        all.find(|language| primary.eq_ignore_ascii_case(language.code()))
    }

    /// The first choice among the languages of an `Accept-Language` header (RFC 9110, section 12.5.4).
    pub(crate) fn preferred(header: &str) -> Option<Self> {
        let mut choices: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|choice| {
                let (tag, parameter) = choice.split_once(';').unwrap_or((choice, "q=1"));
                let weight = parameter.trim().strip_prefix("q=")?.parse().ok()?;
                Some((weight, Self::of_tag(tag.trim())?))
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        choices.sort_by(|(one, _), (two, _)| two.total_cmp(one));
        choices.first().map(|(_, language)| *language)
    }
}

/// How a reader gets a page or an email: the language of its texts, and the zone of its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    pub language: Language,
    pub zone: Tz,
}

impl Locale {
    /// For readers of whom nothing is known.
    pub(crate) const DEFAULT: Self = Self {
        language: Language::English,
        zone: Tz::UTC,
    };

    /// In the time zone of this name (IANA), or in UTC if there is none of that name.
    pub(crate) fn new(language: Language, zone: Option<&str>) -> Self {
        Self {
            language,
            zone: zone.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC),
        }
    }

    /// A message of `templates/locales/`.
    pub(crate) fn text(self, id: &'static str) -> Text {
        Text::new(self.language, id)
    }

    /// Such as "30 November 2026".
    pub(crate) fn date(self, at: DateTime<Utc>) -> Text {
        self.with_time(self.text("date"), at)
    }

    /// Such as "30 November 2026, 10:00 CET".
    pub(crate) fn date_time(self, at: DateTime<Utc>) -> Text {
        self.with_time(self.text("date-time"), at)
    }

    /// Such as "Monday, 30 November 2026, 10:00 CET".
    pub(crate) fn long_date_time(self, at: DateTime<Utc>) -> Text {
        self.with_time(self.text("long-date-time"), at)
    }

    fn with_time(self, text: Text, at: DateTime<Utc>) -> Text {
        let at = at.with_timezone(&self.zone);
        text.arg("weekday", at.weekday().number_from_monday())
            .arg("day", at.day())
            .arg("month", at.month())
            .arg("year", at.format("%Y").to_string())
            .arg("time", at.format("%H:%M").to_string())
            .arg("zone", at.format("%Z").to_string())
    }
}

#[cfg(test)]
mod tests;
