//! Keeps a fault that repeats from flooding the log: one line per cause and minute, and how many were held back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

const WAIT: TimeDelta = TimeDelta::minutes(1);
/// Further causes share one line.
const MAX_CAUSES: usize = 32;
const OTHERS: &str = "other causes";

#[derive(Debug, Default)]
pub struct LogLimit(Mutex<HashMap<String, Cause>>);

#[derive(Debug)]
struct Cause {
    logged_at: DateTime<Utc>,
    held_back: u64,
}

impl LogLimit {
    /// Whether to log this cause now: then how many lines of it were held back since the last one.
    pub fn pass(&self, cause: &str, now: DateTime<Utc>) -> Option<u64> {
        let mut causes = self.causes();
        causes.retain(|_, known| known.held_back > 0 || now - known.logged_at < WAIT);
        let full = causes.len() >= MAX_CAUSES && !causes.contains_key(cause);
        let cause = if full { OTHERS } else { cause };
        match causes.get_mut(cause) {
            Some(known) if now - known.logged_at < WAIT => {
                known.held_back += 1;
                None
            }
            Some(known) => {
                known.logged_at = now;
                Some(std::mem::take(&mut known.held_back))
            }
            None => {
                let known = Cause {
                    logged_at: now,
                    held_back: 0,
                };
                causes.insert(cause.to_owned(), known);
                Some(0)
            }
        }
    }

    /// The same by the system's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the accept loop has no clock; this only thins out the log"
    )]
    pub fn pass_now(&self, cause: &str) -> Option<u64> {
        self.pass(cause, std::time::SystemTime::now().into())
    }

    /// Causes that have not come again within their minute, and how many lines of each were held back; each once.
    pub fn ended(&self, now: DateTime<Utc>) -> Vec<(String, u64)> {
        let mut causes = self.causes();
        let over = |known: &Cause| known.held_back > 0 && now - known.logged_at >= WAIT;
        causes
            .extract_if(|_, known| over(known))
            .map(|(cause, known)| (cause, known.held_back))
            .collect()
    }

    fn causes(&self) -> MutexGuard<'_, HashMap<String, Cause>> {
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
    fn a_cause_is_logged_once_a_minute_with_how_many_were_held_back() {
        let limit = LogLimit::default();
        assert_eq!(limit.pass("down", at(0)), Some(0));
        assert_eq!(limit.pass("down", at(1)), None);
        assert_eq!(limit.pass("refused", at(1)), Some(0), "another cause");
        assert_eq!(limit.pass("down", at(59)), None);
        assert_eq!(limit.pass("down", at(60)), Some(2));
        assert_eq!(limit.pass("down", at(61)), None);
        assert_eq!(limit.ended(at(119)), []);
        assert_eq!(limit.ended(at(120)), [("down".to_owned(), 1)]);
        assert_eq!(limit.ended(at(120)), []);
        assert_eq!(limit.pass("down", at(121)), Some(0));
    }

    #[test]
    fn many_causes_are_no_flood() {
        let limit = LogLimit::default();
        let logged = |second| {
            let causes = (0..1_000).map(|number| format!("cause {number}"));
            causes
                .filter(|cause| limit.pass(cause, at(second)).is_some())
                .count()
        };
        assert_eq!(logged(0), MAX_CAUSES + 1);
        assert_eq!(logged(30), 0);
        assert!(limit.causes().len() <= MAX_CAUSES + 1);
    }
}
