//! Splits a source into text and tags, and tags into tokens.
//!
//! It accepts less than the engine does: what it lets through, the engine reads in the same way. A source with anything else is
//! refused before the engine sees it.

use crate::problem::{Place, Problem};

/// A part of a source.
#[derive(Debug)]
pub(crate) enum Piece<'s> {
    Text(&'s str),
    /// `{{ … }}`
    Output(Tag<'s>),
    /// `{% … %}`
    Block(Tag<'s>),
}

/// The tokens between two delimiters.
#[derive(Debug)]
pub(crate) struct Tag<'s> {
    pub start: usize,
    pub end: usize,
    pub tokens: Vec<Token<'s>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'s> {
    pub start: usize,
    pub kind: TokenKind<'s>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind<'s> {
    /// A keyword, a filter, or a field with its dots.
    Word(&'s str),
    /// A text in quotes, without them.
    Text(&'s str),
    Pipe,
    Open,
    Close,
    Equal,
    NotEqual,
}

/// The pieces of a source. A tag with a problem is left out.
pub(crate) fn pieces<'s>(source: &'s str, problems: &mut Vec<Problem>) -> Vec<Piece<'s>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some((start, delimiter)) = next_delimiter(source, at) {
        push_text(&mut pieces, source, at, start);
        let mut lexer = TagLexer {
            source,
            at: start + 2,
            end: delimiter.end(),
        };
        match lexer.tag(start, delimiter) {
            Ok(tag) => pieces.push(match delimiter {
                Delimiter::Output => Piece::Output(tag),
                Delimiter::Block | Delimiter::Comment => Piece::Block(tag),
            }),
            Err(problem) => problems.push(problem),
        }
        at = lexer.at;
    }
    push_text(&mut pieces, source, at, source.len());
    pieces
}

fn push_text<'s>(pieces: &mut Vec<Piece<'s>>, source: &'s str, start: usize, end: usize) {
    let text = &source[start..end];
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

#[derive(Clone, Copy)]
enum Delimiter {
    Output,
    Block,
    Comment,
}

impl Delimiter {
    fn end(self) -> &'static str {
        match self {
            Self::Output => "}}",
            Self::Block => "%}",
            Self::Comment => "#}",
        }
    }
}

fn next_delimiter(source: &str, from: usize) -> Option<(usize, Delimiter)> {
    let bytes = source.as_bytes();
    (from..bytes.len().saturating_sub(1)).find_map(|at| {
        let delimiter = match (bytes[at], bytes[at + 1]) {
            (b'{', b'{') => Delimiter::Output,
            (b'{', b'%') => Delimiter::Block,
            (b'{', b'#') => Delimiter::Comment,
            _ => return None,
        };
        Some((at, delimiter))
    })
}

struct TagLexer<'s> {
    source: &'s str,
    at: usize,
    end: &'static str,
}

impl<'s> TagLexer<'s> {
    /// Reads to the end of the tag, or skips what remains of it.
    fn tag(&mut self, start: usize, delimiter: Delimiter) -> Result<Tag<'s>, Problem> {
        let read = match delimiter {
            Delimiter::Comment => Err(self.problem(
                start,
                "Comments can't be used in a template. To show `{#`, write `{{ \"{#\" }}`.",
            )),
            Delimiter::Output | Delimiter::Block => self.tokens(start),
        };
        match read {
            Ok(tokens) => Ok(Tag {
                start,
                end: self.at,
                tokens,
            }),
            Err(problem) => {
                let rest = &self.source[self.at..];
                let skipped = rest.find(self.end).map(|end| end + self.end.len());
                self.at += skipped.unwrap_or(rest.len());
                Err(problem)
            }
        }
    }

    fn tokens(&mut self, start: usize) -> Result<Vec<Token<'s>>, Problem> {
        if self.rest().starts_with('-') {
            self.at += 1;
        }
        let mut tokens = Vec::new();
        loop {
            self.skip_whitespace();
            if self.skip_end() {
                return Ok(tokens);
            }
            if self.rest().is_empty() {
                let (opened, end) = (&self.source[start..start + 2], self.end);
                let message = format!("This `{opened}` is never closed. End it with `{end}`.");
                return Err(self.problem(start, &message));
            }
            tokens.push(self.token()?);
        }
    }

    fn token(&mut self) -> Result<Token<'s>, Problem> {
        let start = self.at;
        let kind = match self.rest().as_bytes() {
            [b'|', ..] => self.take(1, TokenKind::Pipe),
            [b'(', ..] => self.take(1, TokenKind::Open),
            [b')', ..] => self.take(1, TokenKind::Close),
            [b'=', b'=', ..] => self.take(2, TokenKind::Equal),
            [b'!', b'=', ..] => self.take(2, TokenKind::NotEqual),
            [b'"' | b'\'', ..] => self.text()?,
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => self.word(),
            _ => return Err(self.unexpected()),
        };
        Ok(Token { start, kind })
    }

    fn take(&mut self, length: usize, kind: TokenKind<'s>) -> TokenKind<'s> {
        self.at += length;
        kind
    }

    /// A text ends at its first quote: a backslash before it would make the engine read on.
    fn text(&mut self) -> Result<TokenKind<'s>, Problem> {
        let start = self.at;
        let quote = &self.rest()[..1];
        let inside = &self.rest()[1..];
        let Some(length) = inside.find(quote) else {
            return Err(self.problem(
                start,
                &format!("This text is never closed. End it with `{quote}`."),
            ));
        };
        let text = &inside[..length];
        self.at += length + 2;
        match text.find('\\') {
            Some(at) => Err(self.problem(
                start + 1 + at,
                "A text in quotes can't hold a backslash. For a quote, use the other kind of quotes around the text.",
            )),
            None => Ok(TokenKind::Text(text)),
        }
    }

    fn word(&mut self) -> TokenKind<'s> {
        let rest = self.rest();
        let mut length = identifier(rest);
        while rest[length..].starts_with('.') {
            match identifier(&rest[length + 1..]) {
                0 => break,
                part => length += 1 + part,
            }
        }
        self.take(length, TokenKind::Word(&rest[..length]))
    }

    fn unexpected(&mut self) -> Problem {
        let start = self.at;
        let found = self.rest().chars().next().unwrap_or_default();
        self.at += found.len_utf8();
        self.problem(
            start,
            &format!("`{}` can't be used here. {ALLOWED}", found.escape_debug()),
        )
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn skip_whitespace(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn skip_end(&mut self) -> bool {
        let dash = usize::from(self.rest().starts_with('-'));
        let ends = self.rest()[dash..].starts_with(self.end);
        if ends {
            self.at += dash + self.end.len();
        }
        ends
    }

    fn problem(&self, at: usize, message: &str) -> Problem {
        Problem::error(Place::of(self.source, at), message)
    }
}

/// What a template may hold, for messages.
pub(crate) const ALLOWED: &str = "A template may hold fields such as `{{ contact.first_name }}`, texts in quotes, the filters \
     default, upper, lower, capitalize, title and urlencode, and `{% if … %}` with ==, !=, and, or, not.";

/// Length of the name at the beginning of a text.
fn identifier(text: &str) -> usize {
    let first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    if !text.as_bytes().first().is_some_and(first) {
        return 0;
    }
    let other = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'_');
    text.bytes().position(|byte| other(&byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
