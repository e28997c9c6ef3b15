//! Readiness and metrics.

use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Reply;
use crate::error::{Error, Result};
use crate::graphql::context::Services;
use crate::http::metrics::Metrics;
use crate::models::message::Message;

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Health {
    registry: Arc<Registry>,
    statements: Gauge,
    connections: Gauge,
    idle: Gauge,
    waiting: Gauge,
}

impl Health {
    pub fn new(transports: &Metrics) -> Self {
        let mut registry = Registry::with_prefix("vestibule");
        transports.register(&mut registry);
        let (statements, connections, idle, waiting) = <(Gauge, Gauge, Gauge, Gauge)>::default();
        registry.register(
            "database_statements",
            "SQL statements started since the server began",
            statements.clone(),
        );
        registry.register(
            "database_connections",
            "Open connections of the pool",
            connections.clone(),
        );
        registry.register(
            "database_connections_idle",
            "Connections that nobody uses now",
            idle.clone(),
        );
        registry.register(
            "messages_waiting",
            "Messages that are not sent yet",
            waiting.clone(),
        );
        Self {
            registry: Arc::new(registry),
            statements,
            connections,
            idle,
            waiting,
        }
    }

    /// 200 when requests can be served: the database answers, is migrated and takes writes, and revocations are known.
    pub async fn ready(&self, services: &Services) -> Result<Reply> {
        Ok(match (services.db.probe().await, services.live.ready()) {
            (Ok(()), true) => Reply::text(200, "ready\n"),
            (Err(fault), _) => Reply::text(503, format!("{fault}\n")),
            (Ok(()), false) => Reply::text(503, "what was revoked is not known yet\n"),
        })
    }

    pub async fn metrics(&self, services: &Services) -> Result<Reply> {
        let (size, idle) = services.db.pool_size();
        self.statements
            .set(i64::try_from(services.db.statement_count()).unwrap_or(i64::MAX));
        self.connections.set(i64::try_from(size).unwrap_or(i64::MAX));
        self.idle.set(i64::try_from(idle).unwrap_or(i64::MAX));
        let mut conn = services.db.conn().await?;
        self.waiting.set(Message::waiting_count(&mut conn).await?);
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(Error::internal)?;
        Ok(Reply::metrics(text))
    }
}
