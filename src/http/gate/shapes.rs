//! What the gate knows of the schema: which fields give lists, and of which type their children are.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// How often the children of a field are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Once.
    One,
    /// Once: a connection, whose page size counts for its `nodes` and `edges`.
    Connection,
    /// For each item of the page around it.
    Page,
    /// For each item of a list that has no page size.
    List,
}

/// A type of the schema, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeNo(usize);

/// A field, as far as the gate cares.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub many: Many,
    /// Whether it takes a statement of its own: a connection, and the count of one.
    pub statement: bool,
    pub child: Option<TypeNo>,
}

/// The field of a connection that counts its whole list.
const COUNT: &str = "totalCount";

const UNKNOWN: Shape = Shape {
    many: Many::One,
    statement: false,
    child: None,
};

/// The fields of all types. Introspection is not among them.
#[derive(Debug, Default)]
pub struct Shapes {
    numbers: HashMap<String, TypeNo>,
    fields: Vec<HashMap<String, Shape>>,
    roots: [Option<TypeNo>; 3],
}

impl Shapes {
    /// From the schema in its own language. What can't be read is taken for unknown, and counts as one.
    pub fn of(sdl: &str) -> Self {
        let Ok(document) = parse_schema(sdl) else {
            return Self::default();
        };
        let definitions: Vec<&TypeDefinition> = document
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(found) => Some(&found.node),
                _ => None,
            })
            .collect();
        let numbers: HashMap<String, TypeNo> = definitions
            .iter()
            .enumerate()
            .map(|(number, definition)| (definition.name.node.to_string(), TypeNo(number)))
            .collect();
        let fields = definitions
            .iter()
            .map(|definition| {
                let paged = definition.name.node.ends_with("Connection");
                let fields = fields(definition).iter();
                let shape = |field: &FieldDefinition| shape(field, paged, &numbers);
                fields
                    .map(|field| (field.node.name.node.to_string(), shape(&field.node)))
                    .collect()
            })
            .collect();
        let roots = ["Query", "Mutation", "Subscription"].map(|name| numbers.get(name).copied());
        Self {
            numbers,
            fields,
            roots,
        }
    }

    pub fn query(&self) -> Option<TypeNo> {
        self.roots[0]
    }

    pub fn mutation(&self) -> Option<TypeNo> {
        self.roots[1]
    }

    pub fn subscription(&self) -> Option<TypeNo> {
        self.roots[2]
    }

    pub fn named(&self, name: &str) -> Option<TypeNo> {
        self.numbers.get(name).copied()
    }

    pub fn field(&self, of: Option<TypeNo>, name: &str) -> Shape {
        let fields = of.and_then(|TypeNo(number)| self.fields.get(number));
        let found = fields.and_then(|fields| fields.get(name));
        found.copied().unwrap_or(UNKNOWN)
    }
}

fn fields(definition: &TypeDefinition) -> &[async_graphql::Positioned<FieldDefinition>] {
    match &definition.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => &[],
    }
}

fn shape(field: &FieldDefinition, paged: bool, numbers: &HashMap<String, TypeNo>) -> Shape {
    let (name, list) = innermost(&field.ty.node);
    let child = numbers.get(name).copied();
    let many = match (list, paged) {
        (true, true) => Many::Page,
        (true, false) => Many::List,
        (false, _) if name.ends_with("Connection") => Many::Connection,
        (false, _) => Many::One,
    };
    let counts = paged && field.name.node == COUNT;
    Shape {
        many,
        statement: counts || many == Many::Connection,
        child,
    }
}

fn innermost(of: &Type) -> (&str, bool) {
    match &of.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(inner) => (innermost(inner).0, true),
    }
}
