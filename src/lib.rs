//! Vestibule, the entrance hall of a client portal. ARCHITECTURE.md says where to find what.

pub mod actor;
pub mod address;
pub mod addresses;
pub mod app;
pub mod auth;
pub mod brand;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod delivery_metrics;
pub mod device;
pub mod error;
pub mod graphql;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod letters;
pub mod live;
pub mod logging;
pub use mailer::mask;
pub mod models;
pub mod plain_text;
pub mod secrets;
pub mod services;
pub mod text_enum;
