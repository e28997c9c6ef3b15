//! The queries of the schema: results, permissions and cost.

mod access;
mod gathering;
mod nodes;
mod pages;
mod refusals;
mod statements;
