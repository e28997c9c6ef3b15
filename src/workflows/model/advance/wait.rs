//! Waits: they begin, and they end by time or by an event.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{StepOfRuns, StepResult, Then};
use crate::accounts::model::Account;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::workflows::model::definition::Wait;
use crate::workflows::model::run::{WorkflowRun, WorkflowStepOutcome};

impl StepOfRuns {
    pub(super) async fn wait(
        &self,
        conn: &mut Conn,
        wait: &Wait,
        now: DateTime<Utc>,
    ) -> Result<Vec<StepResult>> {
        let zone = match wait {
            Wait::UntilTime(_) => Account::find(conn, self.account).await?.locale(None),
            Wait::For(_) | Wait::Until(_) | Wait::Event { .. } => crate::base::locale::Locale::DEFAULT,
        };
        let result = |(index, (run, contact)): (usize, &(WorkflowRun, Contact))| {
            if run.waiting {
                return self.end(index, run, wait);
            }
            let zone = contact.locale(zone).zone;
            let (until, event) = match wait {
                Wait::For(span) => (now + TimeDelta::minutes(span.minutes()), None),
                Wait::Until(at) => (*at, None),
                Wait::UntilTime(time) => (next_local_time(now, *time, zone), None),
                Wait::Event { event, at_most, .. } => {
                    (now + TimeDelta::minutes(at_most.minutes()), Some(event.trigger))
                }
            };
            if until <= now {
                return StepResult::done(index, WorkflowStepOutcome::Waited, self.step.next.as_ref());
            }
            StepResult {
                index,
                outcome: None,
                reason: None,
                message: None,
                then: Then::Wait { until, event },
            }
        };
        Ok(self.runs.iter().enumerate().map(result).collect())
    }

    fn end(&self, index: usize, run: &WorkflowRun, wait: &Wait) -> StepResult {
        let next = self.step.next.as_ref();
        match wait {
            Wait::For(_) | Wait::Until(_) | Wait::UntilTime(_) => {
                StepResult::done(index, WorkflowStepOutcome::Waited, next)
            }
            Wait::Event { .. } if run.woken => StepResult::done(index, WorkflowStepOutcome::Matched, next),
            Wait::Event { .. } => {
                StepResult::done(index, WorkflowStepOutcome::TimedOut, self.step.otherwise())
            }
        }
    }
}

/// The next moment after `now` at which it is this time of day in the zone. A time that a change of clocks leaves out comes with the
/// first one after it.
pub(crate) fn next_local_time(now: DateTime<Utc>, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let at = |days: u64| {
        let mut local = today.checked_add_days(Days::new(days))?.and_time(time);
        // No zone leaves out more than a day.
        for _ in 0..96 {
            if let Some(found) = zone.from_local_datetime(&local).earliest() {
                return Some(found.with_timezone(&Utc));
            }
            local += TimeDelta::minutes(15);
        }
        None
    };
    let mut times = (0..3).filter_map(at);
    times.find(|time| *time > now).unwrap_or(now + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(now: &str, time: &str, zone: &str) -> String {
        let now: DateTime<Utc> = now.parse().expect("a time");
        let time = NaiveTime::parse_from_str(time, "%H:%M").expect("a time of day");
        next_local_time(now, time, zone.parse().expect("a zone")).to_rfc3339()
    }

    #[test]
    fn a_time_of_day_comes_in_the_contacts_zone() {
        let nine = "09:00";
        assert_eq!(
            next("2026-01-05T07:59:00Z", nine, "Europe/Berlin"),
            "2026-01-05T08:00:00+00:00"
        );
        assert_eq!(
            next("2026-01-05T08:00:00Z", nine, "Europe/Berlin"),
            "2026-01-06T08:00:00+00:00"
        );
        assert_eq!(
            next("2026-01-05T23:30:00Z", nine, "Asia/Tokyo"),
            "2026-01-06T00:00:00+00:00"
        );
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_or_repeat_comes_once() {
        let half_past_two = "02:30";
        // At 2:00, it is 3:00.
        assert_eq!(
            next("2026-03-28T23:00:00Z", half_past_two, "Europe/Berlin"),
            "2026-03-29T01:00:00+00:00"
        );
        // At 3:00, it is 2:00 again.
        assert_eq!(
            next("2026-10-24T22:00:00Z", half_past_two, "Europe/Berlin"),
            "2026-10-25T00:30:00+00:00"
        );
        assert_eq!(
            next("2026-10-25T00:30:00Z", half_past_two, "Europe/Berlin"),
            "2026-10-26T01:30:00+00:00"
        );
    }
}
