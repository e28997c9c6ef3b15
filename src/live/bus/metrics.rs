//! The messages between instances, for `/metrics`.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Clones share their values.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusMetrics {
    pub connected: Gauge,
    pub sent: Counter,
    pub received: Counter,
    pub ignored: Counter,
    pub dropped: Counter,
}

impl BusMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "1 while messages of other instances can arrive, else 0";
        registry.register("bus_connected", help, self.connected.clone());
        let help = "Messages sent to the other instances";
        registry.register("bus_sent", help, self.sent.clone());
        let help = "Messages received from the bus";
        registry.register("bus_received", help, self.received.clone());
        let help = "Received messages that held something else than nudges";
        registry.register("bus_ignored", help, self.ignored.clone());
        let help = "Messages that were not sent because the bus was unreachable or slow, or not read because too many arrived";
        registry.register("bus_dropped", help, self.dropped.clone());
    }
}
