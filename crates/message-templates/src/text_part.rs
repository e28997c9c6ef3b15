//! The plain-text part of an email, made from its HTML.

use html2text::config;
use html2text::render::TextDecorator;

use crate::{MAX_OUTPUT_BYTES, RenderError};

/// A paragraph is one line, which mail programs wrap: a wrapped link would be broken.
const WIDTH: usize = 2_000;
const RULE: &str = "----------";
const LINK_START: &str = " ( ";
const LINK_END: &str = " )";

/// Text with each link after the words that it is on.
pub(crate) fn from_html(html: &str) -> Result<String, RenderError> {
    let rendered = config::with_decorator(LinkAfterText::default())
        .raw_mode(true)
        .allow_width_overflow()
        .no_link_wrapping()
        .string_from_read(html.as_bytes(), WIDTH);
    let text = rendered.map_err(|_| RenderError::Html {
        reason: "no text part can be made of this HTML".to_owned(),
    })?;
    let text: String = text
        .lines()
        .map(show_once)
        .map(|line| shorten_rule(&line))
        .collect();
    if text.len() > MAX_OUTPUT_BYTES {
        return Err(RenderError::TooLarge);
    }
    Ok(text)
}

/// A link that is its own text is shown once.
fn show_once(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(LINK_START) {
        shown.push_str(before);
        rest = match after.split_once(LINK_END) {
            Some((link, after)) if before.ends_with(link) => after,
            _ => {
                shown.push_str(LINK_START);
                after
            }
        };
    }
    shown + rest
}

/// A rule is as wide as a line can be.
fn shorten_rule(line: &str) -> String {
    let rule = line.len() > RULE.len() && line.chars().all(|c| c == '─');
    format!("{}\n", if rule { RULE } else { line.trim_end() })
}

#[derive(Clone, Debug, Default)]
struct LinkAfterText {
    links: Vec<String>,
}

impl TextDecorator for LinkAfterText {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.links.push(url.to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        self.links
            .pop()
            .map(|url| format!("{LINK_START}{url}{LINK_END}"))
            .unwrap_or_default()
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }
}
