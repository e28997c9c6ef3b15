//! What the application itself serves over HTTP: pages, static files, and the rules of its API's credentials. The transports of
//! GraphQL and the accept loop are the crate `graphql-server`; `app::engine` is the application behind them.

pub mod assets;
pub mod cors;
pub mod credentials;
pub mod site;
pub mod views;
