//! Courses with their modules and lessons, and the progress of contacts in them.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
pub(crate) mod video;
