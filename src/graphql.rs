//! The schema: a file a noun holds its type, queries and mutations; they are merged into the roots here.
//!
//! A resolver parses, authorises in its first line, runs one transaction around the nouns' verbs, nudges, and builds the
//! payload. A field of type `T!` returns `Result<T>`, a nullable one `Option<Result<T>>`: then it is null by itself when it
//! fails. Guards are not used: they null the parent.

pub mod context;
pub mod fault;
pub mod upload;
