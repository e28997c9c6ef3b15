//! Other names for the same fields, as in templates that come from another product.

use crate::lexer::{self, Piece, TokenKind};

/// Another name for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The other name.
    pub name: String,
    /// The field's own name.
    pub field: String,
}

/// The source with the fields' own names in place of the others. Text and texts in quotes stay as they are.
pub fn rewrite_aliases(source: &str, aliases: &[Alias]) -> String {
    let mut rewritten = String::with_capacity(source.len());
    let mut copied = 0;
    for piece in lexer::pieces(source, &mut Vec::new()) {
        let (Piece::Output(tag) | Piece::Block(tag)) = piece else {
            continue;
        };
        for token in tag.tokens {
            let TokenKind::Word(word) = token.kind else {
                continue;
            };
            if let Some(alias) = aliases.iter().find(|alias| alias.name == word) {
                rewritten.push_str(&source[copied..token.start]);
                rewritten.push_str(&alias.field);
                copied = token.start + word.len();
            }
        }
    }
    rewritten.push_str(&source[copied..]);
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_are_rewritten() {
        let aliases = [("contact.name", "contact.full_name"), ("x", "user.x")].map(|(name, field)| Alias {
            name: name.to_owned(),
            field: field.to_owned(),
        });
        let source = "contact.name {{ contact.name|default('contact.name') }}{% if x and contact.name.y %}{{ a[x] }}{{x}}";
        assert_eq!(
            rewrite_aliases(source, &aliases),
            "contact.name {{ contact.full_name|default('contact.name') }}{% if user.x and contact.name.y %}{{ a[x] }}{{user.x}}"
        );
    }
}
