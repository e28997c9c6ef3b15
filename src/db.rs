//! The database: the private PostgreSQL that needs no setting up.

pub mod embedded;
