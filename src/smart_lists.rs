//! Smart lists: conditions on contacts that are saved under a name and evaluated when the list is used. Every mutation that takes a
//! filter of contacts takes a smart list in its place.

pub(crate) mod graphql;
pub(crate) mod model;
