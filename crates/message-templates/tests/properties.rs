//! Properties of any template and any value.

use message_templates::{EmailTemplate, Format, Layout, Template, Values};
use proptest::prelude::*;

fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(vec![Format::Line, Format::Text, Format::Html, Format::Markdown])
}

/// Texts made of what templates, HTML and Markdown are made of.
fn sources() -> impl Strategy<Value = String> {
    let parts = vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "-",
        "if",
        "elif",
        "else",
        "endif",
        "a",
        "a.b",
        "b",
        " ",
        "\n",
        "'",
        "\"",
        "|",
        "default",
        "(",
        ")",
        "upper",
        "==",
        "!=",
        "and",
        "not",
        "or",
        "<p>",
        "</p>",
        "<b",
        "<",
        ">",
        "title=",
        "href=",
        "*",
        "[x](",
        "`",
        "é",
        "\u{0}",
        "<!--",
        "-->",
        "<style>",
        "</style>",
        "{{ a }}",
        "{% if a %}",
        "{% endif %}",
        "&",
        ";",
        "mergefield",
        "0x",
        "0z",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_panics_and_what_is_accepted_renders(source in sources(), format in formats(), value in ".{0,20}") {
        if let Ok(template) = Template::parse(&source, format) {
            let names: Vec<_> = template.field_names().into_iter().map(str::to_owned).collect();
            let values: Values = names.iter().map(|name| (name.clone(), value.clone())).collect();
            let rendered = template.render(&values);
            if format == Format::Line {
                prop_assert!(!rendered.unwrap_or_default().contains(['\n', '\r']));
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(source in "\\PC{0,200}", format in formats()) {
        drop(Template::parse(&source, format));
    }

    #[test]
    fn a_problem_lies_in_the_source(source in sources(), format in formats()) {
        if let Err(problems) = Template::parse(&source, format) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                let line = source.split('\n').nth(problem.line - 1);
                prop_assert!(line.is_some_and(|line| problem.column <= line.chars().count() + 1), "{problem:?}");
            }
        }
    }

    #[test]
    fn a_value_is_one_text_in_html(value in "\\PC{1,60}") {
        prop_assume!(!value.trim().is_empty());
        let values: Values = [("a", value.as_str())].into_iter().collect();
        for (source, format) in [("<p>{{ a }}</p>", Format::Html), ("{{ a }}", Format::Markdown)] {
            let html = Template::parse(source, format).expect("a template").render(&values).expect("rendered");
            prop_assert_eq!(html.matches('<').count(), 2, "{}", html);
            prop_assert!(html.trim_end().ends_with("</p>"));
        }
    }

    #[test]
    fn a_value_is_one_attribute(value in "\\PC{1,60}") {
        prop_assume!(!value.trim().is_empty());
        let values: Values = [("a", value.as_str())].into_iter().collect();
        for source in ["<a title=\"{{ a }}\">x</a>", "<a title={{ a }}>x</a>", "<a href=\"https://x.example/?{{ a }}\">x</a>"] {
            let html = Template::parse(source, Format::Html).expect("a template").render(&values).expect("rendered");
            prop_assert_eq!(html.matches('"').count(), 2, "{}", html);
            prop_assert_eq!(html.matches('<').count(), 2, "{}", html);
        }
    }

    #[test]
    fn text_shows_a_value_as_it_is(value in "[^\\p{Cc}]{1,60}") {
        prop_assume!(!value.trim().is_empty());
        let values: Values = [("a", value.as_str())].into_iter().collect();
        let text = Template::parse("[{{ a }}]", Format::Text).expect("a template").render(&values).expect("rendered");
        prop_assert_eq!(text, format!("[{value}]"));
    }

    #[test]
    fn a_whole_email_never_panics(source in sources(), value in ".{0,20}") {
        for format in [Format::Html, Format::Markdown] {
            let Ok(body) = Template::parse(&source, format) else { continue };
            let names: Vec<_> = body.field_names().into_iter().map(str::to_owned).collect();
            let values: Values = names.iter().map(|name| (name.clone(), value.clone())).collect();
            let subject = Template::parse("x", Format::Line).expect("a subject");
            drop(EmailTemplate { subject, body, text: None }.render(&Layout::plain(), &values));
        }
    }
}
