//! Which key signs and which keys are valid, by time alone. Keys are ordered, the newest first, each with its creation
//! time. Keys from files have none: the first one signs, and all are valid.

use chrono::{DateTime, TimeDelta, Utc};

use crate::sign_in::access_token::LIFETIME;

/// How long a new key is only published, until every instance has loaded it and every verifying service could have.
pub(crate) const PUBLISHED_ONLY: TimeDelta = TimeDelta::minutes(5);

/// How much clocks may differ.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

type CreatedAt = Option<DateTime<Utc>>;

/// When the key at this index begins to sign; `None` if it always could. The oldest key doesn't wait.
fn begins_at(created_at: &[CreatedAt], index: usize) -> Option<DateTime<Utc>> {
    let oldest = index + 1 == created_at.len();
    created_at[index]
        .filter(|_| !oldest)
        .map(|at| at + PUBLISHED_ONLY)
}

/// The index of the key that signs a token that is issued at this time.
pub(crate) fn signer(created_at: &[CreatedAt], issued_at: DateTime<Utc>) -> Option<usize> {
    (0..created_at.len()).find(|index| begins_at(created_at, *index).is_none_or(|begin| begin <= issued_at))
}

/// Whether the key at this index is published and trusted: until the last token that it signed has expired.
pub(crate) fn valid(created_at: &[CreatedAt], index: usize, now: DateTime<Utc>) -> bool {
    let Some(newer) = index.checked_sub(1) else {
        return true;
    };
    begins_at(created_at, newer)
        .is_none_or(|begin| created_at[index].is_none() || now < begin + LIFETIME + LEEWAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    const HOUR: i64 = 3_600;

    #[test]
    fn a_single_key_signs_from_its_creation_on() {
        assert_eq!(signer(&[Some(at(0))], at(0)), Some(0));
        assert!(valid(&[Some(at(0))], 0, at(900 * HOUR)));
        assert_eq!(signer(&[], at(0)), None);
    }

    #[test]
    fn a_new_key_is_valid_at_once_and_signs_after_five_minutes() {
        let created_at = [Some(at(HOUR)), Some(at(0))];
        assert!(valid(&created_at, 0, at(HOUR)));
        assert_eq!(signer(&created_at, at(HOUR + 299)), Some(1));
        assert_eq!(signer(&created_at, at(HOUR + 300)), Some(0));
    }

    #[test]
    fn an_old_key_is_valid_until_its_last_token_has_expired() {
        let created_at = [Some(at(HOUR)), Some(at(0))];
        let end = HOUR + 300 + 600 + 60;
        assert!(valid(&created_at, 1, at(end - 1)));
        assert!(!valid(&created_at, 1, at(end)));
        assert!(valid(&created_at, 0, at(end)));
    }

    #[test]
    fn of_several_new_keys_the_newest_published_long_enough_signs() {
        let created_at = [Some(at(HOUR + 60)), Some(at(HOUR)), Some(at(0))];
        assert_eq!(signer(&created_at, at(HOUR + 299)), Some(2));
        assert_eq!(signer(&created_at, at(HOUR + 359)), Some(1));
        assert_eq!(signer(&created_at, at(HOUR + 360)), Some(0));
        assert!(!valid(&created_at, 2, at(HOUR + 960)));
        assert!(valid(&created_at, 1, at(HOUR + 960)));
        assert!(!valid(&created_at, 1, at(HOUR + 1_020)));
    }

    #[test]
    fn of_keys_from_files_the_first_signs_and_all_are_valid() {
        let created_at = [None, None];
        assert_eq!(signer(&created_at, at(0)), Some(0));
        assert!(valid(&created_at, 0, at(0)) && valid(&created_at, 1, at(0)));
    }
}
