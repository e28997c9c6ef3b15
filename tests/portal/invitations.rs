//! Lists of invitations, and changes of many at once.

mod filter;
mod many;
