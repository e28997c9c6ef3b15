//! Emails to one address: one a minute and five an hour, links and codes together. Contacts and team members are counted
//! separately. Beyond the limits no email is sent, and the response has the same shape.
//!
//! The minute in a response is counted from the device's own challenge, so that the device does not learn of another
//! device's request. The hour is counted for the address: otherwise a device that has to wait for it would be told to wait a
//! minute, again and again.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::LoginRequest;
use crate::base::db::Conn;
use crate::base::db::schema::challenges;
use crate::base::error::Result;
use crate::sign_in::challenge::model::Challenge;

pub(crate) const MINUTE: TimeDelta = TimeDelta::minutes(1);
const HOUR: TimeDelta = TimeDelta::hours(1);
const PER_HOUR: usize = 5;

/// When the last emails of this hour were requested, the newest first.
pub(crate) struct EmailLimits(Vec<DateTime<Utc>>);

impl EmailLimits {
    pub(crate) async fn load(
        conn: &mut Conn,
        request: &LoginRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let recent = challenges::table
            .filter(challenges::account_id.eq(request.account.id))
            .filter(challenges::email_key.eq(&request.email.key))
            .filter(challenges::audience.eq(request.audience))
            .filter(challenges::mailed.eq(true))
            .filter(challenges::created_at.gt(now - HOUR))
            .order(challenges::created_at.desc())
            .limit(PER_HOUR as i64)
            .select(challenges::created_at)
            .load(conn)
            .await?;
        Ok(Self(recent))
    }

    /// Whether another email may be sent.
    pub(crate) fn allow(&self, now: DateTime<Utc>) -> bool {
        let within_minute = self.0.iter().any(|at| *at > now - MINUTE);
        !within_minute && self.hour_ends_at().is_none()
    }

    /// Counts another email; `false` if it may not be sent.
    pub(crate) fn count_email(&mut self, now: DateTime<Utc>) -> bool {
        if !self.allow(now) {
            return false;
        }
        self.0.insert(0, now);
        true
    }

    /// Whether a device keeps its challenge because it can't have another email yet.
    pub(crate) fn must_wait(&self, own: &Challenge, now: DateTime<Utc>) -> bool {
        let within_minute = own.created_at > now - MINUTE;
        own.live(now) && (within_minute || self.hour_ends_at().is_some())
    }

    /// When a device that requested at this time can have another email.
    pub(crate) fn resend_at(&self, requested_at: DateTime<Utc>) -> DateTime<Utc> {
        let minute_ends_at = requested_at + MINUTE;
        self.hour_ends_at()
            .map_or(minute_ends_at, |at| at.max(minute_ends_at))
    }

    /// When the next email fits into the hour; `None` if one fits now.
    fn hour_ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.get(PER_HOUR - 1).map(|oldest| *oldest + HOUR)
    }
}
