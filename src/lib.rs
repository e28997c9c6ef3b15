//! Vestibule, the entrance hall of a client portal. ARCHITECTURE.md says where to find what.

pub mod address;
pub mod addresses;
pub mod app;
pub mod auth;
pub mod brand;
pub mod clock;
pub mod config;
pub mod db;
pub mod delivery;
pub mod device;
pub mod error;
pub mod graphql;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod live;
pub mod logging;
pub mod mask;
pub mod models;
pub mod plain_text;
pub mod secrets;
pub mod text_enum;
