//! Markdown (CommonMark with tables and strikethrough) as staff write it, and the HTML that is shown of it.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::base::error::Result;
use crate::base::plain_text;

/// The most characters of a description.
pub(crate) const MAX_DESCRIPTION_CHARS: usize = 10_000;
/// The most characters of a lesson or an announcement.
pub(crate) const MAX_BODY_CHARS: usize = 100_000;

/// The text of a field; empty counts as absent.
pub(crate) fn parse(field: &str, text: &str, max_chars: usize) -> Result<Option<String>> {
    plain_text::paragraphs(field, text, max_chars)
}

/// Elements that are nested deeper are left out: HTML parsers walk the open elements for each new one.
const MAX_DEPTH: usize = 50;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .rm_tags(["img"]);
    cleaner
});

/// HTML that is safe to put into a page: no scripts, no styles, no frames, no pictures, links only to web and email addresses. HTML
/// in the text is shown as text.
pub(crate) fn to_html(markdown: &str) -> String {
    render(markdown, 0)
}

/// The same with headings that are below the page's own ones: its first level becomes `level`.
pub(crate) fn to_html_below(markdown: &str, level: u8) -> String {
    render(markdown, usize::from(level.saturating_sub(1)))
}

const HEADINGS: [HeadingLevel; 6] = [
    HeadingLevel::H1,
    HeadingLevel::H2,
    HeadingLevel::H3,
    HeadingLevel::H4,
    HeadingLevel::H5,
    HeadingLevel::H6,
];

fn lowered(level: HeadingLevel, by: usize) -> HeadingLevel {
    let lower = HEADINGS.iter().skip(level as usize - 1 + by).copied().next();
    lower.unwrap_or(HeadingLevel::H6)
}

fn lower_heading(mut event: Event<'_>, by: usize) -> Event<'_> {
    match &mut event {
        Event::Start(Tag::Heading { level, .. }) | Event::End(TagEnd::Heading(level)) => {
            *level = lowered(*level, by);
        }
        _ => {}
    }
    event
}

fn render(markdown: &str, lower_headings_by: usize) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut depth = 0_usize;
    let parsed = Parser::new_ext(markdown, options).map(|event| lower_heading(event, lower_headings_by));
    let events = parsed.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(_) => {
            depth += 1;
            (depth <= MAX_DEPTH).then_some(event)
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            (depth < MAX_DEPTH).then_some(event)
        }
        _ => Some(event),
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    CLEANER.clean(&rendered).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(
            to_html("# One\n\nA *fine* [link](https://example.com/)."),
            "<h1>One</h1>\n<p>A <em>fine</em> <a href=\"https://example.com/\" rel=\"noopener noreferrer\">link</a>.</p>\n"
        );
        assert!(to_html("| a |\n|---|\n| b |").contains("<table>"));
    }

    #[test]
    fn headings_are_put_below_those_of_the_page() {
        let html = to_html_below("# One\n\n## Two\n\n###### Six", 3);
        assert_eq!(html, "<h3>One</h3>\n<h4>Two</h4>\n<h6>Six</h6>\n");
        assert_eq!(to_html_below("# One", 1), "<h1>One</h1>\n");
    }

    #[test]
    fn nothing_that_runs_or_loads_survives() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![pixel](https://tracker.example/p.gif)",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "<a href=\"vbscript:x\" onclick=\"x\" style=\"x\">a</a>",
            "<iframe src=\"https://example.com\"></iframe>",
            "<form action=\"https://example.com\"><input name=a></form>",
            "<style>*{display:none}</style>",
            "<svg onload=alert(1)><a xlink:href=\"javascript:x\">b</a></svg>",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "[a](/dashboard/acme/team)",
            "[a](//evil.example/)",
        ] {
            let html = to_html(text);
            let mut rest = html.as_str();
            // HTML in the text is shown as text: only elements that Markdown makes are there, without an attribute.
            while let Some((_, tag)) = rest.split_once('<') {
                let (name, after) = tag.split_once('>').expect("a whole tag");
                let name = name.trim_start_matches('/');
                assert!(
                    ["p", "a rel=\"noopener noreferrer\"", "a"].contains(&name),
                    "{text}: {html}"
                );
                rest = after;
            }
        }
    }

    #[test]
    fn deep_nesting_is_cut() {
        let html = to_html(&format!("{} deep", ">".repeat(10_000)));
        assert_eq!(html.matches("<blockquote>").count(), MAX_DEPTH);
        assert!(html.contains("deep"));
    }
}
