//! The nouns: each file holds a row, its finders (always scoped to an account) and its verbs.
//!
//! A verb takes a connection and a [`Moment`](crate::clock::Moment), never opens or commits a transaction and never sends
//! anything: a `messages` row is the promise to send. To add a noun: a migration, `src/db/schema.rs`, a file here, an id in
//! `src/ids.rs`, and its type in `src/graphql/`.

pub mod account;
pub mod address_turn;
pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod budget;
pub mod bulk_item;
pub mod bulk_job;
pub mod challenge;
pub mod contact;
pub mod contact_details;
pub mod contact_list;
pub mod entrance;
pub mod idempotency;
pub mod identity;
pub mod import;
pub mod invitation;
pub mod login_email;
pub mod magic_link;
pub mod message;
pub mod new_device;
pub mod not_me;
pub mod page;
pub mod pairs;
pub mod password;
pub mod password_reset;
pub mod person;
pub mod portal_stats;
pub mod recipients;
pub mod redeem;
pub mod refresh;
pub mod revocation;
pub mod section;
pub mod session;
pub mod session_list;
pub mod sign_out;
pub mod signing_key;
pub mod staff_link;
pub mod suppression;
pub mod sweep;
pub mod team_member;
