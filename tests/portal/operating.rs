//! What those who run a server rely on: its place behind proxies and host names, its metrics, its start and its end.

pub mod hosts;
mod metrics;
mod proxies;
mod starting;
