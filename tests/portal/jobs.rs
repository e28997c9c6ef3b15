//! The worker: delivery, bulk jobs, imports.

mod bulk;
mod cost;
mod delivery;
mod fair_delivery;
mod import;
mod leases;
