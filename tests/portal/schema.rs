//! The schema file is current, and describes everything.

use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use mailer::Mailer;

use crate::support::TestServer;

#[test]
fn schema_graphql_is_what_the_program_prints() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql"))
        .expect("schema.graphql");
    assert!(
        kept == vestibule::api::sdl(),
        "schema.graphql is not the schema any more: cargo run -- schema > schema.graphql"
    );
}

#[test]
fn every_type_field_argument_and_value_is_described() {
    let document = async_graphql::parser::parse_schema(vestibule::api::sdl()).expect("it parses");
    let mut bare = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(of) = definition else {
            continue;
        };
        let of = of.node;
        let name = of.name.node.to_string();
        if of.description.is_none() {
            bare.push(name.clone());
        }
        match of.kind {
            TypeKind::Object(object) => fields(&mut bare, &name, &object.fields),
            TypeKind::Interface(interface) => fields(&mut bare, &name, &interface.fields),
            TypeKind::Enum(of) => {
                let values = of.values.iter().filter(|value| value.node.description.is_none());
                bare.extend(values.map(|value| format!("{name}.{}", value.node.value.node)));
            }
            TypeKind::InputObject(input) => {
                let fields = input
                    .fields
                    .iter()
                    .filter(|field| field.node.description.is_none());
                bare.extend(fields.map(|field| format!("{name}.{}", field.node.name.node)));
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

type Fields = [async_graphql::Positioned<async_graphql::parser::types::FieldDefinition>];

fn fields(bare: &mut Vec<String>, of: &str, fields: &Fields) {
    for field in fields.iter().map(|field| &field.node) {
        if field.description.is_none() {
            bare.push(format!("{of}.{}", field.name.node));
        }
        let arguments = field
            .arguments
            .iter()
            .filter(|argument| argument.node.description.is_none());
        bare.extend(
            arguments.map(|argument| format!("{of}.{}({})", field.name.node, argument.node.name.node)),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_served_as_long_as_introspection_is_on() {
    for (setting, expected) in [("true", 200), ("false", 404)] {
        let settings = [("VESTIBULE_INTROSPECTION", setting)];
        let server = TestServer::open_with(&settings, |_| Mailer::memory()).await;
        let answer = server
            .http
            .get(format!("{}/schema.graphql", server.url))
            .send()
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), expected);
        let text = answer.text().await.expect("a text");
        assert_eq!(text == vestibule::api::sdl(), setting == "true");
        server.stop().await;
    }
}
