//! The foundation of every feature: ids, time, secrets, errors, addresses, the database, actors and the audit log. Nothing here
//! depends on a feature.

pub mod actor;
pub mod address;
pub mod audit;
pub mod clock;
pub mod db;
pub(crate) mod device;
pub mod error;
pub(crate) mod idempotency;
pub mod ids;
pub(crate) mod lifetime;
pub(crate) mod locale;
pub(crate) mod markdown;
pub(crate) mod money;
pub mod page;
pub(crate) mod pairs;
pub(crate) mod plain_text;
pub mod public_http;
pub mod secrets;
pub(crate) mod sweep;
pub(crate) mod text_enum;
pub(crate) mod tls;
pub(crate) mod trace;
pub(crate) mod turns;
pub(crate) mod web_address;

pub(crate) use mailer::mask;
