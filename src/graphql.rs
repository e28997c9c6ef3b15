//! The schema: a file a noun holds its type, queries and mutations; they are merged into the roots here.
//!
//! A resolver parses, authorises in its first line, runs one transaction around the nouns' verbs, nudges, and builds the
//! payload. A field of type `T!` returns `Result<T>`, a nullable one `Option<Result<T>>`: then it is null by itself when it
//! fails. Guards are not used: they null the parent.
//!
//! To add a field: its verb in `models`, its type here in the noun's file, its resolver in `query.rs` or `mutations/`, a
//! description on everything, then `cargo run -- schema > schema.graphql`.

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

pub mod account;
pub mod activity;
pub mod bulk_job;
pub mod connection;
pub mod contact;
pub mod contact_input;
pub mod context;
pub mod enums;
pub mod fault;
pub mod invitation;
pub mod loaders;
pub mod magic_link;
pub mod message;
pub mod mutations;
pub mod node;
pub mod portal_stats;
pub mod query;
pub mod recipients;
pub mod scalars;
pub mod subscription;
pub mod upload;
pub mod viewer;

use context::Services;
use mutations::Mutation;
use query::Query;
use subscription::Subscription;

pub type PortalSchema = Schema<Query, Mutation, Subscription>;

/// Nested deeper than any screen needs; the gate's own limits come before.
const DEPTH: usize = 15;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .limit_depth(DEPTH)
        .limit_recursive_depth(DEPTH * 2)
}

/// The schema around the services.
pub fn build(services: Arc<Services>, introspection: bool) -> PortalSchema {
    let schema = builder().data(services);
    if introspection {
        schema.finish()
    } else {
        schema.disable_introspection().disable_suggestions().finish()
    }
}

/// The schema in its own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    builder().finish().sdl_with_options(
        SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by(),
    )
}
