//! What every feature stands on: ids, time, secrets, errors, addresses, the database, who acts, and the audit rows.
//! Nothing here knows a feature.

pub mod actor;
pub mod address;
pub mod audit;
pub mod clock;
pub mod db;
pub mod device;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod page;
pub mod pairs;
pub mod plain_text;
pub mod secrets;
pub mod sweep;
pub mod text_enum;

pub use mailer::mask;
