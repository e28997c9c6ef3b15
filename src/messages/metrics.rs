//! The outcomes of messages, for `/metrics`. All labels have a fixed set of values.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Clones share their counters.
#[derive(Clone, Debug, Default)]
pub struct DeliveryMetrics(Family<Labels, Counter>);

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct Labels {
    channel: &'static str,
    kind: &'static str,
    outcome: &'static str,
}

impl DeliveryMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Attempts to send a message, by channel, kind and outcome";
        registry.register("messages", help, self.0.clone());
    }

    pub(crate) fn count(&self, channel: &'static str, kind: &'static str, outcome: &'static str) {
        let labels = Labels {
            channel,
            kind,
            outcome,
        };
        self.0.get_or_create(&labels).inc();
    }
}
