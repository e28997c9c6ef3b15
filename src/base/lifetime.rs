//! How long a link or code works, as text for people.

use crate::base::locale::Locale;
use crate::base::locale::text::Text;

/// A number of minutes: "10 minutes", "2 hours", "7 days".
#[derive(Clone, Copy)]
pub(crate) struct Lifetime(pub u64);

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

impl Lifetime {
    /// In the largest unit without a remainder, from two of it on.
    pub(crate) fn text(self, locale: &Locale) -> Text {
        let (text, unit) = match self.0 {
            minutes if minutes >= 2 * DAY && minutes.is_multiple_of(DAY) => (locale.text("days"), DAY),
            minutes if minutes >= 2 * HOUR && minutes.is_multiple_of(HOUR) => (locale.text("hours"), HOUR),
            _ => (locale.text("minutes"), 1),
        };
        text.arg("count", self.0 / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_without_a_remainder_is_used() {
        for (minutes, text) in [
            (1, "1 minute"),
            (15, "15 minutes"),
            (60, "60 minutes"),
            (90, "90 minutes"),
            (120, "2 hours"),
            (1_440, "24 hours"),
            (10_080, "7 days"),
        ] {
            assert_eq!(Lifetime(minutes).text(&Locale::DEFAULT).to_string(), text);
        }
    }
}
