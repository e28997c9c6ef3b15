//! Accounts: the tenant that every other row belongs to. Its settings and branding, its sections, the URLs of its portal,
//! and the budgets that limit what one account may send.

pub(crate) mod brand;
pub(crate) mod graphql;
pub mod model;
pub mod urls;
