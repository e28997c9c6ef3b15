//! Text that people typed, checked before it is kept: nothing that could end a mail header or a database string.

use crate::error::{Error, Result};

/// One line: no control characters, trimmed; empty counts as absent.
pub fn line(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
    let text = text.trim();
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(Error::bad_input(
            field,
            "It holds a line break or a control character: write it on one line.",
        ));
    }
    kept(field, text, max_chars)
}

/// Several lines: line breaks and tabs may stay.
pub fn paragraphs(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::bad_input(
            field,
            "It holds a control character: write plain text.",
        ));
    }
    kept(field, text, max_chars)
}

fn kept(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
    if text.chars().count() > max_chars {
        return Err(Error::bad_input(
            field,
            format!("It is longer than {max_chars} characters."),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_line_that_could_end_a_header_is_refused() {
        for text in [
            "Anna\r\nBcc: x",
            "Anna\nx",
            "An\0na",
            "Anna\u{2028}x",
            "\u{1b}[31m",
        ] {
            let fault = line("input.firstName", text, 80).expect_err("refused");
            assert_eq!(
                (fault.code, fault.field.as_deref()),
                (Code::BadUserInput, Some("input.firstName")),
                "{text:?}"
            );
        }
    }

    #[test]
    fn text_is_trimmed_and_empty_is_absent() {
        assert_eq!(line("f", "  Zoë ", 80).ok().flatten().as_deref(), Some("Zoë"));
        assert_eq!(line("f", "  ", 80).ok().flatten(), None);
        assert_eq!(
            paragraphs("f", "a\r\nb\n", 80).ok().flatten().as_deref(),
            Some("a\nb")
        );
        assert!(line("f", &"a".repeat(81), 80).is_err());
    }
}
