//! The schema: a file a noun holds its type, queries and mutations; they are merged into the roots here.
//!
//! A resolver parses, authorises in its first line, runs one transaction around the nouns' verbs, nudges, and builds the
//! payload. A field of type `T!` returns `Result<T>`, a nullable one `Option<Result<T>>`: then it is null by itself when it
//! fails. Guards are not used: they null the parent.
//!
//! To add a noun: its enums in `enums.rs`, a file with its type and a `…Queries` struct, that struct in `query.rs`, its
//! look-ups in `loaders.rs`, its kind in `node.rs`, its mutations in `mutations/`, a description on everything, then
//! `cargo run -- schema > schema.graphql`.

pub(crate) mod connection;
pub mod context;
pub(crate) mod idempotency;
pub mod loaders;
pub(crate) mod mutation;
pub(crate) mod node;
pub(crate) mod query;
pub(crate) mod scalars;
pub(crate) mod subscription;
pub(crate) mod upload;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};
use graphql_server::FieldOptions;

use crate::services::Services;
use mutation::Mutation;
use query::Query;
use subscription::Subscription;

pub type PortalSchema = Schema<Query, Mutation, Subscription>;

/// Selections inside selections: the deepest useful document has twelve, introspection by GraphiQL fifteen.
const DEPTH: usize = 15;

/// The schema around the services.
pub fn build(services: Arc<Services>, introspection: bool) -> PortalSchema {
    let builder = builder()
        .limit_depth(DEPTH)
        .limit_recursive_depth(2 * DEPTH)
        .data(services);
    if introspection {
        builder.finish()
    } else {
        builder.disable_introspection().disable_suggestions().finish()
    }
}

/// The schema in its own language, as `schema.graphql` holds it. Needs no database.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    builder()
        .finish()
        .sdl_with_options(options.include_specified_by())
}

/// What the transports must know of fields, as declared beside their resolvers.
pub(crate) fn field_facts() -> FieldOptions {
    FieldOptions {
        ignore_credential: mutation::IGNORE_CREDENTIAL.concat(),
        secret_response: mutation::SECRET_ANSWER.concat(),
        shared_stream: subscription::SHARED_STREAM.to_vec(),
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // DateTime is one type in what goes out and another in what comes in, which is refused later, by the resolver.
    Schema::build_with_ignore_name_conflicts(
        Query::default(),
        Mutation::default(),
        Subscription,
        ["DateTime"],
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_field_with_a_fact_is_in_the_schema() {
        let facts = crate::api::field_facts();
        assert!(!facts.ignore_credential.is_empty() && !facts.secret_response.is_empty());
        assert_eq!(facts.missing_from(&crate::api::sdl()), Vec::<&str>::new());
    }
}
