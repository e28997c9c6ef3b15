//! A team member sees the portal as a contact does, without changing anything: by a link for one minute, which a browser turns into a view
//! for 15 minutes with a cookie of its own. No credential of the contact comes of it.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
