//! Lists of invitations, and changes of many at once.

mod check;
mod filter;
mod many;
