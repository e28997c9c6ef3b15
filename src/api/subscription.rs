//! The root of all subscriptions. Each authorises before its stream exists; the transport ends it when the authorisation ends.

use async_graphql::MergedSubscription;

use crate::bulk_jobs::graphql::subscription::JobSubscriptions;
use crate::contacts::graphql::activity::ActivitySubscriptions;
use crate::contacts::graphql::portal_stats::StatsSubscriptions;
use crate::sign_in::challenge::graphql::subscription::ChallengeSubscriptions;

/// What changes while you watch. A stream lives as long as the authorisation it was opened with.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    StatsSubscriptions,
    ActivitySubscriptions,
    JobSubscriptions,
    ChallengeSubscriptions,
);
