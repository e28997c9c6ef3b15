//! Readiness, and the metrics for who has their token.

use super::{Reply, Site, Visit};
use crate::base::error::Result;
use crate::pages::views::{ErrorKind, Layout};
use crate::services::Services;

/// What a load balancer asks for.
#[derive(Clone)]
pub struct Health;

impl Health {
    /// 200 when requests can be served: the database answers, is migrated and takes writes, and revocations are known.
    pub async fn ready(&self, services: &Services) -> Result<Reply> {
        Ok(match (services.db.probe().await, services.live.ready()) {
            (Ok(()), true) => Reply::text(200, "ready\n"),
            (Err(fault), _) => Reply::text(503, format!("{fault}\n")),
            (Ok(()), false) => Reply::text(503, "what was revoked is not known yet\n"),
        })
    }
}

impl Site {
    /// Without the token there is no such page.
    pub(crate) fn metrics_page(&self, visit: &Visit) -> Result<Reply> {
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
