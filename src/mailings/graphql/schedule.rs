//! When to send.

use chrono::{DateTime, TimeDelta, Utc};

use super::input::SendMessageInput;
use crate::base::error::{Error, Result};

const MAX_PER_MINUTE: i32 = 10_000;

/// Times this far in the past count as now: clocks differ.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);
const MAX_AHEAD: TimeDelta = TimeDelta::days(366);

#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub send_at: Option<DateTime<Utc>>,
    pub per_minute: Option<i32>,
}

impl Schedule {
    pub(super) fn parse(input: &SendMessageInput, now: DateTime<Utc>) -> Result<Self> {
        const SEND_AT: &str = "input.sendAt";
        let send_at = input.send_at.as_ref().map(|at| at.parse(SEND_AT)).transpose()?;
        if send_at.is_some_and(|at| at < now - TOLERANCE) {
            return Err(Error::bad_input(SEND_AT, "It is in the past."));
        }
        if send_at.is_some_and(|at| at > now + MAX_AHEAD) {
            return Err(Error::bad_input(SEND_AT, "It is more than a year ahead."));
        }
        let per_minute = input.per_minute;
        if per_minute.is_some_and(|count| !(1..=MAX_PER_MINUTE).contains(&count)) {
            let message = format!("It must be between 1 and {MAX_PER_MINUTE}.");
            return Err(Error::bad_input("input.perMinute", message));
        }
        Ok(Self { send_at, per_minute })
    }

    pub(super) fn needs_job(self) -> bool {
        self.send_at.is_some() || self.per_minute.is_some()
    }
}
