//! Checking the uses of fields against a catalogue.

use message_templates::{
    Alias, Catalogue, Format, KnownField, Problem, ReplacedField, Severity, Template, rewrite_aliases,
};

fn known(name: &str, may_be_empty: bool) -> KnownField {
    KnownField {
        name: name.to_owned(),
        may_be_empty,
        available: Ok(()),
        private: false,
    }
}

fn catalogue() -> Catalogue {
    Catalogue {
        fields: vec![
            known("contact.first_name", true),
            known("contact.email", false),
            known("portal.login_url", false),
            KnownField {
                available: Err("The trigger `CONTACT_CREATED` doesn't provide it.".to_owned()),
                ..known("offer.title", false)
            },
        ],
        aliases: vec![Alias {
            name: "contact.given_name".to_owned(),
            field: "contact.first_name".to_owned(),
        }],
        replaced: vec![ReplacedField {
            name: "membership.password".to_owned(),
            replacement: "portal.login_url".to_owned(),
            reason: "Passwords are never sent.".to_owned(),
        }],
    }
}

fn check(source: &str) -> Vec<Problem> {
    Template::parse(source, Format::Text)
        .expect("a template")
        .check(&catalogue())
}

#[test]
fn known_fields_are_accepted() {
    assert_eq!(
        check(
            "{{ contact.email }} {{ contact.first_name | default('there') }} {% if contact.first_name %}{{ contact.first_name }}{% endif %}"
        ),
        []
    );
}

#[test]
fn each_problem_names_its_field_and_place() {
    let problems = check(
        "{{ contact.first_name }}\n{{ contact.fist_name }} {{ zzz }}\n{{ offer.title }}{{ membership.password }}{{ contact.given_name }}",
    );
    let shown: Vec<_> = problems
        .iter()
        .map(|p| {
            (
                p.line,
                p.column,
                p.field.as_deref().unwrap_or(""),
                p.suggestion.as_deref(),
                p.message.as_str(),
            )
        })
        .collect();
    let first_name = Some("contact.first_name");
    assert_eq!(
        shown,
        [
            (
                1,
                4,
                "contact.first_name",
                None,
                "`contact.first_name` may be empty. Write a default: `{{ contact.first_name | default(\"…\") }}`."
            ),
            (
                2,
                4,
                "contact.fist_name",
                first_name,
                "There is no field `contact.fist_name`. Did you mean `contact.first_name`?"
            ),
            (2, 28, "zzz", None, "There is no field `zzz`."),
            (
                3,
                4,
                "offer.title",
                None,
                "`offer.title` can't be used here. The trigger `CONTACT_CREATED` doesn't provide it."
            ),
            (
                3,
                21,
                "membership.password",
                Some("portal.login_url"),
                "`membership.password` can't be used any more. Passwords are never sent. Use `portal.login_url` instead."
            ),
            (
                3,
                46,
                "contact.given_name",
                first_name,
                "There is no field `contact.given_name`. Did you mean `contact.first_name`?"
            ),
        ]
    );
    assert!(problems.iter().all(|problem| problem.severity == Severity::Error));
}

#[test]
fn a_condition_needs_known_fields_too() {
    let fields: Vec<_> = check("{% if offer.title and nope == 'x' %}{% endif %}")
        .into_iter()
        .map(|p| p.field)
        .collect();
    assert_eq!(fields, [Some("offer.title".to_owned()), Some("nope".to_owned())]);
}

#[test]
fn aliases_are_rewritten_before_saving() {
    let source = rewrite_aliases("{{ contact.given_name | default('x') }}", &catalogue().aliases);
    assert_eq!(source, "{{ contact.first_name | default('x') }}");
    assert_eq!(check(&source), []);
}
