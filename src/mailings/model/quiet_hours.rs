//! Hours of the recipient's day in which nothing is sent.

use chrono::{DateTime, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// From a time of day to another, which may be on the next day. They differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct QuietHours {
    pub start: NaiveTime,
    pub end: NaiveTime,
}

impl QuietHours {
    /// When they end; `None` if the time is not within them.
    pub(crate) fn ends_at(self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&zone).naive_local();
        let (day, time) = (local.date(), local.time());
        let quiet = if self.start < self.end {
            (self.start..self.end).contains(&time)
        } else {
            time >= self.start || time < self.end
        };
        let end_day = if time < self.end { day } else { day.succ_opt()? };
        quiet.then(|| first_after(at, zone, end_day.and_time(self.end)))
    }
}

/// The first moment after `at` at which clocks of the zone show this time, or a later one if they skip it.
fn first_after(at: DateTime<Utc>, zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let quarters = (0..=96).map(|quarters| local + TimeDelta::minutes(15 * quarters));
    let moments = quarters.filter_map(|local| match zone.from_local_datetime(&local) {
        LocalResult::Single(moment) => Some(moment.to_utc()),
        LocalResult::Ambiguous(first, second) => {
            let first = first.to_utc();
            Some(if first > at { first } else { second.to_utc() })
        }
        LocalResult::None => None,
    });
    // No zone skips a whole day of clock time twice.
    moments.into_iter().next().unwrap_or(at + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(start: &str, end: &str) -> QuietHours {
        let time = |text| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
        QuietHours {
            start: time(start),
            end: time(end),
        }
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[track_caller]
    fn check(hours: QuietHours, at: &str, zone: Tz, ends_at: Option<&str>) {
        assert_eq!(hours.ends_at(utc(at), zone), ends_at.map(utc), "{at} in {zone}");
    }

    #[test]
    fn they_may_pass_midnight() {
        let (night, zone) = (quiet("21:00", "08:00"), Tz::Europe__Berlin);
        check(night, "2026-01-05T19:59:59Z", zone, None);
        check(night, "2026-01-05T20:00:00Z", zone, Some("2026-01-06T07:00:00Z"));
        check(night, "2026-01-06T00:00:00Z", zone, Some("2026-01-06T07:00:00Z"));
        check(night, "2026-01-06T07:00:00Z", zone, None);
        check(
            night,
            "2026-01-06T07:00:00Z",
            Tz::America__New_York,
            Some("2026-01-06T13:00:00Z"),
        );
        let noon = quiet("12:00", "13:00");
        check(noon, "2026-01-05T11:30:00Z", zone, Some("2026-01-05T12:00:00Z"));
        check(noon, "2026-01-05T12:00:00Z", zone, None);
        check(noon, "2026-01-05T23:30:00Z", zone, None);
    }

    #[test]
    fn clocks_that_change_meanwhile_are_right() {
        let (night, zone) = (quiet("21:00", "08:00"), Tz::Europe__Berlin);
        // The night of 29 March 2026 is an hour shorter, that of 25 October an hour longer.
        check(night, "2026-03-28T21:00:00Z", zone, Some("2026-03-29T06:00:00Z"));
        check(night, "2026-10-24T20:00:00Z", zone, Some("2026-10-25T07:00:00Z"));
        // 02:30 is skipped on 29 March, and comes twice on 25 October.
        let until_half_past_two = quiet("22:00", "02:30");
        check(
            until_half_past_two,
            "2026-03-28T22:00:00Z",
            zone,
            Some("2026-03-29T01:00:00Z"),
        );
        check(
            until_half_past_two,
            "2026-10-24T22:00:00Z",
            zone,
            Some("2026-10-25T00:30:00Z"),
        );
        check(
            until_half_past_two,
            "2026-10-25T01:10:00Z",
            zone,
            Some("2026-10-25T01:30:00Z"),
        );
    }
}
