//! What is wrong with a template, and where.

/// Something that an author should know about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One or two sentences: what is wrong, then what to write instead.
    pub message: String,
    /// Line in the source, from 1.
    pub line: usize,
    /// Column in the line, in characters, from 1.
    pub column: usize,
    /// The field that the problem is about.
    pub field: Option<String>,
    /// What to write in place of the field.
    pub suggestion: Option<String>,
    pub severity: Severity,
}

/// How serious a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The template works, but perhaps not as its author expects.
    Warning,
    /// The template can't be used.
    Error,
}

impl Problem {
    pub(crate) fn error(place: Place, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            line: place.line,
            column: place.column,
            field: None,
            suggestion: None,
            severity: Severity::Error,
        }
    }

    pub(crate) fn warning(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, message)
        }
    }

    pub(crate) fn about(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }

    pub(crate) fn suggesting(self, suggestion: &str) -> Self {
        Self {
            suggestion: Some(suggestion.to_owned()),
            ..self
        }
    }
}

/// Whether any of the problems makes a template unusable.
pub(crate) fn has_error(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// A place in a source, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of a byte of a source.
    pub fn of(source: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_count_lines_and_characters() {
        let source = "ä\nbc\n\nd";
        let place = |offset| Place::of(source, offset);
        assert_eq!(place(0), Place::START);
        assert_eq!(place(2), Place { line: 1, column: 2 });
        assert_eq!(place(4), Place { line: 2, column: 2 });
        assert_eq!(place(7), Place { line: 4, column: 1 });
        assert_eq!(place(99), Place { line: 4, column: 2 });
    }
}
