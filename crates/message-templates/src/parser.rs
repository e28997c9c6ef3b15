//! Checks the tags of a source against the syntax, and collects the uses of fields.

use std::collections::BTreeSet;

use crate::condition::Condition;
use crate::expression::Expression;
use crate::lexer::{ALLOWED, Piece, Tag, Token, TokenKind};
use crate::problem::{Place, Problem};
use crate::{FieldUse, MAX_NESTING, MAX_TAGS};

/// Reads the tags of one source.
pub(crate) struct Parser<'s, 'p> {
    source: &'s str,
    problems: &'p mut Vec<Problem>,
    uses: Vec<FieldUse>,
    open: Vec<OpenIf<'s>>,
    in_attributes: &'p BTreeSet<usize>,
}

/// An `if` whose `endif` was not read yet.
struct OpenIf<'s> {
    start: usize,
    /// Fields that are not empty in the current branch.
    filled: BTreeSet<&'s str>,
    /// Fields that are not empty in every later branch.
    filled_later: BTreeSet<&'s str>,
    after_else: bool,
}

/// The uses of fields in a source, in its order. `in_attributes`: where the tags begin that stand in attributes.
pub(crate) fn uses(
    source: &str,
    pieces: &[Piece<'_>],
    in_attributes: &BTreeSet<usize>,
    problems: &mut Vec<Problem>,
) -> Vec<FieldUse> {
    let mut parser = Parser {
        source,
        problems,
        uses: Vec::new(),
        open: Vec::new(),
        in_attributes,
    };
    parser.read(pieces);
    parser.uses
}

impl<'s> Parser<'s, '_> {
    fn read(&mut self, pieces: &[Piece<'s>]) {
        let mut tags = 0;
        for piece in pieces {
            let (start, read) = match piece {
                Piece::Text(_) => continue,
                Piece::Output(tag) => (tag.start, self.output(tag)),
                Piece::Block(tag) => (tag.start, self.block(tag)),
            };
            self.problems.extend(read.err());
            tags += 1;
            if tags > MAX_TAGS {
                let message = format!("A template may hold {MAX_TAGS} tags at most.");
                self.problems.push(self.problem(start, message));
                return;
            }
        }
        for unclosed in std::mem::take(&mut self.open) {
            let message = "This `{% if … %}` is never closed. Write `{% endif %}` at its end.";
            self.problems.push(self.problem(unclosed.start, message));
        }
    }

    fn output(&mut self, tag: &Tag<'s>) -> Result<(), Problem> {
        let mut expression = Expression::new(self.source, tag, &tag.tokens);
        let output = expression.output()?;
        if let Some((field, start)) = output.field {
            let filled = self.open.iter().any(|open| open.filled.contains(field));
            let place = Place::of(self.source, start);
            self.uses.push(FieldUse {
                name: field.to_owned(),
                line: place.line,
                column: place.column,
                allows_empty: output.has_default || filled,
                shown: true,
                in_attribute: self.in_attributes.contains(&tag.start),
                filtered: output.filtered,
            });
        }
        Ok(())
    }

    fn block(&mut self, tag: &Tag<'s>) -> Result<(), Problem> {
        let Some((first, rest)) = tag.tokens.split_first() else {
            return Err(self.problem(tag.start, format!("This tag is empty. {ALLOWED}")));
        };
        match first.kind {
            TokenKind::Word("if") => self.start_if(tag, rest),
            TokenKind::Word("elif") => self.next_branch(tag, Some(rest)),
            TokenKind::Word("else") => {
                nothing_after(self.source, rest).and_then(|()| self.next_branch(tag, None))
            }
            TokenKind::Word("endif") => {
                nothing_after(self.source, rest)?;
                let closed = self.open.pop();
                closed.map(|_| ()).ok_or_else(|| self.without_if(tag, "endif"))
            }
            TokenKind::Word(word) => {
                let message = format!("`{{% {word} %}}` can't be used in a template. {ALLOWED}");
                Err(self.problem(first.start, message))
            }
            _ => Err(self.problem(first.start, format!("A tag begins with a word. {ALLOWED}"))),
        }
    }

    fn start_if(&mut self, tag: &Tag<'s>, tokens: &[Token<'s>]) -> Result<(), Problem> {
        let too_deep = self.open.len() >= MAX_NESTING;
        // Opened even with a bad condition: its `endif` is not one too many.
        let condition = self.condition(tag, tokens);
        let outcome = |outcome| match &condition {
            Ok(condition) => condition.filled_when(outcome),
            Err(_) => BTreeSet::new(),
        };
        self.open.push(OpenIf {
            start: tag.start,
            filled: outcome(true),
            filled_later: outcome(false),
            after_else: false,
        });
        condition?;
        if too_deep {
            let message = format!("Conditions may be nested {MAX_NESTING} deep at most.");
            return Err(self.problem(tag.start, message));
        }
        Ok(())
    }

    /// `elif` with its condition, or `else`.
    fn next_branch(&mut self, tag: &Tag<'s>, tokens: Option<&[Token<'s>]>) -> Result<(), Problem> {
        let word = if tokens.is_some() { "elif" } else { "else" };
        let Some(mut open) = self.open.pop() else {
            return Err(self.without_if(tag, word));
        };
        if open.after_else {
            self.open.push(open);
            let message = format!("`{{% {word} %}}` can't follow `{{% else %}}`.");
            return Err(self.problem(tag.start, message));
        }
        open.filled = open.filled_later.clone();
        open.after_else = tokens.is_none();
        let condition = tokens.map(|tokens| self.condition(tag, tokens)).transpose();
        if let Ok(Some(condition)) = &condition {
            open.filled.extend(condition.filled_when(true));
            open.filled_later.extend(condition.filled_when(false));
        }
        self.open.push(open);
        condition.map(|_| ())
    }

    fn condition(&mut self, tag: &Tag<'s>, tokens: &[Token<'s>]) -> Result<Condition<'s>, Problem> {
        let mut expression = Expression::new(self.source, tag, tokens);
        let condition = expression.condition()?;
        for (field, start) in expression.fields {
            let place = Place::of(self.source, start);
            self.uses.push(FieldUse {
                name: field.to_owned(),
                line: place.line,
                column: place.column,
                allows_empty: true,
                shown: false,
                in_attribute: false,
                filtered: false,
            });
        }
        Ok(condition)
    }

    fn without_if(&self, tag: &Tag<'_>, word: &str) -> Problem {
        self.problem(
            tag.start,
            format!("`{{% {word} %}}` has no `{{% if … %}}` before it."),
        )
    }

    fn problem(&self, at: usize, message: impl Into<String>) -> Problem {
        Problem::error(Place::of(self.source, at), message)
    }
}

pub(crate) fn nothing_after(source: &str, rest: &[Token<'_>]) -> Result<(), Problem> {
    match rest.first() {
        Some(token) => {
            let message = format!("Nothing more can stand here. {ALLOWED}");
            Err(Problem::error(Place::of(source, token.start), message))
        }
        None => Ok(()),
    }
}
