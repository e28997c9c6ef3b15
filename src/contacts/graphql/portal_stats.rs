//! The counts of a portal.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use graphql_server::LastVersion;

use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::contacts::model::portal_stats;

/// Subscriptions whose events depend only on the account, the document and the variables.
pub(crate) const SHARED_STREAM: &[&str] = &["portalStats"];

/// How many were invited and how many joined, at one moment.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct PortalStats {
    /// Contacts that are invited and have not joined yet: decreases when they join.
    invited: i32,
    /// Contacts that have joined (signed in to the portal at least once) and whose access is not revoked.
    active: i32,
    /// Existing contacts that were ever invited, joined or not.
    invited_total: i32,
    /// Contacts that have joined, are not revoked, and were seen in the last 30 days (UTC).
    active_last_30_days: i32,
    /// Grows with every change of the counts: 20 digits, so that the order of the text is the order of the numbers.
    version: String,
    /// When the counts were read.
    as_of: DateTime,
}

impl From<portal_stats::PortalStats> for PortalStats {
    fn from(stats: portal_stats::PortalStats) -> Self {
        let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            invited: count(stats.invited),
            active: count(stats.active),
            invited_total: count(stats.invited_total),
            active_last_30_days: count(stats.active_last_30_days),
            version: stats.version_text(),
            as_of: DateTime(stats.as_of),
        }
    }
}

#[derive(Default)]
pub(crate) struct StatsQueries;

#[Object]
impl StatsQueries {
    /// How many were invited and how many joined, now. The subscription of the same name sends every change. Needs the scope
    /// `READ`.
    async fn portal_stats(&self, ctx: &Context<'_>) -> Result<PortalStats> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(ctx.services().live.stats(staff.account).await?.into())
    }
}

#[derive(Default)]
pub(crate) struct StatsSubscriptions;

#[Subscription]
impl StatsSubscriptions {
    /// The counts now, then after every change, coalesced and in order: `version` only grows. A slow reader skips to the
    /// newest. Needs the scope `READ`.
    async fn portal_stats(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<impl Stream<Item = PortalStats>> {
        let staff = ctx.staff(Scope::Read)?;
        let last = ctx.data_opt::<Arc<LastVersion>>().cloned().unwrap_or_default();
        let counts = ctx.services().live.counts(staff.account);
        Ok(counts.map(move |stats| {
            last.set(stats.version);
            stats.into()
        }))
    }
}
