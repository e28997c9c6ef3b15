//! What staff write, checked: its form, its syntax and its merge fields.

use message_templates::{Catalogue, Format, Problem, Severity, Template as Compiled, rewrite_aliases};

use crate::base::error::{Error, Result};
use crate::base::text_enum::text_enum;
use crate::base::turns::in_turn;
use crate::messages::model::Channel;
use crate::templates::fields::{Usage, aliases, catalogue, is_of_event, own_name};
use crate::templates::model::version::{TemplateContent, TemplateFormat};

/// The most characters of a subject.
const MAX_SUBJECT_CHARS: usize = 500;

text_enum! {
    /// A part of a template.
    #[derive(async_graphql::Enum)]
    TemplatePart {
        /// The subject.
        Subject = "SUBJECT",
        /// The body.
        Body = "BODY",
        /// The text part.
        Text = "TEXT",
    }
}

impl TemplatePart {
    /// The field of an input that holds it.
    fn field(self) -> &'static str {
        match self {
            Self::Subject => "input.subject",
            Self::Body => "input.body",
            Self::Text => "input.text",
        }
    }
}

/// Something about a part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartProblem {
    pub part: TemplatePart,
    pub problem: Problem,
}

impl PartProblem {
    /// Whether it is about a field that only workflows have.
    pub(crate) fn of_event(&self) -> bool {
        self.problem.field.as_deref().is_some_and(is_of_event)
    }
}

/// A content as far as it can be read. A part with an error is missing.
#[derive(Debug, Default)]
pub(crate) struct CheckedContent {
    pub subject: Option<Compiled>,
    pub body: Option<Compiled>,
    pub text: Option<Compiled>,
    /// Whether there is a text part, even with an error.
    pub has_text: bool,
    pub problems: Vec<PartProblem>,
}

/// What a template of this channel says, in the right form; its syntax is not checked.
pub(crate) fn parse(
    channel: Channel,
    format: TemplateFormat,
    (subject, body, text): (Option<&str>, &str, Option<&str>),
) -> Result<TemplateContent> {
    let (is_email, is_text) = (channel == Channel::Email, format == TemplateFormat::Text);
    if is_email == is_text {
        let message = "An email is written in HTML or MARKDOWN, a text message as TEXT.";
        return Err(Error::bad_input("input.format", message));
    }
    let subject = present("input.subject", subject)?;
    let text_part = present("input.text", text)?;
    for (field, part) in [("input.subject", &subject), ("input.text", &text_part)] {
        if !is_email && part.is_some() {
            return Err(Error::bad_input(field, "A text message has only a body."));
        }
    }
    if is_email && subject.is_none() {
        return Err(Error::bad_input("input.subject", "An email needs a subject."));
    }
    if let Some(subject) = &subject
        && (subject.contains(['\n', '\r']) || subject.chars().count() > MAX_SUBJECT_CHARS)
    {
        let message = format!("Write it on one line of at most {MAX_SUBJECT_CHARS} characters.");
        return Err(Error::bad_input("input.subject", message));
    }
    let body = present("input.body", Some(body))?;
    Ok(TemplateContent {
        format,
        subject,
        body: body.ok_or_else(|| Error::bad_input("input.body", "It can't be empty."))?,
        text_part,
    })
}

/// A text that isn't blank, as it was written: places in it stay right.
fn present(field: &str, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Error::bad_input(
            field,
            "It holds a control character: write plain text.",
        ));
    }
    Ok(Some(text.to_owned()))
}

impl TemplateContent {
    /// With our names of merge fields in place of HighLevel's.
    pub(crate) fn with_own_names(&self) -> Self {
        let aliases = aliases();
        let rewritten = |text: &String| rewrite_aliases(text, &aliases);
        Self {
            format: self.format,
            subject: self.subject.as_ref().map(rewritten),
            body: rewritten(&self.body),
            text_part: self.text_part.as_ref().map(rewritten),
        }
    }

    fn parts(&self) -> [(TemplatePart, Option<&str>, Format); 3] {
        let body = match self.format {
            TemplateFormat::Html => Format::Html,
            TemplateFormat::Markdown => Format::Markdown,
            TemplateFormat::Text => Format::Text,
        };
        [
            (TemplatePart::Subject, self.subject.as_deref(), Format::Line),
            (TemplatePart::Body, Some(&self.body), body),
            (TemplatePart::Text, self.text_part.as_deref(), Format::Text),
        ]
    }

    /// Reads and checks all parts. Takes up to a tenth of a second for the largest ones, so it runs on a thread that may block.
    pub(crate) async fn check(&self, usage: Usage<'_>) -> Result<CheckedContent> {
        self.check_against(catalogue(usage)).await
    }

    /// The same where other fields can be used.
    pub(crate) async fn check_against(&self, catalogue: Catalogue) -> Result<CheckedContent> {
        let content = self.clone();
        in_turn(move || content.check_now(&catalogue)).await
    }

    fn check_now(&self, catalogue: &Catalogue) -> CheckedContent {
        let mut checked = CheckedContent {
            has_text: self.text_part.is_some(),
            ..CheckedContent::default()
        };
        for (part, source, format) in self.parts() {
            let Some(source) = source else { continue };
            let compiled = checked.check_part(part, source, format, catalogue);
            match part {
                TemplatePart::Subject => checked.subject = compiled,
                TemplatePart::Body => checked.body = compiled,
                TemplatePart::Text => checked.text = compiled,
            }
        }
        checked
    }
}

impl CheckedContent {
    fn check_part(
        &mut self,
        part: TemplatePart,
        source: &str,
        format: Format,
        catalogue: &Catalogue,
    ) -> Option<Compiled> {
        let (compiled, problems) = match Compiled::parse(source, format) {
            Ok(compiled) => {
                let of_fields = compiled.check(catalogue).into_iter().chain(renamed(&compiled));
                let problems = compiled.warnings().iter().cloned().chain(of_fields).collect();
                (Some(compiled), problems)
            }
            Err(problems) => (None, problems),
        };
        let mut problems: Vec<Problem> = problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
            .extend(problems.into_iter().map(|problem| PartProblem { part, problem }));
        compiled
    }

    /// Whether any part has this merge field.
    pub(crate) fn uses(&self, field: &str) -> bool {
        let parts = [&self.subject, &self.body, &self.text].into_iter().flatten();
        parts.into_iter().any(|part| part.field_names().contains(field))
    }

    /// As a template: a workflow may send it, so what only workflows have is no error.
    #[must_use]
    pub(crate) fn of_template(mut self) -> Self {
        for found in self.problems.iter_mut().filter(|found| found.of_event()) {
            found.problem.severity = Severity::Warning;
        }
        self
    }

    /// An error of the first problem that makes the template unusable.
    pub(crate) fn refuse_errors(self) -> Result<Self> {
        let error = self
            .problems
            .iter()
            .find(|found| found.problem.severity == Severity::Error);
        match error {
            Some(PartProblem { part, problem }) => {
                let Problem {
                    line,
                    column,
                    message,
                    ..
                } = problem;
                let message = format!("Line {line}, column {column}: {message}");
                Err(Error::bad_input(part.field(), message))
            }
            None => Ok(self),
        }
    }
}

/// A warning for each name that saving replaces.
fn renamed(compiled: &Compiled) -> Vec<Problem> {
    let warning = |used: &message_templates::FieldUse| {
        let own = own_name(&used.name)?;
        Some(Problem {
            message: format!("`{}` is called `{own}` here. Saving replaces it.", used.name),
            line: used.line,
            column: used.column,
            field: Some(used.name.clone()),
            suggestion: Some(own.to_owned()),
            severity: Severity::Warning,
        })
    };
    compiled.fields().iter().filter_map(warning).collect()
}
