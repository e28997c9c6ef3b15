use serde_json::{Value, json};
use vestibule::auth::viewer::Viewer;

use crate::support::Desk;

const INTROSPECTION: &str = "{ __schema { types { kind name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description } } } }";

/// As the playground asks for it.
const DEEPEST: &str = "{ __schema { types { fields { args { type { ...T } } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } } } } } } }";

/// The paths of what has no description.
fn bare(path: &str, of: &Value, found: &mut Vec<String>) {
    let path = format!("{path}.{}", of["name"].as_str().unwrap_or("?"));
    if of["description"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty())
    {
        found.push(path.clone());
    }
    for part in ["fields", "args", "inputFields", "enumValues"] {
        for one in of[part].as_array().into_iter().flatten() {
            bare(&path, one, found);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_the_schema_is_described() {
    let desk = Desk::open().await;
    let schema = desk.data(&Viewer::Anonymous, INTROSPECTION, json!({})).await;
    let types = schema["__schema"]["types"].as_array().expect("types");
    let mut found = Vec::new();
    // What GraphQL itself brings.
    let foreign = |name: &str| name.starts_with("__") || name == "ID";
    for one in types {
        if !one["name"].as_str().is_some_and(foreign) {
            bare("", one, &mut found);
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_playground_can_read_the_schema() {
    let desk = Desk::open().await;
    desk.data(&Viewer::Anonymous, DEEPEST, json!({})).await;
}

#[test]
fn the_kept_schema_is_the_real_one() {
    let kept = include_str!("../../../schema.graphql");
    assert_eq!(
        kept.trim_end(),
        vestibule::graphql::sdl().trim_end(),
        "cargo run -- schema > schema.graphql"
    );
}
