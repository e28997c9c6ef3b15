//! A whole email: subject, HTML and plain text.

use std::collections::BTreeSet;

use crate::html::inline_css;
use crate::{Layout, RenderError, Template, Values, text_part};

/// The templates of one email.
#[derive(Debug)]
pub struct EmailTemplate {
    /// A [`Format::Line`](crate::Format::Line).
    pub subject: Template,
    /// A [`Format::Html`](crate::Format::Html) or [`Format::Markdown`](crate::Format::Markdown).
    pub body: Template,
    /// A [`Format::Text`](crate::Format::Text); without one, the text is made from the body.
    pub text: Option<Template>,
}

/// An email for one recipient. `Debug` shows only sizes: the email may hold a secret link.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedEmail {
    pub subject: String,
    pub html: String,
    pub text: String,
}

impl std::fmt::Debug for RenderedEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RenderedEmail")
            .field("html_bytes", &self.html.len())
            .field("text_bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

impl EmailTemplate {
    /// The names of the fields that rendering reads.
    pub fn field_names(&self) -> BTreeSet<&str> {
        let templates = [Some(&self.subject), Some(&self.body), self.text.as_ref()];
        templates
            .into_iter()
            .flatten()
            .flat_map(Template::field_names)
            .collect()
    }

    /// The email with these values, in a layout.
    pub fn render(&self, layout: &Layout, values: &Values) -> Result<RenderedEmail, RenderError> {
        let body = self.body.render(values)?;
        let text = match &self.text {
            Some(text) => text.render(values)?,
            None => text_part::from_html(&body)?,
        };
        Ok(RenderedEmail {
            subject: self.subject.render(values)?,
            html: inline_css(&layout.html_around(&body))?,
            text: layout.text_around(&text),
        })
    }
}
