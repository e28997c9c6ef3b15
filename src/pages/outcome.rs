//! The page that follows a submitted form.

use askama::Template;

use super::layout::Layout;
use crate::base::locale::text::Text;

/// A page that says what happened, with a link to continue.
#[derive(Debug, Template)]
#[template(path = "pages/outcome.html")]
pub(crate) struct OutcomeView<'a> {
    pub layout: Layout<'a>,
    pub heading: Text,
    pub words: String,
    pub next: Text,
    pub next_href: &'a str,
}
