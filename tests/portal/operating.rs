//! Operating a server: proxies, host names, metrics, traces, start and stop.

mod backups;
mod clocks;
pub mod hosts;
pub mod metrics;
mod moving;
mod nats;
pub mod program;
mod proxies;
mod starting;
mod traces;
