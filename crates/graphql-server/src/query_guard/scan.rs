//! What a document weighs before anybody parses it: its tokens and how deep its brackets go.
//!
//! The parser recurses, and builds a tree: both must be bounded before it starts. What is no GraphQL at all is counted
//! roughly; the parser says what is wrong with it.

/// The weight of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    pub tokens: usize,
    pub nesting: usize,
}

/// Counts as GraphQL's lexer does (GraphQL, October 2021, section 2.1); a string is one token.
pub fn weigh(text: &str) -> Weight {
    let bytes = text.as_bytes();
    let (mut weight, mut open, mut at) = (Weight::default(), 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        let from = at;
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
            b'.' => run_end(bytes, at, |byte| byte == b'.'),
            b'0'..=b'9' | b'-' => run_end(bytes, at, |byte| in_word(byte) || byte == b'.'),
            _ if in_word(byte) => run_end(bytes, at, in_word),
            _ => at + 1,
        };
        weight.tokens += 1;
        match bytes[from] {
            b'{' | b'[' | b'(' => {
                open += 1;
                weight.nesting = weight.nesting.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    weight
}

/// Names and numbers, and whatever is not ASCII.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+') || !byte.is_ascii()
}

fn run_end(bytes: &[u8], from: usize, inside: impl Fn(u8) -> bool) -> usize {
    let rest = bytes[from..].iter().position(|byte| !inside(*byte));
    rest.map_or(bytes.len(), |count| from + count)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    run_end(bytes, from, |byte| byte != b'\n' && byte != b'\r')
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    if bytes[from..].starts_with(b"\"\"\"") {
        // A block that never ends is, to the parser, an empty string and whatever follows: brackets among it.
        return block_end(bytes, from + 3).unwrap_or(from + 2);
    }
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' | b'\n' | b'\r' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn block_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
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
        weigh(text).tokens
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
        assert_eq!(weigh("{ a(b: \"{{{{\") # {{{{\n }").nesting, 2);
        assert_eq!(weigh("{ a { b(c: [[1]]) } }").nesting, 5);
        assert_eq!(weigh(&"{".repeat(100_000)).nesting, 100_000);
    }

    #[test]
    fn a_block_that_never_ends_hides_no_brackets() {
        let hidden = format!("{{ a(b: [\"\"\"x\" {}{}]) }}", "[".repeat(400), "]".repeat(400));
        assert_eq!(weigh(&hidden).nesting, 403);
        let parsed = async_graphql::parser::parse_query(hidden.replacen(&"[".repeat(390), "", 1).replacen(
            &"]".repeat(390),
            "",
            1,
        ));
        assert!(parsed.is_ok(), "the parser takes it for code");
        assert_eq!(
            weigh(&format!("{{ a(b: [\"\"\"\"\"x\" {}", "[".repeat(9))).nesting,
            12
        );
    }

    #[test]
    fn texts_that_break_off_end() {
        for text in ["\"", "\"\\", "\"\"\"", "\"\"\"\\\"\"\"", "...", "é", "}}}}{"] {
            weigh(text);
        }
    }
}
