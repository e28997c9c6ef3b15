//! Metrics of the transports. Every label has a bounded set of values: no client chooses one.

mod endpoint;
mod exporter;

pub use self::endpoint::{CONTENT_TYPE, MetricsEndpoint};
pub use self::exporter::Exporter;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Clones share the metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<MetricsInner>);

#[derive(Debug)]
struct MetricsInner {
    requests: Family<RequestLabels, Counter>,
    operations: Family<OperationLabels, Counter>,
    durations: Family<KindLabels, Histogram, fn() -> Histogram>,
    connections: Gauge,
    sockets: Gauge,
    streams: Gauge,
    subscriptions: Gauge,
}

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct OperationLabels {
    kind: &'static str,
    /// The first root field, if the schema has a field of that name.
    field: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct KindLabels {
    kind: &'static str,
    outcome: &'static str,
}

/// A gauge of open resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenGauge {
    Connection,
    Socket,
    Stream,
    Subscription,
}

/// Counts in its gauge until it is dropped.
#[derive(Debug)]
pub(crate) struct GaugeGuard(Gauge);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for MetricsInner {
    fn default() -> Self {
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 2.0, 16));
        Self {
            requests: Family::default(),
            operations: Family::default(),
            durations: Family::new_with_constructor(buckets),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            streams: Gauge::default(),
            subscriptions: Gauge::default(),
        }
    }
}

impl Metrics {
    pub fn register(&self, registry: &mut Registry) {
        let gauges: [(&str, &str, &Gauge); 4] = [
            ("http_connections", "Open connections", &self.0.connections),
            ("graphql_sockets", "Open WebSockets", &self.0.sockets),
            ("graphql_event_streams", "Open event streams", &self.0.streams),
            (
                "graphql_subscriptions",
                "Running subscriptions",
                &self.0.subscriptions,
            ),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        let requests = "Requests by route, method and status class (`gone`: the client disconnected before the response)";
        registry.register("http_requests", requests, self.0.requests.clone());
        let operations =
            "Operations by type, first root field and outcome (OK, CANCELLED or the first error's code)";
        registry.register("graphql_operations", operations, self.0.operations.clone());
        let durations = "Duration of queries and mutations in seconds";
        registry.register("graphql_operation_seconds", durations, self.0.durations.clone());
    }

    pub(crate) fn open(&self, kind: OpenGauge) -> GaugeGuard {
        let gauge = match kind {
            OpenGauge::Connection => &self.0.connections,
            OpenGauge::Socket => &self.0.sockets,
            OpenGauge::Stream => &self.0.streams,
            OpenGauge::Subscription => &self.0.subscriptions,
        };
        gauge.inc();
        GaugeGuard(gauge.clone())
    }

    pub(crate) fn request(&self, route: &str, method: &'static str, status: u16) {
        let status = match status {
            499 => "gone",
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        let labels = RequestLabels {
            route: route.to_owned(),
            method,
            status,
        };
        self.0.requests.get_or_create(&labels).inc();
    }

    /// `duration` is `None` for a subscription.
    pub(crate) fn operation(
        &self,
        kind: &'static str,
        field: String,
        outcome: &'static str,
        duration: Option<Duration>,
    ) {
        let labels = OperationLabels { kind, field, outcome };
        self.0.operations.get_or_create(&labels).inc();
        if let Some(duration) = duration {
            let labels = KindLabels { kind, outcome };
            self.0
                .durations
                .get_or_create(&labels)
                .observe(duration.as_secs_f64());
        }
    }
}
