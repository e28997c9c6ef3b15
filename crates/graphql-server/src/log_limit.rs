//! Limits repeated warnings: one line per cause and minute, with the number of suppressed lines.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

const INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// Further causes share one line.
const MAX_CAUSES: usize = 32;
const OTHER_CAUSES: &str = "other causes";

#[derive(Debug, Default)]
pub struct LogLimit(Mutex<HashMap<String, CauseState>>);

#[derive(Debug)]
struct CauseState {
    logged_at: DateTime<Utc>,
    held_back: u64,
}

impl LogLimit {
    /// Whether to log this cause now. Returns how many lines of it were suppressed since the last one.
    pub fn allow(&self, cause: &str, now: DateTime<Utc>) -> Option<u64> {
        let mut causes = self.causes();
        causes.retain(|_, state| state.held_back > 0 || now - state.logged_at < INTERVAL);
        let full = causes.len() >= MAX_CAUSES && !causes.contains_key(cause);
        let cause = if full { OTHER_CAUSES } else { cause };
        match causes.get_mut(cause) {
            Some(state) if now - state.logged_at < INTERVAL => {
                state.held_back += 1;
                None
            }
            Some(state) => {
                state.logged_at = now;
                Some(std::mem::take(&mut state.held_back))
            }
            None => {
                let state = CauseState {
                    logged_at: now,
                    held_back: 0,
                };
                causes.insert(cause.to_owned(), state);
                Some(0)
            }
        }
    }

    /// [`allow`](Self::allow) with the system's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the accept loop has no clock; this only thins out the log"
    )]
    pub fn allow_now(&self, cause: &str) -> Option<u64> {
        self.allow(cause, std::time::SystemTime::now().into())
    }

    /// Causes that did not recur within their minute, with the number of suppressed lines. Each is returned once.
    pub fn take_ended(&self, now: DateTime<Utc>) -> Vec<(String, u64)> {
        let mut causes = self.causes();
        let over = |state: &CauseState| state.held_back > 0 && now - state.logged_at >= INTERVAL;
        causes
            .extract_if(|_, state| over(state))
            .map(|(cause, state)| (cause, state.held_back))
            .collect()
    }

    fn causes(&self) -> MutexGuard<'_, HashMap<String, CauseState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_cause_is_logged_once_a_minute_with_the_suppressed_count() {
        let limit = LogLimit::default();
        assert_eq!(limit.allow("down", at(0)), Some(0));
        assert_eq!(limit.allow("down", at(1)), None);
        assert_eq!(limit.allow("refused", at(1)), Some(0), "another cause");
        assert_eq!(limit.allow("down", at(59)), None);
        assert_eq!(limit.allow("down", at(60)), Some(2));
        assert_eq!(limit.allow("down", at(61)), None);
        assert_eq!(limit.take_ended(at(119)), []);
        assert_eq!(limit.take_ended(at(120)), [("down".to_owned(), 1)]);
        assert_eq!(limit.take_ended(at(120)), []);
        assert_eq!(limit.allow("down", at(121)), Some(0));
    }

    #[test]
    fn the_number_of_causes_is_limited() {
        let limit = LogLimit::default();
        let logged = |second| {
            let causes = (0..1_000).map(|number| format!("cause {number}"));
            causes
                .filter(|cause| limit.allow(cause, at(second)).is_some())
                .count()
        };
        assert_eq!(logged(0), MAX_CAUSES + 1);
        assert_eq!(logged(30), 0);
        assert!(limit.causes().len() <= MAX_CAUSES + 1);
    }
}
