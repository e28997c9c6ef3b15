//! What contacts may open. A grant gives one contact a course, a community or an offer; the paths from grants to courses and
//! communities say what is open.

pub(crate) mod graphql;
pub mod model;
