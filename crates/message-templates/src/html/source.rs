//! Checks the HTML of a template's source, whatever its conditions will say.

use std::collections::BTreeSet;

use html5ever::tokenizer::Tokenizer;

use super::checker::{Checker, Finding, feed, value_placeholder};
use crate::lexer::{Piece, Tag, TokenKind};
use crate::problem::{Place, Problem};

/// Each branch must close what it opens, so that every choice of branches gives closed HTML. Returns where the tags begin whose values
/// stand in attributes and are not the whole link of an `<a>`.
pub(super) fn check(source: &str, pieces: &[Piece<'_>], problems: &mut Vec<Problem>) -> BTreeSet<usize> {
    let tokenizer = Tokenizer::new(Checker::default(), Default::default());
    let mut branches = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => feed(&tokenizer, text),
            Piece::Output(tag) => feed(
                &tokenizer,
                &placeholder(source, tag, &value_placeholder(tag.start)),
            ),
            Piece::Block(tag) => {
                feed(&tokenizer, &placeholder(source, tag, ""));
                problems.extend(branch(source, tag, &tokenizer.sink, &mut branches));
            }
        }
    }
    tokenizer.end();
    tokenizer.sink.check_end();
    let findings = tokenizer.sink.take_findings();
    problems.extend(findings.into_iter().map(|finding| located(source, finding)));
    tokenizer.sink.take_in_attributes()
}

/// Keeps the lines of a tag, so that the lines of the HTML are those of the source.
fn placeholder(source: &str, tag: &Tag<'_>, text: &str) -> String {
    let lines = source[tag.start..tag.end].matches('\n').count();
    format!("{text}{}", "\n".repeat(lines))
}

fn branch(
    source: &str,
    tag: &Tag<'_>,
    checker: &Checker,
    branches: &mut Vec<Vec<String>>,
) -> Option<Problem> {
    let word = tag.tokens.first().map(|token| token.kind)?;
    if word == TokenKind::Word("if") {
        branches.push(checker.open());
        return None;
    }
    let before = if word == TokenKind::Word("endif") {
        branches.pop()
    } else {
        branches.last().cloned()
    }?;
    let closed = checker.reopen(before);
    let message = "The HTML elements of this branch must be opened and closed in it.";
    (!closed).then(|| Problem::error(Place::of(source, tag.start), message))
}

/// The tokenizer says the line on which a tag ends: the tag begins there or a few lines before.
fn located(source: &str, finding: Finding) -> Problem {
    let last = usize::try_from(finding.line).unwrap_or(1).max(1);
    let lines: Vec<_> = source.split('\n').take(last).collect();
    let found = lines.iter().enumerate().rev().take(20).find_map(|(index, line)| {
        let byte = line.to_ascii_lowercase().find(&finding.text)?;
        Some(Place {
            line: index + 1,
            column: line[..byte].chars().count() + 1,
        })
    });
    let place = found.unwrap_or(Place {
        line: last,
        column: 1,
    });
    Problem {
        severity: finding.severity,
        ..Problem::error(place, finding.message)
    }
}
