//! A corpus of templates that try to take time or memory, or to smuggle something out.

use std::time::{Duration, Instant};

use message_templates::{EmailTemplate, Format, Layout, MAX_SOURCE_BYTES, RenderError, Template, Values};

/// Unoptimised, beside other builds.
const PATIENCE: Duration = Duration::from_secs(20);

fn values() -> Values {
    [("a", "x"), ("b", "<script>alert(1)</script>")]
        .into_iter()
        .collect()
}

/// Repeats a text up to the largest source.
fn fill(text: &str) -> String {
    text.repeat(MAX_SOURCE_BYTES / text.len())
}

/// Parses and renders the whole email, and measures.
fn try_email(name: &str, source: &str, format: Format) -> Option<Result<String, RenderError>> {
    let started = Instant::now();
    let body = Template::parse(source, format).ok();
    let rendered = body.map(|body| {
        let email = EmailTemplate {
            subject: Template::parse("x", Format::Line).expect("a subject"),
            body,
            text: None,
        };
        email.render(&Layout::plain(), &values()).map(|email| email.html)
    });
    let took = started.elapsed();
    assert!(took < PATIENCE, "{name}: {took:?}");
    if let Some(Ok(html)) = &rendered {
        assert!(html.len() <= 2_000_000, "{name}: {} bytes", html.len());
        assert!(!outside_of_attributes(html).contains("<script"), "{name}: {html}");
    }
    rendered
}

/// The tags and texts; a `<` in a quoted attribute is a letter like others.
fn outside_of_attributes(html: &str) -> String {
    html.split('"').step_by(2).collect()
}

#[test]
fn html_that_explodes_is_bounded() {
    let formatting: String = (0..2_000).map(|n| format!("<b class=c{n}>")).collect();
    let unclosed = formatting + &"<p>x</p>".repeat(4_000);
    let open_45: String = (0..45).map(|n| format!("<b class=c{n}>")).collect();
    let reopened = format!(
        "<p>{open_45}{}{}",
        "<div>x</div>".repeat(4_900),
        "</b>".repeat(45)
    );
    let css = format!(
        "<style>* {{ {} }}</style>{}",
        "color: red; ".repeat(1_600),
        "<p>x</p>".repeat(4_000)
    );
    let has: String = (0..500)
        .map(|n| format!("p:has(b{n} + * ~ * *) {{color:red}}"))
        .collect();
    let selectors: String = (0..900).map(|n| format!("* * * c{n} {{color:red}}")).collect();
    for (name, source) in [
        ("deep", fill("<div>")),
        ("deep and closed", "<div>".repeat(8_000) + &"</div>".repeat(8_000)),
        ("unclosed formatting", unclosed),
        ("reopened formatting", reopened),
        ("nested tables", fill("<table><tr><td>")),
        ("text in tables", fill("<table>x</table>")),
        ("links in links", fill("<a href=\"https://x.example\">")),
        (
            "attributes",
            format!(
                "<p {}>x</p>",
                (0..9_000).map(|n| format!("a{n}=x ")).collect::<String>()
            ),
        ),
        ("entities", fill("&amp;&notit;&#x41;")),
        ("comments", fill("<!--")),
        ("angle brackets", fill("<")),
        ("end tags", fill("</p>")),
        ("paragraphs", fill("<p>")),
        ("much CSS", css),
        ("has", format!("<style>{has}</style>{}", "<p>x</p>".repeat(400))),
        (
            "selectors",
            format!("<style>{selectors}</style>{}", "<p>x</p>".repeat(400)),
        ),
        (
            "nested CSS",
            format!("<style>{}</style><p>x</p>", "p{".repeat(20_000)),
        ),
        (
            "open style",
            format!("<style>{}", fill("p{} ")).chars().take(99_000).collect(),
        ),
        ("raw text", format!("<title>{}", "<b>".repeat(30_000))),
    ] {
        try_email(name, &source, Format::Html);
    }
}

#[test]
fn markdown_that_explodes_is_bounded() {
    let table = format!(
        "|{}\n|{}\n{}",
        "a|".repeat(8_000),
        "-|".repeat(8_000),
        "|\n".repeat(25_000)
    );
    for (name, source) in [
        ("quotes", fill(">")),
        ("lists", fill("- ")),
        ("brackets", fill("[")),
        ("images", fill("![")),
        ("links", fill("[a](")),
        ("emphasis", fill("*a_")),
        ("stars", fill("*")),
        ("backticks", (1..400).map(|n| "`".repeat(n) + " ").collect()),
        ("table", table),
        ("references", fill("[a]: /x\n") + "[a][a]"),
        ("html", fill("<b>")),
        ("entities", fill("&#1234;")),
    ] {
        try_email(name, &source, Format::Markdown);
    }
}

#[test]
fn what_mutates_while_it_is_parsed_stays_clean() {
    for source in [
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<title><p title=\"</title><img src=x onerror=alert(1)>\"></title>",
        "<p title=\"--><script>alert(1)</script>\">x</p>",
        "<!--><script>alert(1)</script>-->",
        "<style><!--</style><script>alert(1)</script>--></style>",
        "<style></style{{ b }}><p>x</p></style>",
        "<p>{{ b }}</p>",
        "<p title='{{ b }}'>x</p>",
        "<{{ b }}>",
        "<{{ a }} onclick=alert(1)>x</{{ a }}>",
        "<a href=\"java&#10;script:alert(1)\">x</a>",
        "<a href=\" javascript:alert(1)\">x</a>",
        "<a href=\"mergefield0x:alert(1)\">x</a>",
        "<a href=\"mergefield0x0z\">x</a>",
        "<a href=\"{{ a }}:alert(1)\">x</a>",
        "<a href=\"{{ a }}/../../\">x</a>",
        "mergefield0x0z {{ a }} mergefield1x0z",
        "<p style=\"color: \\72 ed; background: u\\72l(//x)\">x</p>",
    ] {
        if let Some(Ok(html)) = try_email(source, source, Format::Html) {
            let lower = outside_of_attributes(&html).to_lowercase();
            assert!(!html.contains("href=\"x"), "{source}: {html}");
            for bad in [
                "<script",
                "onerror",
                "onclick",
                "href=javascript",
                "<svg",
                "<math",
            ] {
                assert!(!lower.contains(bad), "{source}: {html}");
            }
        }
    }
}

#[test]
fn a_template_reads_only_its_fields() {
    for source in [
        "{{ a.b }}",
        "{{ a.__class__ }}",
        "{{ env.SECRET }}",
        "{{ b }}{{ c }}",
    ] {
        let template = Template::parse(source, Format::Text).expect("a template");
        assert!(
            matches!(template.render(&values()), Err(RenderError::UnknownFields { .. })),
            "{source}"
        );
    }
}
