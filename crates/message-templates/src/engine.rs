//! Evaluates a template whose syntax was checked, by MiniJinja.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bounded::BoundedBuffer;
use crate::problem::{Place, Problem};
use crate::{FUEL, FieldUse, Format, MAX_OUTPUT_BYTES, Values};

const NAME: &str = "template";

/// Why a template could not be rendered. Never contains a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No value was given for fields that the template reads.
    #[error("no value was given for {}", .fields.join(", "))]
    UnknownFields { fields: Vec<String> },
    /// Fields without a default are empty for this recipient.
    #[error("empty for this recipient, and without a default: {}", .fields.join(", "))]
    EmptyFields { fields: Vec<String> },
    #[error("the result has more than {MAX_OUTPUT_BYTES} bytes")]
    TooLarge,
    #[error("the template does too much work")]
    OutOfFuel,
    /// The HTML can't be parsed in bounded time.
    #[error("{reason}")]
    Html { reason: String },
    #[error("the template could not be evaluated")]
    Failed,
}

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Engine {
    environment: Environment<'static>,
    marker: String,
}

/// What MiniJinja wrote.
pub(crate) struct Rendered {
    /// For HTML and Markdown, with a marker in place of each value.
    pub text: String,
    /// What the markers stand for.
    pub markers: Markers,
}

/// Stands in for values while a document is parsed and cleaned: the marker of value `n` is `<prefix>n` and a `z`.
pub(crate) struct Markers {
    pub prefix: String,
    pub values: Vec<String>,
}

#[derive(Default)]
struct Shown(Vec<String>);

impl Engine {
    pub fn new(source: &str, format: Format) -> Result<Self, Problem> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        add_filters(&mut environment);
        let marker = unused_marker(source);
        match format {
            Format::Line | Format::Text => environment.set_formatter(write_text),
            Format::Html | Format::Markdown => {
                let marker = marker.clone();
                environment.set_formatter(move |out, state, value| write_marker(out, state, value, &marker));
            }
        }
        let added = environment.add_template_owned(NAME, source.to_owned());
        added.map_err(|_| Problem::error(Place::START, "This template can't be read."))?;
        Ok(Self { environment, marker })
    }

    pub fn render(&self, fields: &[FieldUse], values: &Values) -> Result<Rendered, RenderError> {
        let context = context(fields, values)?;
        let template = self
            .environment
            .get_template(NAME)
            .map_err(|_| RenderError::Failed)?;
        let mut buffer = BoundedBuffer::new(MAX_OUTPUT_BYTES);
        let rendered = template.render_captured_to(context, &mut buffer);
        if buffer.full() {
            return Err(RenderError::TooLarge);
        }
        let mut captured = rendered.map_err(|error| match error.kind() {
            ErrorKind::OutOfFuel => RenderError::OutOfFuel,
            ErrorKind::InvalidOperation => empty_fields(fields, values),
            _ => RenderError::Failed,
        })?;
        let shown =
            captured.with_state_mut(|state| std::mem::take(state.get_or_insert_extension(Shown::default())));
        Ok(Rendered {
            text: buffer.into_text().ok_or(RenderError::Failed)?,
            markers: Markers {
                prefix: self.marker.clone(),
                values: shown.0,
            },
        })
    }
}

/// A word that the source does not contain, so that no author writes a marker.
fn unused_marker(source: &str) -> String {
    let numbers = 0..=source.len();
    let free = numbers
        .map(|n| format!("mergefield{n}x"))
        .find(|marker| !source.contains(marker));
    free.unwrap_or_default()
}

/// The values of the fields that the template names, nested by their dots.
fn context(fields: &[FieldUse], values: &Values) -> Result<Value, RenderError> {
    let mut root = Node::default();
    let mut unknown = Vec::new();
    for field in fields {
        match values.get(&field.name) {
            Some(value) => root.set(&field.name, value),
            None if unknown.contains(&field.name) => {}
            None => unknown.push(field.name.clone()),
        }
    }
    if unknown.is_empty() {
        Ok(root.into_value())
    } else {
        Err(RenderError::UnknownFields { fields: unknown })
    }
}

#[derive(Default)]
struct Node {
    value: Option<String>,
    inner: BTreeMap<String, Node>,
}

impl Node {
    fn set(&mut self, name: &str, value: Option<&str>) {
        let mut node = self;
        for part in name.split('.') {
            node = node.inner.entry(part.to_owned()).or_default();
        }
        node.value = value.map(str::to_owned);
    }

    fn into_value(self) -> Value {
        if self.inner.is_empty() {
            return self.value.map_or_else(|| Value::from(()), Value::from);
        }
        let inner = self
            .inner
            .into_iter()
            .map(|(name, node)| (name, node.into_value()));
        Value::from(inner.collect::<BTreeMap<_, _>>())
    }
}

fn empty_fields(fields: &[FieldUse], values: &Values) -> RenderError {
    let mut empty: Vec<_> = fields
        .iter()
        .filter(|field| !field.allows_empty && values.get(&field.name) == Some(None))
        .map(|field| field.name.clone())
        .collect();
    empty.dedup();
    RenderError::EmptyFields { fields: empty }
}

fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("default", |value: &Value, fallback: String| {
        match value.as_str() {
            Some(_) => value.clone(),
            None => Value::from(fallback),
        }
    });
    environment.add_filter("upper", |value: &Value| map_text(value, str::to_uppercase));
    environment.add_filter("lower", |value: &Value| map_text(value, str::to_lowercase));
    environment.add_filter("capitalize", |value: &Value| map_text(value, capitalize));
    environment.add_filter("title", |value: &Value| map_text(value, title));
    environment.add_filter("urlencode", |value: &Value| map_text(value, urlencode));
}

/// An empty value stays empty, for a `default` that follows.
fn map_text(value: &Value, map: impl Fn(&str) -> String) -> Value {
    value
        .as_str()
        .map_or_else(|| value.clone(), |text| Value::from(map(text)))
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.as_str().to_lowercase().chars()).collect()
}

fn title(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(capitalize)
        .collect()
}

fn urlencode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn shown_text(value: &Value) -> Result<String, Error> {
    let text = value.as_str().ok_or(ErrorKind::InvalidOperation)?;
    let allowed = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    Ok(text.replace("\r\n", "\n").chars().map(allowed).collect())
}

fn write_text(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    out.write_str(&shown_text(value)?).map_err(Error::from)
}

fn write_marker(out: &mut Output, state: &mut State, value: &Value, marker: &str) -> Result<(), Error> {
    let text = shown_text(value)?;
    let shown = state.get_or_insert_extension(Shown::default());
    shown.0.push(text);
    let number = shown.0.len() - 1;
    write!(out, "{marker}{number}z").map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::NAME;
    use crate::{Format, Template};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// The engine reads what our parser says that it reads.
        #[test]
        fn the_engine_reads_the_fields_that_were_found(parts in prop::collection::vec(prop::sample::select(vec![
            "{{", "}}", "{{ a }}", "{{ a.b | upper }}", "{% if ", " %}", "{% else %}", "{% endif %}", "a", "b.c", " ", "'x}}'",
            "\"%}\"", " == ", " and ", " not ", "(", ")", "-", "| default('{{ d }}')", "{#", "text", "\n", "\\",
        ]), 0..20)) {
            if let Ok(template) = Template::parse(&parts.concat(), Format::Text) {
                let compiled = template.engine.environment.get_template(NAME).expect("compiled");
                let read = compiled.undeclared_variables(true);
                let found: BTreeSet<_> = template.field_names().into_iter().collect();
                prop_assert_eq!(read.iter().map(String::as_str).collect::<BTreeSet<_>>(), found);
            }
        }
    }
}
