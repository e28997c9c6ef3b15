//! Which key signs and which are good, by the time alone. Keys are in order, the newest first, each with the time it was made;
//! none for a key from a file: of those the first one signs and all are good.

use chrono::{DateTime, TimeDelta, Utc};

use crate::sign_in::access_token::LIFETIME;

/// Every instance has seen a new key by then, and every service that verifies tokens could have: so long it is only shown.
pub(crate) const SEEN: TimeDelta = TimeDelta::minutes(5);

/// Clocks may differ by so much.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

type Made = Option<DateTime<Utc>>;

/// When the key at this place begins to sign; none: it always could. The oldest one has no earlier key to wait for.
fn begins(made: &[Made], place: usize) -> Option<DateTime<Utc>> {
    let oldest = place + 1 == made.len();
    made[place].filter(|_| !oldest).map(|made| made + SEEN)
}

/// The place of the key that signs what is issued then.
pub(crate) fn signer(made: &[Made], then: DateTime<Utc>) -> Option<usize> {
    (0..made.len()).find(|place| begins(made, *place).is_none_or(|begin| begin <= then))
}

/// Whether the key at this place is shown and believed: until the last token that it signed has ended.
pub(crate) fn good(made: &[Made], place: usize, now: DateTime<Utc>) -> bool {
    let Some(newer) = place.checked_sub(1) else {
        return true;
    };
    begins(made, newer).is_none_or(|begin| made[place].is_none() || now < begin + LIFETIME + LEEWAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    const HOUR: i64 = 3_600;

    #[test]
    fn a_lone_key_signs_from_the_moment_it_is_made() {
        assert_eq!(signer(&[Some(at(0))], at(0)), Some(0));
        assert!(good(&[Some(at(0))], 0, at(900 * HOUR)));
        assert_eq!(signer(&[], at(0)), None);
    }

    #[test]
    fn a_new_key_is_good_at_once_and_signs_after_five_minutes() {
        let made = [Some(at(HOUR)), Some(at(0))];
        assert!(good(&made, 0, at(HOUR)));
        assert_eq!(signer(&made, at(HOUR + 299)), Some(1));
        assert_eq!(signer(&made, at(HOUR + 300)), Some(0));
    }

    #[test]
    fn an_old_key_is_good_until_its_last_token_has_ended() {
        let made = [Some(at(HOUR)), Some(at(0))];
        let end = HOUR + 300 + 600 + 60;
        assert!(good(&made, 1, at(end - 1)));
        assert!(!good(&made, 1, at(end)));
        assert!(good(&made, 0, at(end)));
    }

    #[test]
    fn of_several_new_keys_the_newest_that_was_seen_signs() {
        let made = [Some(at(HOUR + 60)), Some(at(HOUR)), Some(at(0))];
        assert_eq!(signer(&made, at(HOUR + 299)), Some(2));
        assert_eq!(signer(&made, at(HOUR + 359)), Some(1));
        assert_eq!(signer(&made, at(HOUR + 360)), Some(0));
        assert!(!good(&made, 2, at(HOUR + 960)));
        assert!(good(&made, 1, at(HOUR + 960)));
        assert!(!good(&made, 1, at(HOUR + 1_020)));
    }

    #[test]
    fn of_keys_from_files_the_first_signs_and_all_are_good() {
        let made = [None, None];
        assert_eq!(signer(&made, at(0)), Some(0));
        assert!(good(&made, 0, at(0)) && good(&made, 1, at(0)));
    }
}
