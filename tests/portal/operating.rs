//! Operating a server: proxies, host names, metrics, traces, start and stop.

mod backups;
pub mod hosts;
mod metrics;
pub mod program;
mod proxies;
mod starting;
mod traces;
