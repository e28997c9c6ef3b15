//! What happens after a request: messages are sent, bulk jobs are worked off.
//!
//! To add a kind of job: a word in `BulkJobKind`, a file here with the work of one chunk, and its arm in `bulk.rs`.

mod bulk;
mod deliver;
mod import;
mod letter;
mod outcomes;
mod pace;
mod recipients;
mod sweep;
pub mod worker;

pub use worker::{Worker, WorkerParts};
