//! Metrics whose values are read at each scrape. Figures of the database are read by a task of its own, so a scrape never waits.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use graphql_server::metrics::{Exporter, Metrics};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::live::bus::metrics::BusMetrics;
use crate::messages::metrics::DeliveryMetrics;
use mailer::Mailer;

/// `NaN` if the value is unknown.
type Figure = Gauge<f64, AtomicU64>;

fn unknown() -> Figure {
    let figure = Figure::default();
    figure.set(f64::NAN);
    figure
}

/// Figures of the database, and when they were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub waiting_count: Option<i64>,
    pub oldest_waiting_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
    pub drifted_accounts: Option<usize>,
    pub drift_checked_at: Option<DateTime<Utc>>,
}

/// Where the metrics come from.
pub(crate) struct Sources {
    pub db: Db,
    pub clock: Clock,
    pub mailer: Mailer,
    pub delivery: DeliveryMetrics,
    pub bus: BusMetrics,
    pub transports: Metrics,
    /// The bearer token of scrapes.
    pub token: Option<String>,
}

struct Gauges {
    restarts: Counter,
    connections: Gauge,
    connections_idle: Gauge,
    pool_waiting: Gauge,
    messages_waiting: Figure,
    oldest_waiting: Figure,
    figures_age: Figure,
    drifted_accounts: Figure,
    drift_age: Figure,
    mail_up: Figure,
    mail_accepted: Figure,
}

impl Sources {
    /// The exporter of all metrics, and the channel for the figures of the database.
    pub(crate) fn exporter(self) -> (Exporter, watch::Sender<Figures>) {
        let mut registry = Registry::with_prefix("vestibule");
        self.transports.register(&mut registry);
        self.delivery.register(&mut registry);
        self.bus.register(&mut registry);
        self.db.metrics.register(&mut registry);
        let gauges = Gauges::register(&mut registry);
        let (sender, figures) = watch::channel(Figures::default());
        let token = self.token.clone();
        let refresh = move || {
            let restart_count = self.db.metrics.restart_count.load(Ordering::Relaxed);
            gauges.restarts.inner().store(restart_count, Ordering::Relaxed);
            gauges.pool(&self.db.pool_status());
            gauges.figures(&figures.borrow(), self.clock.now());
            gauges.mail(&self.mailer);
        };
        (Exporter::new(registry, token, refresh), sender)
    }
}

impl Gauges {
    fn register(registry: &mut Registry) -> Self {
        let restarts = Counter::default();
        registry.register(
            "private_postgresql_restarts",
            "Restarts of the private PostgreSQL after it died",
            restarts.clone(),
        );
        let mut count = |name, help| {
            let gauge = Gauge::default();
            registry.register(name, help, Gauge::clone(&gauge));
            gauge
        };
        let connections = count("database_connections", "Open connections of the pool");
        let connections_idle = count("database_connections_idle", "Idle connections in the pool");
        let pool_waiting = count(
            "database_pool_waiting",
            "Callers that wait for a connection of the pool",
        );
        let mut figure = |name, help| {
            let figure = unknown();
            registry.register(name, help, Figure::clone(&figure));
            figure
        };
        Self {
            restarts,
            connections,
            connections_idle,
            pool_waiting,
            messages_waiting: figure("messages_waiting", "Messages that are not sent yet"),
            oldest_waiting: figure(
                "messages_oldest_waiting_seconds",
                "Age of the oldest message that is not sent yet",
            ),
            figures_age: figure(
                "database_figures_age_seconds",
                "Age of the figures that are read from the database",
            ),
            drifted_accounts: figure(
                "accounts_with_count_drift",
                "Accounts whose counts differ from their rows",
            ),
            drift_age: figure(
                "count_check_age_seconds",
                "Age of the comparison of counts with rows",
            ),
            mail_up: figure(
                "mail_server_up",
                "1 if the mail server accepted the last connection and sign-in, else 0",
            ),
            mail_accepted: figure(
                "mail_server_accepted_timestamp_seconds",
                "When the mail server last accepted a message, in seconds since 1970",
            ),
        }
    }

    fn pool(&self, status: &deadpool::Status) {
        let number = |size| i64::try_from(size).unwrap_or(i64::MAX);
        self.connections.set(number(status.size));
        self.connections_idle.set(number(status.available));
        self.pool_waiting.set(number(status.waiting));
    }

    fn figures(&self, figures: &Figures, now: DateTime<Utc>) {
        let age = |since: Option<DateTime<Utc>>| {
            since.map_or(f64::NAN, |since| (now - since).as_seconds_f64().max(0.0))
        };
        let oldest = match figures.waiting_count {
            Some(0) => 0.0,
            _ => age(figures.oldest_waiting_at),
        };
        self.messages_waiting
            .set(figures.waiting_count.map_or(f64::NAN, |count| count as f64));
        self.oldest_waiting.set(oldest);
        self.figures_age.set(age(figures.read_at));
        self.drifted_accounts
            .set(figures.drifted_accounts.map_or(f64::NAN, |count| count as f64));
        self.drift_age.set(age(figures.drift_checked_at));
    }

    fn mail(&self, mailer: &Mailer) {
        let state = mailer.server_state().unwrap_or_default();
        self.mail_up
            .set(state.up.map_or(f64::NAN, |up| f64::from(u8::from(up))));
        self.mail_accepted
            .set(state.accepted_at.map_or(f64::NAN, |at| at.timestamp() as f64));
    }
}
