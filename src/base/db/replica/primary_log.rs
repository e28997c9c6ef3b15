//! How far the replica is behind, from where the log of the primary ended at which time.
//!
//! `pg_last_xact_replay_timestamp()` can't tell an idle primary from a standby that receives nothing, and compares two clocks. Here a
//! standby that has replayed all that the primary had written is up to date, however long ago that was, by one clock.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::server_state::{Required, ServerState};

/// Ten minutes of samples, one per second. A longer lag is measured as this long.
const MAX_SAMPLES: usize = 600;

#[derive(Debug, Default)]
pub(super) struct PrimaryLog {
    /// Cluster and database.
    of: (i64, i64),
    samples: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: DateTime<Utc>,
    position: i64,
}

impl PrimaryLog {
    pub(super) fn add(&mut self, now: DateTime<Utc>, primary: &ServerState) {
        let of = (primary.cluster, primary.database);
        let last = self.samples.back();
        let goes_on = last.is_none_or(|last| last.at <= now && last.position <= primary.position);
        if self.of != of || !goes_on {
            // Another primary, or the clock was set back: earlier samples say nothing any more.
            self.samples.clear();
        }
        self.of = of;
        self.samples.push_back(Sample {
            at: now,
            position: primary.position,
        });
        if self.samples.len() > MAX_SAMPLES {
            self.samples.pop_front();
        }
    }

    /// What a replica has to be that is at most this far behind; `None` without a sample of that time.
    pub(super) fn required(&self, max_lag: TimeDelta, now: DateTime<Utc>) -> Option<Required> {
        let sample = self.samples.iter().find(|sample| sample.at >= now - max_lag)?;
        Some(Required {
            cluster: self.of.0,
            database: self.of.1,
            position: sample.position,
        })
    }

    /// How far a standby is behind that has replayed this much: at most the time since the newest sample that it has replayed.
    pub(super) fn lag(&self, position: i64, now: DateTime<Utc>) -> TimeDelta {
        if self.samples.back().is_none_or(|last| last.position <= position) {
            return TimeDelta::zero();
        }
        let mut newest_first = self.samples.iter().rev();
        let replayed = newest_first.find(|sample| sample.position <= position);
        let replayed = replayed.or(self.samples.front());
        replayed.map_or(TimeDelta::zero(), |sample| now - sample.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: TimeDelta = TimeDelta::seconds(5);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn primary(position: i64) -> ServerState {
        ServerState {
            standby: false,
            read_only: false,
            cluster: 7,
            database: 16_384,
            position,
        }
    }

    fn log(samples: &[(i64, i64)]) -> PrimaryLog {
        let mut log = PrimaryLog::default();
        for (seconds, position) in samples {
            log.add(at(*seconds), &primary(*position));
        }
        log
    }

    fn required(log: &PrimaryLog, now: i64) -> Option<i64> {
        log.required(MAX, at(now)).map(|required| required.position)
    }

    #[test]
    fn a_standby_of_an_idle_primary_is_up_to_date() {
        let log = log(&[(0, 100), (60, 100), (3_600, 100)]);
        assert_eq!(log.lag(100, at(3_600)), TimeDelta::zero());
        assert_eq!(required(&log, 3_600), Some(100));
    }

    #[test]
    fn the_lag_is_the_time_since_the_newest_replayed_sample() {
        let log = log(&[(0, 100), (1, 200), (2, 300), (8, 400)]);
        for (position, lag) in [
            (400, 0),
            (500, 0),
            (399, 6),
            (300, 6),
            (299, 7),
            (100, 8),
            (99, 8),
        ] {
            assert_eq!(log.lag(position, at(8)), TimeDelta::seconds(lag), "{position}");
        }
        assert_eq!(
            required(&log, 8),
            Some(400),
            "the only sample of the last five seconds"
        );
        assert_eq!(required(&log, 7), Some(300));
        assert_eq!(required(&log, 14), None);
    }

    #[test]
    fn another_primary_or_a_clock_set_back_starts_anew() {
        let mut after_failover = log(&[(0, 100), (1, 200)]);
        after_failover.add(at(2), &primary(150));
        assert_eq!(required(&after_failover, 2), Some(150));
        let mut set_back = log(&[(100, 100), (101, 200)]);
        set_back.add(at(50), &primary(300));
        assert_eq!(required(&set_back, 50), Some(300));
        let mut other = log(&[(0, 100)]);
        other.add(
            at(1),
            &ServerState {
                cluster: 8,
                ..primary(100)
            },
        );
        assert_eq!(
            other.required(MAX, at(1)).map(|required| required.cluster),
            Some(8)
        );
    }

    #[test]
    fn it_remembers_ten_minutes() {
        let mut log = PrimaryLog::default();
        for second in 0..1_000 {
            log.add(at(second), &primary(second));
        }
        assert_eq!(log.samples.len(), MAX_SAMPLES);
        assert_eq!(log.lag(3, at(999)), TimeDelta::seconds(599));
    }
}
