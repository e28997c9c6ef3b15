//! What the emails say, as HTML and as text.

pub mod letters;
