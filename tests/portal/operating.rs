//! Operating a server: proxies, host names, metrics, start and stop.

mod backups;
pub mod hosts;
mod metrics;
mod nats;
pub mod program;
mod proxies;
mod starting;
