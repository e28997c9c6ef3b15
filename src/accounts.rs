//! Accounts: the tenant that every other row belongs to. Its settings, branding and logo, its sections, the URLs of its
//! portal, and the budgets that limit what one account may send.

pub(crate) mod brand;
pub(crate) mod graphql;
pub(crate) mod logo;
pub mod model;
pub(crate) mod pages;
pub mod urls;
