//! The counts of a portal over time.

use async_graphql::{Context, Object, SimpleObject};

use crate::api::context::ContextExt;
use crate::api::scalars::Date;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::contacts::model::stats_history::{StatsInterval, StatsPoint, StatsRange};

/// The counts of one interval, computed from the contacts that exist now.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct PortalStatsPoint {
    /// The first day of the interval, in the account's time zone.
    date: Date,
    /// Contacts that were invited for the first time in the interval.
    invited: i32,
    /// Contacts that joined in the interval.
    joined: i32,
    /// Contacts that had joined and were not revoked at the end of the interval; for the current interval, now. A contact whose
    /// access was restored counts as if it had never been revoked.
    active: i32,
}

impl From<StatsPoint> for PortalStatsPoint {
    fn from(point: StatsPoint) -> Self {
        let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            date: point.day.into(),
            invited: count(point.invited),
            joined: count(point.joined),
            active: count(point.active),
        }
    }
}

#[derive(Default)]
pub(crate) struct HistoryQueries;

#[Object]
impl HistoryQueries {
    /// How many contacts were invited, joined and were active, for each day, week or month that overlaps the range, in the
    /// account's `timezone`. In order, at most 400 points. May be a few seconds old. Needs the scope `READ`.
    async fn portal_stats_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day of the range.")] from: Date,
        #[graphql(desc = "The last day of the range.")] to: Date,
        #[graphql(desc = "The length of the intervals.")] interval: StatsInterval,
    ) -> Result<Vec<PortalStatsPoint>> {
        let staff = ctx.staff(Scope::Read)?;
        let range = StatsRange::new(from.parse("from")?, to.parse("to")?, interval)?;
        let (account, range) = (staff.account, &range);
        let points = ctx
            .reader()
            .run(|mut conn| async move { StatsPoint::read(&mut conn, account, range).await })
            .await?;
        Ok(points.into_iter().map(Into::into).collect())
    }
}
