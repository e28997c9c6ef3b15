//! Operating a server: proxies, host names, metrics, start and stop.

pub mod hosts;
mod metrics;
mod proxies;
mod starting;
