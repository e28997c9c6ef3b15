//! The outcomes of messages, and whether they can be sent, for `/metrics`. All labels have a fixed set of values.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::messages::model::Channel;

/// Clones share their counters.
#[derive(Clone, Debug, Default)]
pub struct DeliveryMetrics {
    attempts: Family<Labels, Counter>,
    paused: Family<OfChannel, Gauge>,
}

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct OfChannel {
    channel: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Hash, PartialEq, Eq)]
struct Labels {
    channel: &'static str,
    kind: &'static str,
    outcome: &'static str,
}

impl DeliveryMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Attempts to send a message, by channel, kind and outcome";
        registry.register("messages", help, self.attempts.clone());
        let help = "1 while a channel sends nothing because its server can't be reached";
        registry.register("messages_paused", help, self.paused.clone());
        for channel in Channel::ALL {
            self.set_paused(*channel, false);
        }
    }

    pub(crate) fn count(&self, channel: &'static str, kind: &'static str, outcome: &'static str) {
        let labels = Labels {
            channel,
            kind,
            outcome,
        };
        self.attempts.get_or_create(&labels).inc();
    }

    pub(crate) fn set_paused(&self, channel: Channel, paused: bool) {
        let channel = channel.as_str();
        self.paused
            .get_or_create(&OfChannel { channel })
            .set(paused.into());
    }
}
