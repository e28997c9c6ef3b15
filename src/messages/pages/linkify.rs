//! Links in a plain-text email.

/// A part of a plain-text email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextPart<'a> {
    Text(&'a str),
    /// An absolute `http` or `https` URL.
    Link(&'a str),
}

/// Splits a plain text at its URLs.
#[must_use]
pub(crate) fn linkify(text: &str) -> Vec<TextPart<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = next_url(rest) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| c.is_whitespace() || "<>\"".contains(c))
            .unwrap_or(from.len());
        // A full stop or bracket after a URL belongs to the sentence.
        let url = from
            .split_at(end)
            .0
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        if !before.is_empty() {
            parts.push(TextPart::Text(before));
        }
        parts.push(TextPart::Link(url));
        rest = from.split_at(url.len()).1;
    }
    if !rest.is_empty() {
        parts.push(TextPart::Text(rest));
    }
    parts
}

fn next_url(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .iter()
        .filter_map(|scheme| text.find(scheme))
        .min()
}

#[cfg(test)]
mod tests {
    use super::TextPart::{Link, Text};
    use super::*;

    #[test]
    fn urls_are_found_and_their_sentence_is_left_alone() {
        let text = "Sign in:\nhttp://localhost:8000/p/demo/link/ml_a_b-c_d\n\nOr <https://a.example/x?y=1>. Ünd (https://b.example/).";
        assert_eq!(
            linkify(text),
            [
                Text("Sign in:\n"),
                Link("http://localhost:8000/p/demo/link/ml_a_b-c_d"),
                Text("\n\nOr <"),
                Link("https://a.example/x?y=1"),
                Text(">. Ünd ("),
                Link("https://b.example/"),
                Text(").")
            ]
        );
        assert_eq!(linkify("javascript:alert(1)"), [Text("javascript:alert(1)")]);
        assert_eq!(linkify("http://"), [Link("http://")]);
        assert_eq!(linkify(""), []);
    }
}
