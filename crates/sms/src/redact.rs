//! Redacts what a provider says: one line, no numbers, links or texts.

const MAX_LENGTH: usize = 300;
/// The provider's error codes have five digits.
const NUMBER_MIN: usize = 7;
const TOKEN_MIN: usize = 24;

/// The text on one line, phone numbers masked, links and ids removed, at most 300 characters.
pub(crate) fn redact(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let line = words.map(redact_word).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_LENGTH {
        return line;
    }
    line.chars().take(MAX_LENGTH - 1).chain(['…']).collect()
}

fn redact_word(word: &str) -> String {
    if word.contains("://") || word.to_ascii_lowercase().contains("www.") {
        return "[link]".to_owned();
    }
    if word.bytes().filter(u8::is_ascii_alphanumeric).count() >= TOKEN_MIN {
        return "[…]".to_owned();
    }
    if word.bytes().filter(u8::is_ascii_digit).count() < NUMBER_MIN {
        return word.to_owned();
    }
    let digits: Vec<char> = word.chars().filter(char::is_ascii_digit).collect();
    let end: String = digits[digits.len() - 2..].iter().collect();
    format!("***{end}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::redact;

    #[test]
    fn numbers_links_and_ids_are_hidden() {
        assert_eq!(
            redact(
                "21211: The 'To' number +4915123456789 is not valid.\nSee https://www.twilio.com/docs/errors/21211 SM0123456789abcdef0123456789abcdef"
            ),
            "21211: The 'To' number ***89 is not valid. See [link] […]"
        );
    }

    proptest! {
        #[test]
        fn no_number_survives(text in "\\PC{0,400}", number in "[0-9]{8,15}") {
            let line = redact(&format!("{text} (+{number}) end"));
            prop_assert!(!line.contains(&number));
            prop_assert!(line.chars().count() <= 300 && !line.chars().any(char::is_control));
        }
    }
}
