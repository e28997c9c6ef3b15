//! Problems of templates in the API.

use async_graphql::SimpleObject;
use message_templates::{Problem, Severity};

use crate::base::text_enum::text_enum;
use crate::templates::content::{PartProblem, TemplatePart};

text_enum! {
    /// How serious a problem is.
    #[derive(async_graphql::Enum)]
    ProblemSeverity {
        /// The template works, but perhaps not as its author expects.
        Warning = "WARNING",
        /// The template can't be saved or sent.
        Error = "ERROR",
    }
}

/// Something that the author of a template should know.
#[derive(SimpleObject)]
pub(crate) struct TemplateProblem {
    /// What it is, and what to write instead.
    message: String,
    /// The part that it is in.
    field: TemplatePart,
    /// The line, from 1 on.
    line: i32,
    /// The column in the line, in characters, from 1 on.
    column: i32,
    /// How serious it is.
    severity: ProblemSeverity,
    /// The merge field that it is about.
    merge_field: Option<String>,
    /// The merge field to write instead.
    suggestion: Option<String>,
}

impl From<PartProblem> for TemplateProblem {
    fn from(PartProblem { part, problem }: PartProblem) -> Self {
        let Problem {
            message,
            line,
            column,
            field,
            suggestion,
            severity,
        } = problem;
        let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            message,
            field: part,
            line: number(line),
            column: number(column),
            severity: match severity {
                Severity::Warning => ProblemSeverity::Warning,
                Severity::Error => ProblemSeverity::Error,
            },
            merge_field: field,
            suggestion,
        }
    }
}

impl TemplateProblem {
    pub(crate) fn list(problems: Vec<PartProblem>) -> Vec<Self> {
        problems.into_iter().map(Self::from).collect()
    }
}
