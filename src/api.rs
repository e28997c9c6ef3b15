//! The schema: each feature's `graphql.rs` has its types, queries and mutations; the roots here merge them.
//!
//! A resolver parses its input, authorises in its first line, runs one transaction around the model's verbs, nudges `live`, and
//! builds the payload. A field of type `T!` returns `Result<T>`, a nullable one `Option<Result<T>>`, so that an error nulls this
//! field only. async-graphql's guards are not used: they null the parent.
//!
//! To add a type, a query or a mutation: `docs/extend/adding-a-feature.md`. Queries are listed in `query.rs`, mutations
//! in `mutation.rs`, kinds of ids in `node.rs`; loaders are in `loaders/records.rs`.

pub(crate) mod connection;
pub mod context;
pub(crate) mod idempotency;
pub(crate) mod input;
pub mod loaders;
pub(crate) mod money;
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

/// The maximum depth of selections: the deepest useful document has twelve, GraphiQL's introspection fifteen.
const MAX_DEPTH: usize = 15;

/// The schema around the services.
pub fn build(services: Arc<Services>, introspection: bool) -> PortalSchema {
    let builder = builder()
        .limit_depth(MAX_DEPTH)
        .limit_recursive_depth(2 * MAX_DEPTH)
        .data(services);
    if introspection {
        builder.finish()
    } else {
        builder.disable_introspection().disable_suggestions().finish()
    }
}

/// The schema in SDL, as in `schema.graphql`. Needs no database.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    builder()
        .finish()
        .sdl_with_options(options.include_specified_by())
}

/// What the transports must know about fields, as declared next to their resolvers.
pub(crate) fn field_options() -> FieldOptions {
    FieldOptions {
        ignore_credential: mutation::IGNORE_CREDENTIAL.concat(),
        secret_response: mutation::SECRET_RESPONSE.concat(),
        shared_stream: crate::contacts::graphql::portal_stats::SHARED_STREAM.to_vec(),
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // DateTime has two Rust types: the one for input accepts any text, and the resolver validates it.
    Schema::build_with_ignore_name_conflicts(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
        ["DateTime"],
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_field_with_options_is_in_the_schema() {
        let options = crate::api::field_options();
        assert!(!options.ignore_credential.is_empty() && !options.secret_response.is_empty());
        assert_eq!(options.missing_from(&crate::api::sdl()), Vec::<&str>::new());
    }
}
