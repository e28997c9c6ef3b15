//! What every feature stands on: ids, time, secrets, errors, addresses, the database, who acts, and the audit rows.
//! Nothing here knows a feature.

pub mod actor;
pub mod address;
pub mod audit;
pub mod clock;
pub mod db;
pub(crate) mod device;
pub mod error;
pub(crate) mod idempotency;
pub mod ids;
pub mod page;
pub(crate) mod pairs;
pub(crate) mod plain_text;
pub mod secrets;
pub(crate) mod sweep;
pub(crate) mod text_enum;

pub(crate) use mailer::mask;
