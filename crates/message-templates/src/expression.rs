//! Reads what stands inside of a tag.

use crate::condition::Condition;
use crate::lexer::{ALLOWED, Tag, Token, TokenKind};
use crate::parser::nothing_after;
use crate::problem::{Place, Problem};
use crate::{MAX_FIELD_LENGTH, MAX_NESTING};

/// Filters without an argument.
pub(crate) const PLAIN_FILTERS: [&str; 5] = ["upper", "lower", "capitalize", "title", "urlencode"];

/// Words that the engine reads as something other than a field.
const RESERVED: [&str; 18] = [
    "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "elif", "else",
    "endif", "loop", "self", "super",
];

/// What `{{ … }}` shows.
pub(crate) struct Output<'s> {
    /// The field and where it stands; none for a text in quotes.
    pub field: Option<(&'s str, usize)>,
    pub has_default: bool,
    /// A filter other than `default` changes the value.
    pub filtered: bool,
}

/// The tokens of one tag.
pub(crate) struct Expression<'s, 't> {
    source: &'s str,
    tokens: &'t [Token<'s>],
    end: usize,
    depth: usize,
    /// The fields read so far, and where they stand.
    pub fields: Vec<(&'s str, usize)>,
}

enum Operand<'s> {
    Field(&'s str),
    Text { empty: bool },
}

impl<'s, 't> Expression<'s, 't> {
    pub fn new(source: &'s str, tag: &Tag<'s>, tokens: &'t [Token<'s>]) -> Self {
        Self {
            source,
            tokens,
            end: tag.end - 2,
            depth: 0,
            fields: Vec::new(),
        }
    }

    /// A field or text with its filters.
    pub fn output(&mut self) -> Result<Output<'s>, Problem> {
        self.operand()?;
        let (mut has_default, mut filtered) = (false, false);
        while self.skip(TokenKind::Pipe) {
            let is_default = self.filter()?;
            has_default |= is_default;
            filtered |= !is_default;
        }
        nothing_after(self.source, self.tokens)?;
        Ok(Output {
            field: self.fields.pop(),
            has_default,
            filtered,
        })
    }

    /// The whole condition of an `if`.
    pub fn condition(&mut self) -> Result<Condition<'s>, Problem> {
        let condition = self.either()?;
        nothing_after(self.source, self.tokens)?;
        Ok(condition)
    }

    fn either(&mut self) -> Result<Condition<'s>, Problem> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(self.here(format!("A condition may be nested {MAX_NESTING} deep at most.")));
        }
        let mut left = self.all()?;
        while self.skip(TokenKind::Word("or")) {
            left = Condition::Or(Box::new(left), Box::new(self.all()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn all(&mut self) -> Result<Condition<'s>, Problem> {
        let mut left = self.negated()?;
        while self.skip(TokenKind::Word("and")) {
            left = Condition::And(Box::new(left), Box::new(self.negated()?));
        }
        Ok(left)
    }

    fn negated(&mut self) -> Result<Condition<'s>, Problem> {
        if !self.skip(TokenKind::Word("not")) {
            return self.compared();
        }
        if self.peek() == Some(TokenKind::Word("not")) {
            return Err(self.here("`not` can't follow `not`."));
        }
        Ok(Condition::Not(Box::new(self.compared()?)))
    }

    fn compared(&mut self) -> Result<Condition<'s>, Problem> {
        if self.skip(TokenKind::Open) {
            let inner = self.either()?;
            self.require(TokenKind::Close, "`)` is missing here.")?;
            return Ok(inner);
        }
        let left = self.operand()?;
        let equal = self.skip(TokenKind::Equal);
        if !equal && !self.skip(TokenKind::NotEqual) {
            return match left {
                Operand::Field(field) => Ok(Condition::Filled(field)),
                Operand::Text { .. } => Err(self.here("A text must be compared with a field, by == or !=.")),
            };
        }
        let right = self.operand()?;
        let condition = match (left, right) {
            (Operand::Text { empty: true }, _) | (_, Operand::Text { empty: true }) => {
                return Err(self.here(COMPARED_WITH_EMPTY));
            }
            (Operand::Field(field), Operand::Text { .. }) | (Operand::Text { .. }, Operand::Field(field)) => {
                Condition::Equal(field)
            }
            (Operand::Field(_), Operand::Field(_)) | (Operand::Text { .. }, Operand::Text { .. }) => {
                Condition::Compared
            }
        };
        Ok(if equal {
            condition
        } else {
            Condition::Not(Box::new(condition))
        })
    }

    fn operand(&mut self) -> Result<Operand<'s>, Problem> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err(self.here("A field is missing here, such as `contact.first_name`."));
        };
        match token.kind {
            TokenKind::Text(text) => {
                self.tokens = rest;
                Ok(Operand::Text {
                    empty: text.is_empty(),
                })
            }
            TokenKind::Word(name)
                if RESERVED
                    .iter()
                    .any(|word| name.split('.').any(|part| part == *word)) =>
            {
                Err(self.here(format!("`{name}` is no field. {ALLOWED}")))
            }
            TokenKind::Word(name) if name.len() > MAX_FIELD_LENGTH => Err(self.here(format!(
                "A field's name has {MAX_FIELD_LENGTH} characters at most."
            ))),
            TokenKind::Word(name) => {
                self.tokens = rest;
                self.fields.push((name, token.start));
                Ok(Operand::Field(name))
            }
            _ => Err(self.here(format!("A field must stand here. {ALLOWED}"))),
        }
    }

    /// Whether the filter gives a text in place of an empty value.
    fn filter(&mut self) -> Result<bool, Problem> {
        match self.peek() {
            Some(TokenKind::Word("default")) => {}
            Some(TokenKind::Word(name)) if PLAIN_FILTERS.contains(&name) => {
                self.tokens = &self.tokens[1..];
                return Ok(false);
            }
            Some(TokenKind::Word(name)) => {
                let message = format!("There is no filter `{name}`. {ALLOWED}");
                return Err(self.here(message));
            }
            _ => return Err(self.here("A filter must follow `|`, such as `default(\"there\")`.")),
        }
        self.tokens = &self.tokens[1..];
        self.require(TokenKind::Open, DEFAULT_FORM)?;
        if !matches!(self.peek(), Some(TokenKind::Text(_))) {
            return Err(self.here(DEFAULT_FORM));
        }
        self.tokens = &self.tokens[1..];
        self.require(TokenKind::Close, DEFAULT_FORM)?;
        Ok(true)
    }

    fn peek(&self) -> Option<TokenKind<'s>> {
        self.tokens.first().map(|token| token.kind)
    }

    fn skip(&mut self, kind: TokenKind<'_>) -> bool {
        let found = self.peek() == Some(kind);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn require(&mut self, kind: TokenKind<'_>, message: &str) -> Result<(), Problem> {
        if self.skip(kind) {
            Ok(())
        } else {
            Err(self.here(message))
        }
    }

    fn here(&self, message: impl Into<String>) -> Problem {
        let at = self.tokens.first().map_or(self.end, |token| token.start);
        Problem::error(Place::of(self.source, at), message)
    }
}

const DEFAULT_FORM: &str = "`default` takes one text in quotes: `default(\"there\")`.";
const COMPARED_WITH_EMPTY: &str = "A field can't be compared with an empty text. Write `not contact.city` for an empty field, `contact.city` for one that isn't.";
