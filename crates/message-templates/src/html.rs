//! From the engine's output to clean HTML. The order of the steps is explained in the documentation of [`crate`].

mod checker;
mod cleaner;
mod elements;
mod markdown;
mod source;

use std::borrow::Cow;
use std::collections::BTreeSet;

use css_inline::CSSInliner;

use self::checker::check_document;
use crate::bounded::BoundedBuffer;
use crate::engine::{Markers, Rendered};
use crate::lexer::Piece;
use crate::problem::Problem;
use crate::{Format, MAX_OUTPUT_BYTES, RenderError, join_apart};

/// A document with its styles inlined may be larger than the content.
const MAX_DOCUMENT_BYTES: usize = 4 * MAX_OUTPUT_BYTES;

/// Reports what of a source can't be in an email, whatever its conditions will say. Returns where the tags begin whose values stand in
/// attributes and are not the whole link of an `<a>`.
pub(crate) fn check_source(
    format: Format,
    source: &str,
    pieces: &[Piece<'_>],
    problems: &mut Vec<Problem>,
) -> BTreeSet<usize> {
    match format {
        Format::Html => source::check(source, pieces, problems),
        Format::Markdown => markdown::check_source(source, pieces, problems),
        Format::Line | Format::Text => BTreeSet::new(),
    }
}

/// Clean HTML with the values in it.
pub(crate) fn finish(format: Format, rendered: &Rendered) -> Result<String, RenderError> {
    let html = match format {
        Format::Markdown => markdown::to_html(&rendered.text)?,
        Format::Html | Format::Line | Format::Text => check_and_style(&rendered.text)?,
    };
    let draft = bounded(cleaner::clean_draft(&html))?;
    let filled = fill(&draft, &rendered.markers)?;
    bounded(cleaner::clean_final(&filled))
}

fn check_and_style(html: &str) -> Result<Cow<'_, str>, RenderError> {
    let has_style = check_document(html).map_err(|reason| RenderError::Html { reason })?;
    if has_style {
        inline_css(html).map(Cow::Owned)
    } else {
        Ok(html.into())
    }
}

/// Moves the rules of `<style>` into `style` attributes. Loads nothing.
pub(crate) fn inline_css(html: &str) -> Result<String, RenderError> {
    let options = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_at_rules(true);
    let mut buffer = BoundedBuffer::new(MAX_DOCUMENT_BYTES);
    let inlined = options.build().inline_to(html, &mut buffer);
    if buffer.full() {
        return Err(RenderError::TooLarge);
    }
    inlined.map_err(|_| RenderError::Html {
        reason: "the CSS can't be read".to_owned(),
    })?;
    buffer.into_text().ok_or(RenderError::TooLarge)
}

/// Puts the escaped values in place of their markers, which stand in texts and quoted attributes.
fn fill(html: &str, markers: &Markers) -> Result<String, RenderError> {
    let mut filled = String::with_capacity(html.len());
    let mut parts = html.split(&markers.prefix);
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: Option<usize> = part[..digits].parse().ok();
        let value = number.and_then(|number| markers.values.get(number));
        escape(value.map_or("", String::as_str), &mut filled);
        let rest = &part[digits..];
        filled.push_str(rest.strip_prefix('z').unwrap_or(rest));
        if filled.len() > MAX_OUTPUT_BYTES {
            return Err(RenderError::TooLarge);
        }
    }
    Ok(filled)
}

/// As for text. What stands before a link in a text can hide in an element, so that only a bare tag that begins a line counts.
pub(crate) fn stand_alone<'a>(mut html: String, private: impl Iterator<Item = &'a str>) -> String {
    const NEW_LINES: [&str; 5] = ["<p>", "<br>", "<li>", "<td>", "<div>"];
    for link in private {
        let mut escaped = String::new();
        escape(link, &mut escaped);
        let parts: Vec<&str> = html.split(&escaped).collect();
        html = join_apart(&parts, &escaped, |before| {
            let in_tag = before.rfind('<') > before.rfind('>');
            in_tag
                || before.ends_with(char::is_whitespace)
                || NEW_LINES.iter().any(|tag| before.ends_with(tag))
        });
    }
    html
}

fn escape(value: &str, html: &mut String) {
    for c in value.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}

fn bounded(html: String) -> Result<String, RenderError> {
    if html.len() > MAX_OUTPUT_BYTES {
        return Err(RenderError::TooLarge);
    }
    Ok(html)
}
