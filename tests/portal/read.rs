//! What the queries of the schema give, to whom, and at what cost.

mod access;
mod gathering;
mod nodes;
mod pages;
mod refusals;
mod statements;
