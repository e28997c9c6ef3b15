//! The challenge that was requested, as the requesting device gets it.

use chrono::{DateTime, TimeDelta, Utc};

use super::email_limits;
use crate::base::clock::Moment;
use crate::base::ids::ChallengeId;
use crate::base::secrets::PlainSecret;
use crate::sign_in::challenge::model::Challenge;

/// How long an emailed link or code may sign in (OWASP ASVS 5.0, 6.5.5).
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// The requested challenge, as the requesting device gets it.
#[derive(Clone, Debug)]
pub struct RequestedChallenge {
    pub id: ChallengeId,
    /// Of no use to a device that requested a code alone.
    pub device_secret: PlainSecret,
    pub matching_number: String,
    pub expires_at: DateTime<Utc>,
    /// When another request can send another email.
    pub resend_at: DateTime<Utc>,
    /// Older ones that this one replaces.
    pub superseded: Vec<ChallengeId>,
}

impl RequestedChallenge {
    pub(super) fn new(device_secret: PlainSecret, moment: &Moment) -> Self {
        Self {
            id: ChallengeId::new(moment),
            device_secret,
            matching_number: format!("{:02}", u16::from_be_bytes(moment.random()) % 100),
            expires_at: moment.now + LIFETIME,
            resend_at: moment.now + email_limits::MINUTE,
            superseded: Vec::new(),
        }
    }

    pub(super) fn existing(open: Challenge, device_secret: PlainSecret, resend_at: DateTime<Utc>) -> Self {
        Self {
            id: open.id,
            device_secret,
            matching_number: open.matching_number,
            expires_at: open.expires_at,
            resend_at,
            superseded: Vec::new(),
        }
    }

    /// In how many seconds another request can send another email, rounded up.
    pub(crate) fn resend_after(&self, now: DateTime<Utc>) -> i64 {
        seconds_until(self.resend_at, now)
    }
}

/// Whole seconds, rounded up, so that `at` is never still ahead after them.
pub fn seconds_until(at: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    ((at - now).num_milliseconds().max(0) + 999) / 1000
}
