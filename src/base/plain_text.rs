//! Validates text that users typed before it is stored: it must not be able to end a mail header or a database string.

use crate::base::error::{Error, Result};

/// One line: no control characters, trimmed; empty counts as absent.
pub(crate) fn line(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
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
    reject_misleading(field, text)?;
    limit_length(field, text, max_chars)
}

/// Several lines: line breaks and tabs may stay.
pub(crate) fn paragraphs(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::bad_input(
            field,
            "It holds a control character: write plain text.",
        ));
    }
    reject_misleading(field, text)?;
    limit_length(field, text, max_chars)
}

/// Invisible characters that make a text look like another one: they change its direction, hide a part of it, or are blank
/// (Unicode UTS 39, 5.4). Joiners are allowed: some scripts and emoji need them.
fn misleading(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Makes refused input safe to show: drops control characters and escapes misleading ones, as in `\u{202e}`.
pub(crate) fn escaped(text: &str, max_chars: usize) -> String {
    let chars = text.chars().filter(|c| !c.is_control()).take(max_chars);
    chars.fold(String::new(), |mut shown, c| {
        if misleading(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        shown
    })
}

fn reject_misleading(field: &str, text: &str) -> Result<()> {
    match text.chars().find(|c| misleading(*c)) {
        Some(c) => Err(Error::bad_input(
            field,
            format!(
                "It contains an invisible character (U+{:04X}) that changes how it reads. Remove it.",
                u32::from(c)
            ),
        )),
        None => Ok(()),
    }
}

fn limit_length(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
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
    use crate::base::error::Code;

    #[test]
    fn line_breaks_and_control_characters_are_refused() {
        for text in [
            "Anna\r\nBcc: x",
            "Anna\nx",
            "An\0na",
            "Anna\u{2028}x",
            "\u{1b}[31m",
        ] {
            let error = line("input.firstName", text, 80).expect_err("refused");
            assert_eq!(
                (error.code, error.field.as_deref()),
                (Code::BadUserInput, Some("input.firstName")),
                "{text:?}"
            );
        }
    }

    #[test]
    fn misleading_characters_are_refused_and_named() {
        let hidden = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        for c in hidden.chain([
            '\u{200e}',
            '\u{200f}',
            '\u{61c}',
            '\u{200b}',
            '\u{feff}',
            '\u{ad}',
            '\u{e0041}',
        ]) {
            let text = format!("Anna{c}x");
            for result in [line("input.name", &text, 80), paragraphs("input.name", &text, 80)] {
                let error = result.expect_err("refused");
                assert_eq!(error.field.as_deref(), Some("input.name"));
                assert!(
                    error.message().contains(&format!("U+{:04X}", u32::from(c))),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn refused_text_is_escaped() {
        assert_eq!(escaped("moc.\u{202e}x\r\n", 80), "moc.\\u{202e}x");
        assert_eq!(escaped("Zoë\u{200d}", 3), "Zoë");
    }

    #[test]
    fn right_to_left_names_joiners_and_emoji_are_accepted() {
        for text in ["נועה", "محمد", "می\u{200c}خواهم", "👩\u{200d}💻", "Zoë"] {
            assert_eq!(line("f", text, 80).ok().flatten().as_deref(), Some(text));
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
