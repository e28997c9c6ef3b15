//! What a template may hold, and what is reported with its place.

use message_templates::{
    Format, MAX_NESTING, MAX_PROBLEMS, MAX_SOURCE_BYTES, MAX_TAGS, RenderError, Template, Values,
};

fn values() -> Values {
    let mut values: Values = [
        ("contact.first_name", "anna maria"),
        ("contact.city", "Köln"),
        ("offer.title", "Growth"),
    ]
    .into_iter()
    .collect();
    values.set("contact.company", None::<String>);
    values
}

fn render(source: &str) -> String {
    let template =
        Template::parse(source, Format::Text).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    template
        .render(&values())
        .unwrap_or_else(|error| panic!("{source}: {error}"))
}

/// `line:column message` of each problem.
fn problems(source: &str) -> Vec<String> {
    match Template::parse(source, Format::Text) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            let shown = problems
                .iter()
                .map(|p| format!("{}:{} {}", p.line, p.column, p.message));
            shown.collect()
        }
    }
}

#[test]
fn fields_and_filters() {
    for (source, expected) in [
        ("Hi {{ contact.first_name }}!", "Hi anna maria!"),
        ("{{contact.first_name|upper}}", "ANNA MARIA"),
        ("{{ contact.first_name | title }}", "Anna Maria"),
        ("{{ contact.first_name | capitalize }}", "Anna maria"),
        ("{{ contact.city | lower }}", "köln"),
        ("{{ contact.city | urlencode }}", "K%C3%B6ln"),
        ("{{ contact.company | default(\"you\") }}", "you"),
        ("{{ contact.company | upper | default('you') }}", "you"),
        ("{{ contact.company | default('') }}.", "."),
        ("{{ contact.city | default('x') }}", "Köln"),
        ("{{ '{{' }} {{ \"it's\" }}", "{{ it's"),
        ("a {{- ' b ' -}} c", "a b c"),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("contact.city", "yes"),
        ("contact.company", "no"),
        ("not contact.company", "yes"),
        ("contact.city == 'Köln'", "yes"),
        ("contact.city != 'Köln'", "no"),
        ("'Köln' == contact.city and not contact.company", "yes"),
        ("contact.company or contact.city", "yes"),
        ("not (contact.company or contact.city)", "no"),
        ("contact.company and contact.city or contact.city", "yes"),
        ("contact.city == offer.title", "no"),
    ] {
        let source = format!("{{% if {condition} %}}yes{{% else %}}no{{% endif %}}");
        assert_eq!(render(&source), expected, "{condition}");
    }
    let branches = "{% if contact.company %}a{% elif contact.city == 'Bonn' %}b{% elif contact.city %}c{% else %}d{% endif %}";
    assert_eq!(render(branches), "c");
}

#[test]
fn a_field_may_be_empty_where_a_condition_checked_it() {
    let uses = |source: &str| {
        let template = Template::parse(source, Format::Text).unwrap_or_else(|p| panic!("{source}: {p:?}"));
        let shown = template.fields().iter().filter(|field| field.shown);
        shown
            .map(|field| (field.name.clone(), field.allows_empty))
            .collect::<Vec<_>>()
    };
    let one = |allows_empty| vec![("a".to_owned(), allows_empty)];
    assert_eq!(uses("{{ a }}"), one(false));
    assert_eq!(uses("{{ a | upper }}"), one(false));
    assert_eq!(uses("{{ a | default('x') }}"), one(true));
    assert_eq!(uses("{% if a %}{{ a }}{% endif %}"), one(true));
    assert_eq!(uses("{% if a and b %}{{ a }}{% endif %}"), one(true));
    assert_eq!(uses("{% if a or b %}{{ a }}{% endif %}"), one(false));
    assert_eq!(uses("{% if a != 'x' %}{{ a }}{% endif %}"), one(false));
    assert_eq!(uses("{% if a != 'x' %}{% else %}{{ a }}{% endif %}"), one(true));
    assert_eq!(uses("{% if not a %}{% elif b %}{{ a }}{% endif %}"), one(true));
    assert_eq!(uses("{% if a %}{% endif %}{{ a }}"), one(false));
    assert_eq!(uses("{% if a %}{% else %}{{ a }}{% endif %}"), one(false));
    assert_eq!(
        uses("{% if b %}{% if a %}{% else %}{{ a }}{% endif %}{% endif %}"),
        one(false)
    );
}

#[test]
fn nothing_else_is_accepted() {
    for source in [
        "{% for x in contact %}{% endfor %}",
        "{% set a = 'b' %}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% block a %}{% endblock %}",
        "{% raw %}{{ a }}{% endraw %}",
        "{% with %}{% endwith %}",
        "{% filter upper %}a{% endfilter %}",
        "{% autoescape false %}{% endautoescape %}",
        "{% do a() %}",
        "{# a comment #}",
        "{{ a + b }}",
        "{{ a ~ b }}",
        "{{ 'x' * 100000000 }}",
        "{{ 2 ** 9 }}",
        "{{ a[0] }}",
        "{{ a['b'] }}",
        "{{ a.0 }}",
        "{{ a.b() }}",
        "{{ range(99999999) }}",
        "{{ a . b }}",
        "{{ a.b. }}",
        "{{ .a }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{{ a }}}",
        "{{ a if b else c }}",
        "{{ a and b }}",
        "{{ a == b }}",
        "{{ a is defined }}",
        "{{ 'a' in b }}",
        "{{ a | safe }}",
        "{{ a | replace('a', 'b') }}",
        "{{ a | default }}",
        "{{ a | default() }}",
        "{{ a | default(b) }}",
        "{{ a | default('b', true) }}",
        "{{ a | upper() }}",
        "{{ a | }}",
        "{{ a b }}",
        "{{ 1 }}",
        "{{ true }}",
        "{{ none }}",
        "{{ self }}",
        "{{ a.self }}",
        "{{ loop.index }}",
        "{{ }}",
        "{{ 'a\\n' }}",
        "{{+ a +}}",
        "{{ ä }}",
        "{{ a",
        "{{ 'a }}",
        "{% if %}{% endif %}",
        "{% if a %}",
        "{% if a = b %}{% endif %}",
        "{% if a > b %}{% endif %}",
        "{% if 'a' %}{% endif %}",
        "{% if a == '' %}{% endif %}",
        "{% if a == b == c %}{% endif %}",
        "{% if not not a %}{% endif %}",
        "{% if (a %}{% endif %}",
        "{% if a | upper == 'A' %}{% endif %}",
        "{% else %}",
        "{% elif a %}",
        "{% endif %}",
        "{% if a %}{% else %}{% else %}{% endif %}",
        "{% if a %}{% else %}{% elif b %}{% endif %}",
        "{% if a %}{% else x %}{% endif %}",
        "{% if a %}{% endif a %}",
        "{% %}",
        "{% 'a' %}",
    ] {
        assert!(!problems(source).is_empty(), "{source}");
    }
}

#[test]
fn a_problem_names_its_place_and_what_is_allowed() {
    let found = problems("Hello\n  ä {{ contact.name + 1 }}\n{% for a in b %}{{ ok }}\n{{ x | safe }}");
    let starts: Vec<_> = found.iter().filter_map(|text| text.split(". ").next()).collect();
    assert_eq!(
        starts,
        [
            "2:21 `+` can't be used here",
            "3:4 `{% for %}` can't be used in a template",
            "4:8 There is no filter `safe`"
        ]
    );
    assert!(
        found[0].contains("A template may hold fields such as"),
        "{}",
        found[0]
    );
    assert_eq!(
        problems("{% if a %}{% if b %}{% endif %}"),
        ["1:1 This `{% if … %}` is never closed. Write `{% endif %}` at its end."]
    );
}

#[test]
fn sizes_are_limited() {
    let big = "x".repeat(MAX_SOURCE_BYTES);
    assert!(problems(&big).is_empty());
    assert_eq!(
        problems(&(big + "x")),
        ["1:1 A template may have 100000 bytes at most."]
    );
    let huge = "{{ a ".repeat(2_000_000);
    assert_eq!(problems(&huge).len(), 1);
    assert!(problems(&"{{ a }}".repeat(MAX_TAGS)).is_empty());
    assert_eq!(problems(&"{{ a }}".repeat(MAX_TAGS + 1)).len(), 1);
    assert_eq!(problems(&"{{ + }}".repeat(MAX_TAGS)).len(), MAX_PROBLEMS);
    let nested = |depth: usize| "{% if a %}".repeat(depth) + &"{% endif %}".repeat(depth);
    assert!(problems(&nested(MAX_NESTING)).is_empty());
    assert_eq!(problems(&nested(MAX_NESTING + 1)).len(), 1);
    let parentheses = |depth: usize| {
        format!(
            "{{% if {}a{} %}}{{% endif %}}",
            "(".repeat(depth),
            ")".repeat(depth)
        )
    };
    assert!(problems(&parentheses(MAX_NESTING - 1)).is_empty());
    assert_eq!(problems(&parentheses(10_000)).len(), 1);
    assert_eq!(problems(&format!("{{{{ {} }}}}", "a".repeat(101))).len(), 1);
}

#[test]
fn a_render_needs_a_value_for_each_field() {
    let template = Template::parse(
        "{{ contact.phone }} {{ x }}{% if y %}{% endif %}{{ x }}",
        Format::Text,
    )
    .expect("a template");
    assert_eq!(
        template.render(&values()),
        Err(RenderError::UnknownFields {
            fields: vec!["contact.phone".into(), "x".into(), "y".into()]
        })
    );
    let template =
        Template::parse("{{ contact.company }} {{ contact.city }}", Format::Text).expect("a template");
    assert_eq!(
        template.render(&values()),
        Err(RenderError::EmptyFields {
            fields: vec!["contact.company".into()]
        })
    );
    assert_eq!(
        render("{% if contact.city == 'x' %}{{ contact.company }}{% endif %}"),
        ""
    );
}

#[test]
fn output_is_limited() {
    let mut values = Values::new();
    values.set("a", Some("x".repeat(10_000)));
    let template = |uses: usize| Template::parse(&"{{ a }}".repeat(uses), Format::Text).expect("a template");
    assert_eq!(template(50).render(&values).map(|text| text.len()), Ok(500_000));
    assert_eq!(template(51).render(&values), Err(RenderError::TooLarge));
}

#[test]
fn a_subject_is_one_line() {
    let values: Values = [("a", "x\r\nBcc: eve@example.com\u{0}\u{85}")]
        .into_iter()
        .collect();
    let subject = Template::parse("Hi\n {{ a }}\t!", Format::Line).expect("a template");
    assert_eq!(
        subject.render(&values).as_deref(),
        Ok("Hi x Bcc: eve@example.com !")
    );
    let text = Template::parse("{{ a }}", Format::Text).expect("a template");
    assert_eq!(text.render(&values).as_deref(), Ok("x\nBcc: eve@example.com  "));
}

#[test]
fn a_value_is_never_a_template() {
    let values: Values = [("a", "{{ b }}{% if c %}{# x #}"), ("b", "secret")]
        .into_iter()
        .collect();
    for format in [Format::Line, Format::Text, Format::Html, Format::Markdown] {
        let rendered = Template::parse("{{ a }}", format)
            .expect("a template")
            .render(&values)
            .expect("rendered");
        assert!(rendered.contains("{{ b }}{% if c %}{# x #}"), "{rendered}");
    }
}
