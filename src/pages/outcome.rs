//! The page that follows a submitted form.

use askama::Template;

use super::layout::Layout;

/// A page that says what happened, with a link to continue.
#[derive(Debug, Template)]
#[template(path = "pages/outcome.html")]
pub(crate) struct OutcomeView<'a> {
    pub layout: Layout<'a>,
    pub heading: &'a str,
    pub words: &'a str,
    pub next: &'a str,
    pub next_href: &'a str,
}
