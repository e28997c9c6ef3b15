//! What the worker does: delivery, bulk jobs, imports.

mod bulk;
mod delivery;
mod import;
