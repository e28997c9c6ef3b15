use async_graphql::parser::parse_query;
use proptest::prelude::*;
use serde_json::json;

use super::super::schema_index::Multiplicity;
use super::*;

const SDL: &str = "
type Query { id: ID! one: Thing things(first: Int, last: Int): ThingConnection! list: [Thing!]! byIds(ids: [ID!]!): [Thing]! }
type Thing { id: ID! tags: [String!]! one: Thing things(first: Int, last: Int): ThingConnection! list: [Thing!]! byIds(ids: [ID!]!): [Thing]! }
type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! }
type ThingEdge { cursor: String! node: Thing! }
schema { query: Query }
";

fn schema_index() -> SchemaIndex {
    SchemaIndex::parse(SDL)
}

fn analysis(text: &str) -> Analysis {
    let document = parse_query(text).expect("GraphQL");
    Analysis::new(&document, &schema_index()).expect("no cycle")
}

fn cost(text: &str, variables: serde_json::Value) -> u64 {
    analysis(text).cost(None, &Variables::from_json(variables))
}

#[test]
fn a_field_costs_1_a_connection_and_its_count_10_and_a_list_counts_its_items() {
    for (text, expected) in [
        ("{ id }", 1),
        ("{ a: id b: id }", 2),
        ("{ one { id } }", 2),
        // The connection, its nodes, and two fields of each of five.
        (
            "{ things(first: 5) { nodes { id tags } totalCount } }",
            10 + 1 + 5 * 2 + 10,
        ),
        (
            "{ things(first: 5) { edges { cursor node { id } } } }",
            10 + 1 + 5 * 3,
        ),
        ("{ things { nodes { id } } }", 10 + 1 + 20),
        ("{ things(last: 3) { nodes { id } } }", 10 + 1 + 3),
        // A page that the resolver will refuse does not cost less than the largest allowed one.
        ("{ things(first: 1000000) { nodes { id } } }", 10 + 1 + 100),
        ("{ things(first: -1) { nodes { id } } }", 10 + 1 + 20),
        ("{ list { id } }", 1 + 20),
        ("{ byIds(ids: [\"a\", \"b\"]) { id } }", 1 + 2),
        (
            "{ things(first: 5) { nodes { things(first: 7) { nodes { id } } } } }",
            11 + 5 * (11 + 7),
        ),
        (
            "{ things(first: 5) { ...P } } fragment P on ThingConnection { nodes { id } }",
            11 + 5,
        ),
        ("{ unknown(first: 5) { nodes { id } } }", 3),
    ] {
        assert_eq!(cost(text, json!({})), expected, "{text}");
    }
}

#[test]
fn variables_and_their_defaults_determine_the_number_of_items() {
    let text = "query ($n: Int = 4, $ids: [ID!] = [\"a\"]) { things(first: $n) { nodes { id } } byIds(ids: $ids) { id } }";
    assert_eq!(cost(text, json!({})), 11 + 4 + 1 + 1);
    assert_eq!(
        cost(text, json!({"n": 9, "ids": ["a", "b", "c"]})),
        11 + 9 + 1 + 3
    );
    assert_eq!(cost(text, json!({"n": null, "ids": "a"})), 11 + 20 + 1 + 1);
    assert_eq!(cost(text, json!({"n": "many"})), 11 + 100 + 1 + 1);
}

#[test]
fn doubling_fragments_are_analysed_once() {
    let mut text = "{ ...F0 }".to_owned();
    for step in 0..90 {
        text += &format!(" fragment F{step} on Query {{ ...F{0} ...F{0} }}", step + 1);
    }
    text += " fragment F90 on Query { x: id }";
    let analysis = analysis(&text);
    assert_eq!(analysis.size.selections, u64::MAX);
    assert_eq!(analysis.size.aliases, u64::MAX);
    assert_eq!(analysis.cost(None, &Variables::default()), u64::MAX);
}

#[test]
fn a_fragment_cycle_is_found() {
    for text in [
        "{ ...A } fragment A on Query { ...A }",
        "{ id } fragment A on Query { one { ...B } } fragment B on Thing { one { ...C } } fragment C on Thing { ...B }",
    ] {
        let document = parse_query(text).expect("GraphQL");
        assert!(Analysis::new(&document, &schema_index()).is_err(), "{text}");
    }
}

#[test]
fn everything_is_counted_with_fragments_expanded() {
    let text =
        "query @a { x: id ...F ...F one { ... @b { one { id } } } } fragment F on Query @c { y: id @d @e }";
    let size = analysis(text).size;
    assert_eq!((size.aliases, size.depth), (1 + 2, 3));
    // Once for each spread.
    assert_eq!(size.directives, 1 + 3 + 3 + 1);
    assert_eq!(analysis(text).roots(None), 4);
}

#[test]
fn a_fragment_that_is_never_spread_is_counted_once() {
    let text = "{ x: id } fragment F on Query { y: id ...G } fragment G on Query { z: id }";
    assert_eq!(analysis(text).size.aliases, 1 + 2 + 1);
}

#[test]
fn recursive_introspection_is_counted() {
    let nested = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(analysis(nested).size.introspection, 3);
    let by_fragments = "{ __type(name: \"A\") { ...F } } fragment F on __Type { fields { type { ...G } } } \
                        fragment G on __Type { interfaces { name } }";
    assert_eq!(analysis(by_fragments).size.introspection, 2);
}

/// The cost without memoisation: every fragment is followed at every spread.
fn expanded_cost(document: &ExecutableDocument, values: VariableValues<'_>) -> u64 {
    let schema_index = schema_index();
    let operation = document.operations.iter().next().expect("one operation").1;
    expanded_set_cost(
        document,
        &schema_index,
        values,
        &operation.node.selection_set.node,
        schema_index.query(),
        DEFAULT_PAGE,
    )
}

fn expanded_set_cost(
    document: &ExecutableDocument,
    schema_index: &SchemaIndex,
    values: VariableValues<'_>,
    set: &SelectionSet,
    parent: Option<TypeId>,
    page: u64,
) -> u64 {
    let nested = |set: &SelectionSet, parent, page| {
        expanded_set_cost(document, schema_index, values, set, parent, page)
    };
    let costs = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => {
            let field = &field.node;
            let info = schema_index.field(parent, &field.name.node);
            let set = &field.selection_set.node;
            let item_count = values.items(&items(info.multiplicity, field));
            let own = if info.statement { 10 } else { 1 };
            match info.multiplicity {
                Multiplicity::One => own + nested(set, info.child, DEFAULT_PAGE),
                Multiplicity::Connection => own + nested(set, info.child, item_count),
                Multiplicity::Page => 1 + page * nested(set, info.child, DEFAULT_PAGE),
                Multiplicity::List => 1 + item_count * nested(set, info.child, DEFAULT_PAGE),
            }
        }
        Selection::InlineFragment(inline) => nested(&inline.node.selection_set.node, parent, page),
        Selection::FragmentSpread(spread) => {
            let definition = &document.fragments[&spread.node.fragment_name.node].node;
            let parent = schema_index.named(&definition.type_condition.node.on.node);
            nested(&definition.selection_set.node, parent, page)
        }
    });
    costs.sum()
}

/// Selections of a thing. A fragment may only spread later ones, so there is no cycle.
fn selections(depth: u32, from: usize) -> BoxedStrategy<String> {
    let spread = (from..5).prop_map(|number| format!("...F{number}"));
    let leaf = prop_oneof![
        Just("id".to_owned()),
        Just("a: id".to_owned()),
        Just("... { id }".to_owned())
    ];
    let leaf = if from < 5 {
        prop_oneof![leaf, spread].boxed()
    } else {
        leaf.boxed()
    };
    if depth == 0 {
        return leaf;
    }
    let size = prop_oneof![
        Just(String::new()),
        Just("(first: $n)".to_owned()),
        (0..130).prop_map(|n| format!("(last: {n})"))
    ];
    let nested =
        move || proptest::collection::vec(selections(depth - 1, from), 1..3).prop_map(|all| all.join(" "));
    prop_oneof![
        2 => leaf,
        1 => nested().prop_map(|inner| format!("one {{ {inner} }}")),
        1 => nested().prop_map(|inner| format!("list {{ {inner} }}")),
        1 => nested().prop_map(|inner| format!("byIds(ids: $ids) {{ {inner} }}")),
        2 => (size.clone(), nested()).prop_map(|(size, inner)| format!("things{size} {{ totalCount nodes {{ {inner} }} }}")),
        1 => (size.clone(), nested()).prop_map(|(size, inner)| format!("things{size} {{ edges {{ node {{ {inner} }} }} }}")),
        1 => size.prop_map(|size| format!("things{size} {{ ...Page }}")),
    ]
    .boxed()
}

fn documents() -> impl Strategy<Value = String> {
    let fragments: Vec<_> = (0..5).map(|number| selections(2, number + 1)).collect();
    (selections(3, 0), fragments).prop_map(|(root, fragments)| {
        let fragments = fragments.iter().enumerate();
        let fragments = fragments.map(|(number, set)| format!("fragment F{number} on Thing {{ {set} }}"));
        let fragments = fragments.collect::<Vec<_>>().join("\n");
        format!(
            "query ($n: Int, $ids: [ID!]!) {{ one {{ {root} }} }}\n{fragments}\n\
             fragment Page on ThingConnection {{ totalCount nodes {{ id ...Item }} }} fragment Item on Thing {{ id }}"
        )
    })
}

proptest! {
    #[test]
    fn the_memoised_cost_is_the_cost_by_plain_expansion(text in documents(), n in -5..150, ids in 0..5_usize) {
        let document = parse_query(&text).expect("GraphQL");
        let variables = Variables::from_json(json!({"n": n, "ids": vec!["x"; ids]}));
        let none = HashMap::new();
        let values = VariableValues { variables: &variables, defaults: &none };
        let analysis = Analysis::new(&document, &schema_index()).expect("no cycle");
        prop_assert_eq!(analysis.cost(None, &variables), expanded_cost(&document, values), "{}", text);
    }
}
