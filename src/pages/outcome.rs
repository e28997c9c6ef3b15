//! A page that says how something went.

use askama::Template;

use super::layout::Layout;

/// A page that says how something went, and where to go on.
#[derive(Debug, Template)]
#[template(path = "pages/outcome.html")]
pub(crate) struct OutcomeView<'a> {
    pub layout: Layout<'a>,
    pub heading: &'a str,
    pub words: &'a str,
    pub next: &'a str,
    pub next_href: &'a str,
}
