//! Time and randomness as parameters: functions take a [`Moment`], so that tests advance the clock instead of sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};

/// How much the clocks of instances may differ so that each still judges the tokens and revocations of the others rightly. Servers
/// warn long before.
pub(crate) const TOLERATED_DIFFERENCE: TimeDelta = TimeDelta::seconds(90);

/// What to write instead of a time that can't be read.
pub(crate) const RFC3339_HINT: &str = "Use the format of RFC 3339, such as 2026-01-31T09:30:00Z.";

/// A time in RFC 3339, with any offset.
pub(crate) fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    // PostgreSQL supports fewer years than chrono, and RFC 3339 has four digits.
    let at = DateTime::parse_from_rfc3339(text.trim())
        .ok()?
        .with_timezone(&Utc)
        .trunc_subsecs(6);
    (0..10_000).contains(&at.year()).then_some(at)
}

/// The source of the time. Clones of a manual clock share its time.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that changes only by [`Clock::advance`].
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// The time in whole microseconds, the precision of PostgreSQL.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the only place that reads the system's clock"
            )]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::Relaxed)).unwrap_or_default()
            }
        }
    }

    /// Advances a manual clock; has no effect on the system's clock.
    pub fn advance(&self, by: TimeDelta) {
        if let (Self::Manual(micros), Some(by)) = (self, by.num_microseconds()) {
            micros.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// The moment of one operation.
    pub fn moment(&self) -> Moment {
        Moment::at(self.now())
    }
}

/// The time of one operation, and its source of randomness.
#[derive(Debug)]
pub struct Moment {
    pub now: DateTime<Utc>,
    id_count: AtomicU16,
}

impl Moment {
    pub(crate) fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            id_count: AtomicU16::new(0),
        }
    }

    /// Unpredictable bytes from the operating system's generator.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::fill(&mut bytes);
        bytes
    }

    /// A UUIDv7. Those of one moment sort in the order they were created.
    pub fn uuid(&self) -> uuid::Uuid {
        let mut tail = self.random::<10>();
        let count = self.id_count.fetch_add(1, Ordering::Relaxed) & 0x0fff;
        tail[..2].copy_from_slice(&count.to_be_bytes());
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_sort_in_the_order_they_were_created() {
        let moment = Clock::System.moment();
        let ids: Vec<_> = (0..1_000).map(|_| moment.uuid()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn clones_of_a_manual_clock_share_its_time() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let other = clock.clone();
        other.advance(TimeDelta::seconds(90));
        assert_eq!(clock.now().timestamp(), 90);
    }
}
