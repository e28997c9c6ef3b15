//! "This wasn't me": the reader of an email reports that another person caused it. What ends then is listed in [`model`].

pub(crate) mod model;
pub(crate) mod pages;
