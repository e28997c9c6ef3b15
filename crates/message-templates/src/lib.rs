#![doc = include_str!("../README.md")]
//!
//! # Syntax
//!
//! | written | meaning |
//! | --- | --- |
//! | `{{ contact.first_name }}` | the value of a field |
//! | `{{ contact.first_name \| default("there") }}` | a text in place of an empty value; `default("")` leaves it out |
//! | `\| upper`, `\| lower`, `\| capitalize`, `\| title`, `\| urlencode` | the value in other letters, or as a part of a URL |
//! | `{% if a %} … {% elif b == "x" %} … {% else %} … {% endif %}` | conditions, with `==`, `!=`, `and`, `or`, `not` and parentheses |
//! | `{{ "{{" }}` | two braces |
//! | `{{- a -}}` | without the white space around it |
//!
//! Nothing else is accepted: no loops, variables, macros, includes, arithmetic, calls or indexes. A small lexer and parser of this
//! crate check each tag, so that an error names its line and column; then MiniJinja evaluates the template, with a budget
//! ([`FUEL`]) and a bounded writer ([`MAX_OUTPUT_BYTES`]).
//!
//! # Why a value can't inject anything
//!
//! A value is data at every step. In an HTML or Markdown template, MiniJinja decides the conditions, and writes a marker (letters and
//! digits) in place of each value. Then:
//!
//! 1. Markdown becomes HTML. HTML in Markdown is text. A value has no part in it, so `*`, `[` or `<` in a value mean nothing.
//! 2. HTML is checked token by token ([`Template::parse`] reports what it finds with line and column): elements that an email can't
//!    hold are refused, and elements must be closed in order. That bounds the work of the parsers that follow.
//! 3. `<style>` is inlined, and the HTML is cleaned by an allow-list. What remains is well-formed: each marker is in a text or in
//!    a quoted attribute.
//! 4. The markers are replaced by the escaped values. So a link field works in `href`.
//! 5. The result is cleaned again. This time links must be absolute, with an allowed scheme: a value such as `javascript:…` in `href`
//!    loses its attribute.
//!
//! In text templates a value is not escaped, and its control characters become spaces. A subject is one line.
//!
//! # Private links
//!
//! A link that signs its reader in is a [private](KnownField::private) field. [`Template::check`] refuses it in subjects, in pictures
//! and within other URLs, and rendering puts a space before it where it would follow other characters
//! ([`Values::set_private`]): no author gets the link of a recipient.

mod alias;
mod bounded;
mod catalogue;
mod condition;
mod email;
mod engine;
mod expression;
mod html;
mod layout;
mod lexer;
mod parser;
mod problem;
mod text_part;
mod values;

use std::collections::BTreeSet;

pub use self::alias::{Alias, rewrite_aliases};
pub use self::catalogue::{Catalogue, KnownField, ReplacedField};
pub use self::email::{EmailTemplate, RenderedEmail};
use self::engine::Engine;
pub use self::engine::RenderError;
pub use self::layout::{Layout, LayoutError};
use self::problem::{Place, has_error};
pub use self::problem::{Problem, Severity};
pub use self::values::Values;

/// The largest source.
pub const MAX_SOURCE_BYTES: usize = 100_000;
/// The largest result, before the layout is put around it.
pub const MAX_OUTPUT_BYTES: usize = 500_000;
/// Most tags in a source.
pub const MAX_TAGS: usize = 1_000;
/// Deepest nesting of conditions.
pub const MAX_NESTING: usize = 10;
/// Deepest nesting of HTML elements.
pub const MAX_HTML_DEPTH: usize = 50;
/// Most HTML elements in a template.
pub const MAX_HTML_ELEMENTS: usize = 5_000;
/// Most bytes of CSS, times the elements that it may style.
pub const MAX_CSS_WORK: usize = 10_000_000;
/// Longest name of a field.
pub const MAX_FIELD_LENGTH: usize = 100;
/// What one evaluation may use: about one for each instruction and each 64 bytes.
pub const FUEL: u64 = 50_000;
/// Most problems that are reported at once.
pub const MAX_PROBLEMS: usize = 20;

/// What a template's source is, and what it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One line of plain text, such as a subject.
    Line,
    /// Plain text.
    Text,
    /// HTML, which becomes clean HTML.
    Html,
    /// Markdown, which becomes clean HTML.
    Markdown,
}

/// One use of a field in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUse {
    pub name: String,
    /// Line in the source, from 1.
    pub line: usize,
    /// Column in the line, in characters, from 1.
    pub column: usize,
    /// The field may be empty here: it has a default, an `if` around it checks it, or it is only compared.
    pub allows_empty: bool,
    /// The value is shown, and not only compared.
    pub shown: bool,
    /// It is shown in an attribute or a link of Markdown, and is not the whole link of an `<a>`.
    pub in_attribute: bool,
    /// A filter other than `default` changes the value.
    pub filtered: bool,
}

/// A template whose syntax is checked.
#[derive(Debug)]
pub struct Template {
    format: Format,
    fields: Vec<FieldUse>,
    warnings: Vec<Problem>,
    engine: Engine,
}

impl Template {
    /// Checks a source. Reports what is wrong, at most [`MAX_PROBLEMS`] in the order of the source.
    pub fn parse(source: &str, format: Format) -> Result<Self, Vec<Problem>> {
        if source.len() > MAX_SOURCE_BYTES {
            let message = format!("A template may have {MAX_SOURCE_BYTES} bytes at most.");
            return Err(vec![Problem::error(Place::START, message)]);
        }
        let mut problems = Vec::new();
        let pieces = lexer::pieces(source, &mut problems);
        let in_attributes = html::check_source(format, source, &pieces, &mut problems);
        let fields = parser::uses(source, &pieces, &in_attributes, &mut problems);
        let engine = match Engine::new(source, format) {
            Ok(engine) if !has_error(&problems) => engine,
            Ok(_) => return Err(sorted(problems)),
            Err(problem) => {
                if !has_error(&problems) {
                    problems.push(problem);
                }
                return Err(sorted(problems));
            }
        };
        Ok(Self {
            format,
            fields,
            warnings: sorted(problems),
            engine,
        })
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Each use of a field, in the order of the source.
    pub fn fields(&self) -> &[FieldUse] {
        &self.fields
    }

    /// The names of the fields that rendering reads.
    pub fn field_names(&self) -> BTreeSet<&str> {
        self.fields.iter().map(|field| field.name.as_str()).collect()
    }

    /// What the author should know although the template can be used.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// What is wrong with the uses of fields, where only these are known.
    pub fn check(&self, catalogue: &Catalogue) -> Vec<Problem> {
        sorted(catalogue.check(&self.fields, self.format))
    }

    /// The template with these values: plain text, or a clean fragment of HTML.
    ///
    /// Only the fields that the template names are read, and all of them must be in `values`.
    pub fn render(&self, values: &Values) -> Result<String, RenderError> {
        let rendered = self.engine.render(&self.fields, values)?;
        match self.format {
            Format::Line => Ok(rendered.text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Format::Text => Ok(stand_alone(rendered.text, values.private())),
            Format::Html | Format::Markdown => {
                let html = html::finish(self.format, &rendered)?;
                Ok(html::stand_alone(html, values.private()))
            }
        }
    }
}

/// Puts a space before each private link that follows other characters: mail programs would make one link of them, to another server.
fn stand_alone<'a>(mut text: String, private: impl Iterator<Item = &'a str>) -> String {
    for link in private {
        let parts: Vec<&str> = text.split(link).collect();
        text = join_apart(&parts, link, |before| before.ends_with(char::is_whitespace));
    }
    text
}

fn join_apart(parts: &[&str], link: &str, stands_alone_after: impl Fn(&str) -> bool) -> String {
    let mut joined = String::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            if !joined.is_empty() && !stands_alone_after(&joined) {
                joined.push(' ');
            }
            joined.push_str(link);
        }
        joined.push_str(part);
    }
    joined
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (std::cmp::Reverse(problem.severity), problem.line, problem.column));
    problems.truncate(MAX_PROBLEMS);
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}
