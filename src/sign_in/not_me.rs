//! "This wasn't me": the reader of an email reports that another person caused it. [`model`] lists what the report ends.

pub(crate) mod model;
pub(crate) mod pages;
