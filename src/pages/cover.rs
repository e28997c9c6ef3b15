//! The picture of a course or community on its card, and what is drawn in its place.

use askama::Template;

use super::csp;
use crate::accounts::brand;

/// A picture. Behind it is the initial of the title, for one that is missing or can't be loaded.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/cover.html")]
pub(crate) struct Cover {
    /// The address with its origin, which the page's policy names.
    picture: Option<(String, String)>,
    initial: String,
}

impl Cover {
    pub(crate) fn new(address: Option<&str>, title: &str) -> Self {
        Self {
            picture: address.and_then(|address| Some((address.to_owned(), csp::origin(address)?))),
            initial: brand::initial(title),
        }
    }

    /// The picture's origin.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.picture.as_ref().map(|(_, origin)| &origin[..])
    }
}
