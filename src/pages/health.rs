//! Readiness, and the metrics for clients with the token.

use poem::handler;

use super::{ErrorKind, Reply, Visit};
use crate::base::error::Result;
use crate::services::Services;

/// The readiness check for load balancers.
#[derive(Clone)]
pub(crate) struct Health;

impl Health {
    /// 200 if requests can be served: the database answers, is migrated and accepts writes, and revocations are known.
    pub(crate) async fn ready(&self, services: &Services) -> Result<Reply> {
        Ok(match (services.db.probe().await, services.live.ready()) {
            (Ok(()), true) => Reply::text(200, "ready\n"),
            (Err(error), _) => Reply::text(503, format!("{error}\n")),
            (Ok(()), false) => Reply::text(503, "revocations have not been read yet\n"),
        })
    }
}

/// Without the token, the page is not found.
#[handler]
pub(crate) async fn show_metrics(visit: Visit<'_>) -> Result<Reply> {
    let metrics = visit.site.metrics.as_ref();
    match metrics.filter(|metrics| metrics.is_authorized(visit.request())) {
        Some(metrics) => Ok(Reply::metrics(metrics.text()?)),
        None => Ok(visit.error(ErrorKind::NotFound)),
    }
}

#[handler]
pub(crate) async fn ready(visit: Visit<'_>) -> Result<Reply> {
    visit.site.health.ready(visit.services()).await
}
