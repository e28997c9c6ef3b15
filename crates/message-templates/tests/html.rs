//! HTML and Markdown: what stays, what is refused, what a value may do.

use message_templates::{EmailTemplate, Format, Layout, RenderError, Severity, Template, Values};

fn values() -> Values {
    [
        ("name", "<b>\"Anna\"</b> & 'Co' *x* [y](https://evil.example)"),
        ("url", "https://portal.example/l/1?a=b&c=d"),
        ("script", "javascript:alert(1)"),
        (
            "attribute",
            "x\" onclick=\"alert(1)\" href=\"https://evil.example",
        ),
        (
            "style",
            "red; position: fixed; background: url(https://evil.example)",
        ),
    ]
    .into_iter()
    .collect()
}

fn render(source: &str, format: Format) -> String {
    let template = Template::parse(source, format).unwrap_or_else(|p| panic!("{source}: {p:?}"));
    template
        .render(&values())
        .unwrap_or_else(|e| panic!("{source}: {e}"))
}

fn problems(source: &str) -> Vec<(usize, usize, Severity, String)> {
    let found = match Template::parse(source, Format::Html) {
        Ok(template) => template.warnings().to_vec(),
        Err(problems) => problems,
    };
    found
        .into_iter()
        .map(|p| (p.line, p.column, p.severity, p.message))
        .collect()
}

#[test]
fn markdown_becomes_html_without_reading_the_values() {
    assert_eq!(
        render(
            "# Hi {{ name }}\n\n**{{ name | lower }}** [go]({{ url }})",
            Format::Markdown
        ),
        "<h1>Hi &lt;b&gt;\"Anna\"&lt;/b&gt; &amp; 'Co' *x* [y](https://evil.example)</h1>\n\
         <p><strong>&lt;b&gt;\"anna\"&lt;/b&gt; &amp; 'co' *x* [y](https://evil.example)</strong> \
         <a href=\"https://portal.example/l/1?a=b&amp;c=d\">go</a></p>\n"
    );
    assert_eq!(
        render("<b>x</b> <script>", Format::Markdown),
        "<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;</p>\n"
    );
    assert_eq!(
        render("{% if name %}\n* one\n{% endif %}\n* two", Format::Markdown),
        "<ul>\n<li>\n<p>one</p>\n</li>\n<li>\n<p>two</p>\n</li>\n</ul>\n"
    );
}

#[test]
fn a_condition_may_stand_in_an_element_that_ends_by_itself() {
    for source in [
        "<p>{% if name %}x{% else %}y{% endif %}</p>",
        "<ul><li>{% if name %}<b>x</b>{% endif %}</li></ul>",
        "<table><tr><td>{% if name %}x{% endif %}</td></tr></table>",
    ] {
        assert_eq!(problems(source), [], "{source}");
    }
}

#[test]
fn a_value_stays_a_text_or_one_attribute() {
    assert_eq!(
        render("<p>{{ script }}</p>", Format::Html),
        "<p>javascript:alert(1)</p>"
    );
    assert_eq!(render("<a href=\"{{ script }}\">x</a>", Format::Html), "<a>x</a>");
    assert_eq!(render("[x]({{ script }})", Format::Markdown), "<p><a>x</a></p>\n");
    for source in [
        "<a title=\"{{ attribute }}\">x</a>",
        "<a title='{{ attribute }}'>x</a>",
        "<a title={{ attribute }}>x</a>",
    ] {
        assert_eq!(
            render(source, Format::Html),
            "<a title=\"x&quot; onclick=&quot;alert(1)&quot; href=&quot;https://evil.example\">x</a>",
            "{source}"
        );
    }
    assert_eq!(render("<a {{ attribute }}=x>y</a>", Format::Html), "<a>y</a>");
    assert_eq!(
        render("<p style=\"color: {{ style }}\">y</p>", Format::Html),
        "<p>y</p>"
    );
    assert_eq!(
        render("<a href=\"{{ url }}\">x</a>", Format::Html),
        "<a href=\"https://portal.example/l/1?a=b&amp;c=d\">x</a>"
    );
}

#[test]
fn what_an_email_can_hold_stays() {
    let source = "<table width=\"600\" cellpadding=\"0\"><tr><td align=\"center\" style=\"color:red\">a</td></tr></table>";
    let expected = "<table width=\"600\" cellpadding=\"0\"><tbody><tr><td align=\"center\" style=\"color:red\">a</td></tr></tbody></table>";
    assert_eq!(render(source, Format::Html), expected);
    let source = "<!doctype html><html><head><title>T</title><style>p { color: red; position: fixed }</style></head><body><!-- c --><p>a<br>b</body></html>";
    assert_eq!(
        render(source, Format::Html).trim(),
        "<p style=\"color:red\">a<br>b</p>"
    );
    assert_eq!(
        render(
            "<ul><li>a<li>b</ul><img src=\"https://x.example/a.png\" alt=\"A\">",
            Format::Html
        ),
        "<ul><li>a</li><li>b</li></ul><img src=\"https://x.example/a.png\" alt=\"A\">"
    );
    let branches = "<table>{% if name %}<tr><td>a</td></tr>{% else %}<tr><td>b</td></tr>{% endif %}</table>";
    assert_eq!(
        render(branches, Format::Html),
        "<table><tbody><tr><td>a</td></tr></tbody></table>"
    );
}

#[test]
fn what_an_email_cannot_hold_is_refused_with_its_place() {
    for (source, line, column) in [
        ("<p>a</p>\n <script>alert(1)</script>", 2, 2),
        ("<iframe src=\"https://x.example\"></iframe>", 1, 1),
        ("<form></form>", 1, 1),
        ("a <svg></svg>", 1, 3),
        ("<a\n  href=\"javascript:alert(1)\">x</a>", 2, 3),
        ("<a href=\"/relative\">x</a>", 1, 4),
        ("<a href=\"data:text/html,x\">x</a>", 1, 4),
        ("<img src=\"//evil.example/x\">", 1, 6),
        ("<b>x", 1, 1),
        ("x</b>", 1, 2),
        ("<b><i>x</b></i>", 1, 8),
        ("{% if a %}<b>{% endif %}</b>", 1, 14),
        ("{{ a }}\n{% if a %}</p>{% else %}{% endif %}", 2, 11),
        ("<link rel=\"stylesheet\" href=\"https://x.example\">", 1, 1),
    ] {
        let found = problems(source);
        let places: Vec<_> = found
            .iter()
            .map(|(line, column, severity, _)| (*line, *column, *severity))
            .collect();
        assert!(
            places.contains(&(line, column, Severity::Error)),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn what_is_only_left_out_is_a_warning() {
    let found =
        problems("<p onclick=\"alert(1)\">a</p>\n<p style=\"background: url(https://x.example)\">b</p>");
    let expected = [
        (1, 4, Severity::Warning, "The attribute `onclick` is left out."),
        (
            2,
            4,
            Severity::Warning,
            "This `style` is left out: it loads something or has an escape or comment.",
        ),
    ];
    assert_eq!(
        found,
        expected.map(|(line, column, severity, message)| (line, column, severity, message.to_owned()))
    );
    assert_eq!(render("<p onclick=\"alert(1)\">a</p>", Format::Html), "<p>a</p>");
}

#[test]
fn an_email_has_a_layout_and_a_text_part() {
    let content = Layout::CONTENT;
    let style = "a { color: #123456 } @media (max-width: 600px) { a { color: red } }";
    let layout = Layout::new(
        &format!("<html><head><style>{style}</style></head><body>{content}</body></html>"),
        &format!("Acme\n\n{content}\n-- \nAcme, 1 Street"),
    )
    .expect("a layout");
    let template = |text: Option<&str>| {
        EmailTemplate {
        subject: Template::parse("{{ name }}", Format::Line).expect("a subject"),
        body: Template::parse(
            "# Hello\n\nPlease [sign in]({{ url }}) now, or copy <{{ url }}>.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |",
            Format::Markdown,
        )
        .expect("a body"),
        text: text.map(|text| Template::parse(text, Format::Text).expect("a text")),
    }
    };
    let email = template(None).render(&layout, &values()).expect("an email");
    assert_eq!(
        email.subject,
        "<b>\"Anna\"</b> & 'Co' *x* [y](https://evil.example)"
    );
    assert!(email.html.contains("style=\"color: #123456;\""), "{}", email.html);
    assert!(email.html.contains("@media"), "{}", email.html);
    assert_eq!(
        email.text,
        "Acme\n\nHello\n\nPlease sign in ( https://portal.example/l/1?a=b&c=d ) now, or copy \
         <https://portal.example/l/1?a=b&c=d>.\n- one\n- two\n\na\nb\nc\nd\n\n-- \nAcme, 1 Street"
    );
    let given = template(Some("Go to {{ url }}"))
        .render(&layout, &values())
        .expect("an email");
    assert_eq!(
        given.text,
        "Acme\n\nGo to https://portal.example/l/1?a=b&c=d\n-- \nAcme, 1 Street"
    );
    assert_eq!(
        template(Some("{{ x }}"))
            .field_names()
            .into_iter()
            .collect::<Vec<_>>(),
        ["name", "url", "x"]
    );
    assert!(!format!("{given:?}").contains("portal.example"));
}

#[test]
fn a_long_link_is_not_broken_in_the_text() {
    let url = format!("https://portal.example/l/{}", "a1B2".repeat(60));
    let values: Values = [("url", url.as_str())].into_iter().collect();
    let email = EmailTemplate {
        subject: Template::parse("x", Format::Line).expect("a subject"),
        body: Template::parse(
            "<ul><li><a href=\"{{ url }}\">Sign in with this link</a></li></ul>",
            Format::Html,
        )
        .expect("a body"),
        text: None,
    };
    let email = email.render(&Layout::plain(), &values).expect("an email");
    assert!(email.text.contains(&url), "{}", email.text);
}

#[test]
fn html_that_only_some_branches_break_is_refused_when_rendered() {
    let source = "<p title=\"{% if name %}\">{% endif %}<script>\">x</p>";
    match Template::parse(source, Format::Html) {
        Err(_) => {}
        Ok(template) => assert!(matches!(
            template.render(&values()),
            Err(RenderError::Html { .. })
        )),
    }
}

#[test]
fn a_markdown_link_must_be_whole() {
    let source = "{{ a }}\n\n[x](javascript:alert(1)) [y](/path)\n[z]({{ a }}) <{{ a }}@example.com> <https://x.example>\n![i](data:x)";
    let problems = Template::parse(source, Format::Markdown).expect_err("problems");
    let places: Vec<_> = problems.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(3, 1), (3, 26), (5, 1)], "{problems:?}");
}

#[test]
fn an_unencrypted_link_is_a_warning() {
    for (source, format) in [
        ("<a href=\"http://x.example\">x</a>", Format::Html),
        ("[x](HTTP://x.example)", Format::Markdown),
    ] {
        let template = Template::parse(source, format).expect("a template");
        let severities: Vec<_> = template.warnings().iter().map(|p| p.severity).collect();
        assert_eq!(severities, [Severity::Warning], "{source}");
    }
}

#[test]
fn a_link_that_is_its_own_text_is_shown_once() {
    let email = EmailTemplate {
        subject: Template::parse("x", Format::Line).expect("a subject"),
        body: Template::parse(
            "<https://a.example> [b](https://b.example) ( c )\n\n---\n\nd",
            Format::Markdown,
        )
        .expect("a body"),
        text: None,
    };
    let email = email.render(&Layout::plain(), &values()).expect("an email");
    let text = &email.text;
    assert!(
        text.starts_with("https://a.example b ( https://b.example ) ( c )\n"),
        "{text}"
    );
    assert!(text.ends_with("d\n"), "{text}");
}
