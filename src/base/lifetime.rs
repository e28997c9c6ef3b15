//! How long a link or code works, as text for people.

use std::fmt;

/// A number of minutes: "10 minutes", "2 hours", "7 days".
#[derive(Clone, Copy)]
pub(crate) struct Lifetime(pub u64);

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 minute"),
            minutes if minutes >= 2 * DAY && minutes.is_multiple_of(DAY) => {
                write!(f, "{} days", minutes / DAY)
            }
            minutes if minutes >= 2 * HOUR && minutes.is_multiple_of(HOUR) => {
                write!(f, "{} hours", minutes / HOUR)
            }
            minutes => write!(f, "{minutes} minutes"),
        }
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
            assert_eq!(Lifetime(minutes).to_string(), text);
        }
    }
}
