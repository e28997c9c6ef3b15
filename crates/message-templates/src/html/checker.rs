//! Checks HTML token by token, before anything builds a tree of it.
//!
//! A tree can be much larger than its source: each block repeats the formatting elements that are left open before it. Elements that
//! are closed in order and nested to a bounded depth can't do that.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::elements::{
    DOCUMENT_ELEMENTS, UNENCRYPTED_LINK, ends_at, ends_by_itself, has_attribute, is_harmless_style,
    is_unencrypted, is_void, is_whole_link, stays,
};
use crate::problem::Severity;
use crate::{MAX_CSS_WORK, MAX_HTML_DEPTH, MAX_HTML_ELEMENTS};

/// Something about the HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub message: String,
    /// The line on which the tag ends, from 1.
    pub line: u64,
    /// How the tag or attribute begins.
    pub text: String,
    pub severity: Severity,
}

/// Receives the tokens.
#[derive(Default)]
pub(super) struct Checker {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    open: Vec<String>,
    elements: usize,
    css_bytes: usize,
    has_style: bool,
    findings: Vec<Finding>,
    line: u64,
    in_attributes: BTreeSet<usize>,
}

const PLACEHOLDER: &str = "mergefield";

/// Stands for the value of the tag that begins there while a source is checked.
pub(super) fn value_placeholder(start: usize) -> String {
    format!("{PLACEHOLDER}{start}z")
}

/// Whether a document with bounded work has a `<style>`; else the reason why it can't be parsed.
pub(super) fn check_document(html: &str) -> Result<bool, String> {
    let tokenizer = Tokenizer::new(Checker::default(), Default::default());
    feed(&tokenizer, html);
    tokenizer.end();
    tokenizer.sink.check_end();
    let state = tokenizer.sink.state.into_inner();
    let error = state
        .findings
        .into_iter()
        .find(|finding| finding.severity == Severity::Error);
    error.map_or(Ok(state.has_style), |finding| Err(finding.message))
}

pub(super) fn feed(tokenizer: &Tokenizer<Checker>, html: &str) {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    // The checker never asks to pause.
    while !queue.is_empty() {
        let _paused = tokenizer.feed(&queue);
    }
}

impl Checker {
    /// The elements that are open and must be closed by a tag.
    fn open_elements(&self) -> Vec<String> {
        let state = self.state.borrow();
        let open = state.open.iter().filter(|element| !ends_by_itself(element));
        open.cloned().collect()
    }

    /// All elements that are open.
    pub fn open(&self) -> Vec<String> {
        self.state.borrow().open.clone()
    }

    /// Goes on as if these were open. Returns whether the elements that must be closed by a tag are the same.
    pub fn reopen(&self, open: Vec<String>) -> bool {
        let before = self.open_elements();
        self.state.borrow_mut().open = open;
        self.open_elements() == before
    }

    /// Reports what is still open.
    pub fn check_end(&self) {
        let unclosed = self.open_elements();
        let mut state = self.state.borrow_mut();
        for element in unclosed {
            let message = format!("`<{element}>` is never closed. Write `</{element}>` where it ends.");
            state.error(&format!("<{element}"), message);
        }
    }

    /// Where the tags begin whose values stand in attributes and are not the whole link of an `<a>`.
    pub fn take_in_attributes(&self) -> BTreeSet<usize> {
        std::mem::take(&mut self.state.borrow_mut().in_attributes)
    }

    pub fn take_findings(&self) -> Vec<Finding> {
        std::mem::take(&mut self.state.borrow_mut().findings)
    }
}

impl TokenSink for Checker {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        state.line = line;
        match token {
            Token::TagToken(tag) => match tag.kind {
                TagKind::StartTag => return state.start(&tag),
                TagKind::EndTag => state.end(&tag.name),
            },
            Token::CharacterTokens(text) if state.open.last().is_some_and(|open| open == "style") => {
                state.css_bytes += text.len();
                state.check_css_work();
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        self.elements += 1;
        if self.elements == MAX_HTML_ELEMENTS + 1 {
            let message = format!("A template may have {MAX_HTML_ELEMENTS} HTML elements at most.");
            self.error(&format!("<{name}"), message);
        }
        self.check_css_work();
        if !stays(name) && !DOCUMENT_ELEMENTS.contains(&name) {
            let message = format!("The element `<{name}>` can't be used in an email.");
            self.error(&format!("<{name}"), message);
        }
        self.check_attributes(tag);
        while self.open.last().is_some_and(|open| ends_at(open, name)) {
            self.open.pop();
        }
        if is_void(name) {
            return TokenSinkResult::Continue;
        }
        if self.open.len() == MAX_HTML_DEPTH {
            let message = format!("HTML elements may be nested {MAX_HTML_DEPTH} deep at most.");
            self.error(&format!("<{name}"), message);
        }
        self.open.push(name.to_owned());
        self.has_style |= name == "style";
        content_kind(name)
    }

    fn end(&mut self, name: &str) {
        let closes = self.open.iter().rposition(|open| open == name);
        let between = closes.map(|at| &self.open[at + 1..]);
        match between {
            Some(between) if between.iter().all(|open| ends_by_itself(open)) => {
                self.open.truncate(closes.unwrap_or_default());
            }
            Some(between) => {
                let inner = between
                    .iter()
                    .rfind(|open| !ends_by_itself(open))
                    .map_or("", String::as_str);
                let message = format!(
                    "`</{name}>` stands before the end of `<{inner}>`. Close the inner element first."
                );
                self.error(&format!("</{name}"), message);
                self.open.truncate(closes.unwrap_or_default());
            }
            None => {
                let message = format!("`</{name}>` closes nothing.");
                self.error(&format!("</{name}"), message);
            }
        }
    }

    fn check_attributes(&mut self, tag: &Tag) {
        let element = &*tag.name;
        if DOCUMENT_ELEMENTS.contains(&element) {
            return;
        }
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            self.find_values(element, name, value);
            if !has_attribute(element, name) {
                let message = format!("The attribute `{}` is left out.", shortened(name));
                self.warning(name, message);
            } else if matches!(name, "href" | "src") && !may_be_link(value) {
                let message =
                    format!("`{name}` must be a whole link with https:, http:, mailto: or tel:, or a field.");
                self.error(name, message);
            } else if is_unencrypted(value) && matches!(name, "href" | "src") {
                self.warning(name, UNENCRYPTED_LINK.to_owned());
            } else if name == "style" && !is_harmless_style(value) {
                self.warning(
                    name,
                    "This `style` is left out: it loads something or has an escape or comment.".to_owned(),
                );
            }
        }
    }

    fn find_values(&mut self, element: &str, name: &str, value: &str) {
        let is_link = (element, name) == ("a", "href");
        for rest in value.split(PLACEHOLDER).skip(1) {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(start) = rest[..digits].parse() else {
                continue;
            };
            if !is_link || value.trim() != value_placeholder(start) {
                self.in_attributes.insert(start);
            }
        }
    }

    fn check_css_work(&mut self) {
        let too_much = self.css_bytes.saturating_mul(self.elements) > MAX_CSS_WORK;
        let text = "<style";
        if too_much && !self.findings.iter().any(|finding| finding.text == text) {
            self.error(text, "This is too much CSS for so many elements.".to_owned());
        }
    }

    fn error(&mut self, text: &str, message: String) {
        self.find(text, message, Severity::Error);
    }

    fn warning(&mut self, text: &str, message: String) {
        self.find(text, message, Severity::Warning);
    }

    /// Keeps the number of findings bounded: no more are shown.
    fn find(&mut self, text: &str, message: String, severity: Severity) {
        let same = self
            .findings
            .iter()
            .filter(|finding| finding.severity == severity);
        if same.count() < crate::MAX_PROBLEMS {
            self.findings.push(Finding {
                message: shortened(&message),
                line: self.line,
                text: text.to_owned(),
                severity,
            });
        }
    }
}

/// How a parser reads what follows the start of an element.
fn content_kind(element: &str) -> TokenSinkResult<()> {
    match element {
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "style" | "script" | "xmp" | "iframe" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// A value in place of the whole link, or of its beginning, is checked when it is known.
fn may_be_link(link: &str) -> bool {
    link.trim().starts_with(PLACEHOLDER) || is_whole_link(link)
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}
