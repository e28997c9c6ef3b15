//! How many were invited and how many joined.

use async_graphql::SimpleObject;

use super::scalars::DateTime;
use crate::models;

/// How many were invited and how many joined.
#[derive(SimpleObject, Clone, Debug)]
pub struct PortalStats {
    /// Invited, and not yet joined: falls as people join.
    invited: i32,
    /// Joined: got into the portal at least once, and not revoked.
    active: i32,
    /// Ever invited, joined or not.
    invited_total: i32,
    /// Joined, and seen in the last 30 UTC days.
    active_last_30_days: i32,
    /// 20 digits, so that the order of the text is the order of the numbers; grows with every change of the counts.
    version: String,
    /// When the counts were read.
    as_of: DateTime,
}

impl From<models::portal_stats::PortalStats> for PortalStats {
    fn from(stats: models::portal_stats::PortalStats) -> Self {
        let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            invited: count(stats.invited),
            active: count(stats.active),
            invited_total: count(stats.invited_total),
            active_last_30_days: count(stats.active_last_30_days),
            version: stats.version_text(),
            as_of: stats.as_of.into(),
        }
    }
}
