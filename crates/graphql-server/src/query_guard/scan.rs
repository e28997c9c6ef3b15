//! Counts the tokens and the bracket nesting of a document before it is parsed.
//!
//! The parser recurses and builds a tree: both must be bounded before it starts. Invalid GraphQL is counted roughly; the
//! parser reports its errors.

/// The tokens of a text, and the nesting depth of its brackets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    pub tokens: usize,
    pub nesting: usize,
}

/// Counts as GraphQL's lexer does (GraphQL, October 2021, section 2.1); a string is one token.
pub fn count_tokens(text: &str) -> TokenCounts {
    let bytes = text.as_bytes();
    let (mut counts, mut open, mut at) = (TokenCounts::default(), 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = line_end(bytes, at);
                continue;
            }
            b'"' => string_end(bytes, at),
            b'.' => end_of(bytes, at, |byte| byte == b'.'),
            b'0'..=b'9' | b'-' => end_of(bytes, at, |byte| is_word_byte(byte) || byte == b'.'),
            _ if is_word_byte(byte) => end_of(bytes, at, is_word_byte),
            _ => at + 1,
        };
        counts.tokens += 1;
        match bytes[start] {
            b'{' | b'[' | b'(' => {
                open += 1;
                counts.nesting = counts.nesting.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    counts
}

/// Bytes of names and numbers, and everything that is not ASCII.
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || !byte.is_ascii()
}

fn end_of(bytes: &[u8], start: usize, inside: impl Fn(u8) -> bool) -> usize {
    let rest = bytes[start..].iter().position(|byte| !inside(*byte));
    rest.map_or(bytes.len(), |count| start + count)
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    end_of(bytes, start, |byte| byte != b'\n' && byte != b'\r')
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    if bytes[start..].starts_with(b"\"\"\"") {
        // To the parser, an unterminated block string is an empty string followed by code, which may contain brackets.
        return block_end(bytes, start + 3).unwrap_or(start + 2);
    }
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' | b'\n' | b'\r' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn block_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return Some(at + 3);
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> usize {
        count_tokens(text).tokens
    }

    #[test]
    fn tokens_are_counted_as_the_lexer_does() {
        for (text, count) in [
            ("", 0),
            ("{ a }", 3),
            ("{ a(b: -1.5e3, c: \"x { \\\" y\") }", 11),
            ("query Q($a: [Int!]! = 3) { ...F }", 18),
            ("# { { {\n{a}", 3),
            ("\"\"\"a \\\"\"\" { b\"\"\" c", 2),
        ] {
            assert_eq!(tokens(text), count, "{text}");
        }
    }

    #[test]
    fn brackets_of_strings_and_comments_do_not_nest() {
        assert_eq!(count_tokens("{ a(b: \"{{{{\") # {{{{\n }").nesting, 2);
        assert_eq!(count_tokens("{ a { b(c: [[1]]) } }").nesting, 5);
        assert_eq!(count_tokens(&"{".repeat(100_000)).nesting, 100_000);
    }

    #[test]
    fn an_unterminated_block_string_hides_no_brackets() {
        let hidden = format!("{{ a(b: [\"\"\"x\" {}{}]) }}", "[".repeat(400), "]".repeat(400));
        assert_eq!(count_tokens(&hidden).nesting, 403);
        let parsed = async_graphql::parser::parse_query(hidden.replacen(&"[".repeat(390), "", 1).replacen(
            &"]".repeat(390),
            "",
            1,
        ));
        assert!(parsed.is_ok(), "the parser reads it as code");
        assert_eq!(
            count_tokens(&format!("{{ a(b: [\"\"\"\"\"x\" {}", "[".repeat(9))).nesting,
            12
        );
    }

    #[test]
    fn truncated_texts_are_counted() {
        for text in ["\"", "\"\\", "\"\"\"", "\"\"\"\\\"\"\"", "...", "é", "}}}}{"] {
            count_tokens(text);
        }
    }
}
