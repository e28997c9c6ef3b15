//! The worker: delivery, bulk jobs, imports.

mod bulk;
mod delivery;
mod fair_delivery;
mod import;
