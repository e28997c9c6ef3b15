//! Messages as staff see them.

mod filter;
mod masked;
