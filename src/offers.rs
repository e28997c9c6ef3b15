//! Offers: courses and communities that are granted together.

pub(crate) mod graphql;
pub(crate) mod model;
