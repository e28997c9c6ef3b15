//! Redacts a server's reply: one line, no addresses, links or tokens.

use crate::mask;

const LENGTH_MAX: usize = 300;
/// A part with both letters and digits counts as a token from this length.
const MIXED_TOKEN_MIN: usize = 16;
/// Any part without spaces counts as a token from this length.
const TOKEN_MIN: usize = 24;

/// The text on one line, addresses masked, links and tokens removed, at most 300 characters.
///
/// `recipient` is masked wherever it is echoed, however it is quoted.
pub(super) fn redact(text: &str, recipient: Option<&str>) -> String {
    let text = match recipient {
        Some(recipient) => mask_recipient(text, recipient),
        None => text.to_owned(),
    };
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let line = words.map(redact_word).collect::<Vec<_>>().join(" ");
    shorten(&line)
}

fn mask_recipient(text: &str, address: &str) -> String {
    if address.is_empty() {
        return text.to_owned();
    }
    // ASCII lower case keeps byte positions.
    let (haystack, needle) = (text.to_ascii_lowercase(), address.to_ascii_lowercase());
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in haystack.match_indices(&needle) {
        masked.push_str(&text[from..at]);
        masked.push_str(&mask::address(address));
        from = at + found.len();
    }
    masked.push_str(&text[from..]);
    masked
}

fn redact_word(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    if lower.contains("://") || lower.contains("www.") || lower.contains("mailto:") {
        return "[link]".to_owned();
    }
    let mut line = String::with_capacity(word.len());
    for piece in word.split_inclusive(|c| DELIMITERS.contains(&c)) {
        let atom = piece.trim_end_matches(DELIMITERS);
        line.push_str(&redact_atom(atom));
        line.extend(piece[atom.len()..].chars().filter(|c| !is_invisible(*c)));
    }
    line
}

const DELIMITERS: [char; 16] = [
    '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', ':', '"', '\'', '=', '|', '?',
];

fn redact_atom(atom: &str) -> String {
    if atom.contains('@') {
        return mask::address(atom.trim_end_matches('.'));
    }
    let shown = atom
        .split('.')
        .map(|part| if is_token(part) { "[…]" } else { part });
    shown
        .collect::<Vec<_>>()
        .join(".")
        .chars()
        .filter(|c| !is_invisible(*c))
        .collect()
}

fn is_token(part: &str) -> bool {
    let token_bytes = part
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-+/%~".contains(&b));
    let mixed = part.bytes().any(|b| b.is_ascii_digit()) && part.bytes().any(|b| b.is_ascii_alphabetic());
    token_bytes && (part.len() >= TOKEN_MIN || (part.len() >= MIXED_TOKEN_MIN && mixed))
}

/// Characters that change the direction of text or have no width (Unicode, Bidi_Control and zero width).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn shorten(line: &str) -> String {
    if line.chars().count() <= LENGTH_MAX {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LENGTH_MAX - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::redact;
    use proptest::prelude::*;

    #[test]
    fn an_ordinary_reply_stays_readable() {
        let reply = "550 5.1.1 <maria@example.com>: Recipient address rejected: User unknown";
        assert_eq!(
            redact(reply, Some("Maria@example.com")),
            "550 5.1.1 <M***@example.com>: Recipient address rejected: User unknown"
        );
        assert_eq!(
            redact(reply, None),
            "550 5.1.1 <m***@example.com>: Recipient address rejected: User unknown"
        );
        let host = "554 5.7.1 mx-in-07.mail.example.net: Relay access denied";
        assert_eq!(redact(host, None), host);
    }

    #[test]
    fn every_address_is_masked() {
        let text = "rcpt=bob@example.com; alice@example.net,\"john doe\"@example.org orig carol@example.com.";
        assert_eq!(
            redact(text, Some("\"john doe\"@example.org")),
            "rcpt=b***@example.com; a***@example.net,***@example.org orig c***@example.com"
        );
    }

    #[test]
    fn links_and_tokens_are_removed() {
        let text = "552 spam https://portal.acme.example/l/abc see HTTP://x.example WWW.example.com/?t=1";
        assert_eq!(redact(text, None), "552 spam [link] see [link] [link]");
        let text = "token q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq8s, jwt eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMiJ9.sig";
        assert_eq!(redact(text, None), "token […], jwt […].[…].sig");
    }

    #[test]
    fn the_result_is_one_line_of_bounded_length() {
        let long = format!("550 a\r\nb\0c\u{202e}d {}", "word ".repeat(200));
        let line = redact(&long, None);
        assert!(line.starts_with("550 a b cd word"), "{line}");
        assert_eq!(line.chars().count(), 300);
        assert!(line.ends_with('…'));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(?s).{0,400}", recipient in ".{0,30}") {
            let line = redact(&text, Some(&recipient));
            prop_assert!(line.chars().count() <= 300 && !line.chars().any(char::is_control));
        }

        #[test]
        fn a_43_letter_token_never_survives(token in "[A-Za-z0-9_-]{43}", before in "[(<:=\" ]", after in "[)>.\" ]") {
            let line = redact(&format!("550 refused{before}{token}{after} end"), None);
            prop_assert!(!line.contains(&token));
        }
    }
}
