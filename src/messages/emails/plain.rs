//! Layout of plain-text emails: whole words on short lines.

/// Recommended by RFC 5322, section 2.1.1, for a whole line: 78; two are left for a reply's `> `.
const WIDTH: usize = 76;

/// Text on one line: every run of white space and control characters becomes one space.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The lines of a text, without empty lines around it and never two in a row.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = text.trim().lines().map(one_line).collect();
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    if lines.iter().all(String::is_empty) {
        lines.clear();
    }
    lines
}

/// At most `max` characters; a cut is marked with `…` and made between words where one ends late enough.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let whole_words = cut
        .rsplit_once(' ')
        .map(|(words, _)| words)
        .filter(|words| words.len() * 2 > cut.len());
    format!("{}…", whole_words.unwrap_or(&cut).trim_end())
}

/// Breaks long lines between words, and leaves no trailing space but that of the `-- ` before a signature.
///
/// A line that is a link has no space to break at.
pub(crate) fn layout(text: &str) -> String {
    let mut output = String::with_capacity(text.len() + 64);
    let mut empty_before = false;
    for line in text.trim().lines() {
        let line = if line == "-- " || line == "--" {
            "-- "
        } else {
            line.trim_end()
        };
        if line.is_empty() && empty_before {
            continue;
        }
        empty_before = line.is_empty();
        wrap(line, &mut output);
    }
    output
}

fn wrap(line: &str, output: &mut String) {
    if line.chars().count() <= WIDTH {
        output.push_str(line);
        output.push('\n');
        return;
    }
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut width = 0;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            output.push('\n');
            width = 0;
        }
        let before = if width == 0 { indent } else { " " };
        output.push_str(before);
        output.push_str(word);
        width += before.chars().count() + length;
    }
    output.push('\n');
}

#[cfg(test)]
mod tests {
    use crate::messages::emails::plain::{WIDTH, layout, lines, one_line, shorten};
    use proptest::prelude::*;

    #[test]
    fn a_name_becomes_one_line() {
        assert_eq!(one_line("  Acme\r\nBcc: x\t\0Ltd \u{2028} "), "Acme Bcc: x Ltd");
        assert_eq!(one_line(" \n "), "");
    }

    #[test]
    fn a_note_keeps_its_line_breaks() {
        assert_eq!(
            lines("\n\nDear all,\r\n\r\n\r\n\r\n  see you\rthere\0\n\n"),
            ["Dear all,", "", "see you", "there"]
        );
        assert!(lines(" \n \0 \n").is_empty());
    }

    #[test]
    fn a_cut_keeps_whole_words_and_characters() {
        assert_eq!(shorten("Acme", 4), "Acme");
        assert_eq!(shorten("Acme Learning Centre", 17), "Acme Learning…");
        assert_eq!(shorten(&"ü".repeat(9), 5), "üüüü…");
        assert_eq!(shorten("A Donaudampfschifffahrt", 10), "A Donauda…");
    }

    #[test]
    fn long_lines_break_between_words_and_links_never() {
        let link = format!("https://portal.acme.example/l/{}", "x".repeat(100));
        let text = format!(
            "\n\n{}\n\n\n\n{link}\n    {}\n-- \nAcme  \n",
            "word ".repeat(20),
            "note ".repeat(20)
        );
        let output = layout(&text);
        assert!(
            output.starts_with("word word") && output.ends_with("\n-- \nAcme\n"),
            "{output:?}"
        );
        assert!(output.contains(&format!("\n\n{link}\n    note ")), "{output}");
        assert_eq!(
            output.lines().filter(|line| line.starts_with("    note")).count(),
            2
        );
        assert!(output.lines().all(|line| line == link || line.len() <= WIDTH));
    }

    proptest! {
        #[test]
        fn never_panics(text in "(?s).{0,300}", max in 0usize..90) {
            prop_assert!(shorten(&one_line(&text), max).chars().count() <= max.max(1));
            let _ = (layout(&text), lines(&text));
        }
    }
}
