//! Menu items: links that staff add to the menus of the portal and of the dashboard.

pub(crate) mod graphql;
pub(crate) mod model;
