//! Markdown (CommonMark with tables and strikethrough) as staff write it, and the HTML that is shown of it.

use pulldown_cmark::{Options, Parser, html};

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

/// HTML that is safe to put into a page: no scripts, no styles, no frames, links only to web and email addresses.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, options));
    ammonia::Builder::default()
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener noreferrer"))
        .rm_tags(["img"])
        .clean(&rendered)
        .to_string()
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
        ] {
            let html = to_html(text).to_lowercase();
            for word in [
                "<script",
                "onerror",
                "onload",
                "onclick",
                "javascript:",
                "vbscript:",
                "data:",
                "<iframe",
                "<form",
                "<style",
                "<img",
                "<svg",
                "<input",
                "style=",
            ] {
                assert!(!html.contains(word), "{text}: {html}");
            }
        }
    }
}
