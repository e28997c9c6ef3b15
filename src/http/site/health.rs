//! Readiness, and the metrics for who has their token.

use super::{Reply, Site, Visit};
use crate::error::Result;
use crate::graphql::context::Services;
use crate::http::views::{ErrorKind, Layout};

/// What a load balancer asks for.
#[derive(Clone)]
pub struct Health;

impl Health {
    /// 200 when requests can be served: the database answers and revocations are known.
    pub async fn ready(&self, services: &Services) -> Result<Reply> {
        let reachable = services.db.conn().await.is_ok();
        Ok(match (reachable, services.live.ready()) {
            (true, true) => Reply::text(200, "ready\n"),
            (false, _) => Reply::text(503, "the database is out of reach\n"),
            (true, false) => Reply::text(503, "still starting\n"),
        })
    }
}

impl Site {
    /// Without the token there is no such page.
    pub(super) fn metrics_page(&self, visit: &Visit) -> Result<Reply> {
        match self
            .metrics
            .as_ref()
            .filter(|metrics| metrics.admits(&visit.request))
        {
            Some(metrics) => Ok(Reply::metrics(metrics.text()?)),
            None => Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound)),
        }
    }
}
