//! What the guard knows of the schema: which fields give lists, and of which type their children are.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// How often the children of a field are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
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

/// A field, as far as the guard cares.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    pub many: Multiplicity,
    /// Whether it takes a statement of its own: a connection, and the count of one.
    pub statement: bool,
    pub child: Option<TypeNo>,
}

/// The field of a connection that counts its whole list.
const COUNT: &str = "totalCount";

const UNKNOWN: FieldInfo = FieldInfo {
    many: Multiplicity::One,
    statement: false,
    child: None,
};

/// The fields of all types. Introspection is not among them.
#[derive(Debug, Default)]
pub struct SchemaIndex {
    numbers: HashMap<String, TypeNo>,
    fields: Vec<HashMap<String, FieldInfo>>,
    roots: [Option<TypeNo>; 3],
}

impl SchemaIndex {
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
        let roots = root_names(&document).map(|name| numbers.get(name).copied());
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

    pub fn has_field(&self, of: Option<TypeNo>, name: &str) -> bool {
        let fields = of.and_then(|TypeNo(number)| self.fields.get(number));
        fields.is_some_and(|fields| fields.contains_key(name))
    }

    pub fn field(&self, of: Option<TypeNo>, name: &str) -> FieldInfo {
        let fields = of.and_then(|TypeNo(number)| self.fields.get(number));
        let found = fields.and_then(|fields| fields.get(name));
        found.copied().unwrap_or(UNKNOWN)
    }
}

/// The names of the root types: those of the schema's definition, or the usual ones where there is none.
fn root_names(document: &ServiceDocument) -> [&str; 3] {
    let schema = document
        .definitions
        .iter()
        .find_map(|definition| match definition {
            TypeSystemDefinition::Schema(schema) => Some(&schema.node),
            _ => None,
        });
    let Some(schema) = schema else {
        return ["Query", "Mutation", "Subscription"];
    };
    [&schema.query, &schema.mutation, &schema.subscription]
        .map(|root| root.as_ref().map_or("", |root| root.node.as_str()))
}

fn fields(definition: &TypeDefinition) -> &[async_graphql::Positioned<FieldDefinition>] {
    match &definition.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => &[],
    }
}

fn shape(field: &FieldDefinition, paged: bool, numbers: &HashMap<String, TypeNo>) -> FieldInfo {
    let (name, list) = innermost(&field.ty.node);
    let child = numbers.get(name).copied();
    let many = match (list, paged) {
        (true, true) => Multiplicity::Page,
        (true, false) => Multiplicity::List,
        (false, _) if name.ends_with("Connection") => Multiplicity::Connection,
        (false, _) => Multiplicity::One,
    };
    let counts = paged && field.name.node == COUNT;
    FieldInfo {
        many,
        statement: counts || many == Multiplicity::Connection,
        child,
    }
}

fn innermost(of: &Type) -> (&str, bool) {
    match &of.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(inner) => (innermost(inner).0, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_types_are_those_that_the_schema_names() {
        let types = "type Query { a: ID } type Mutation { b: ID } type Feed { c: ID }";
        let usual = SchemaIndex::of(types);
        assert!(usual.has_field(usual.query(), "a") && usual.has_field(usual.mutation(), "b"));
        assert!(usual.subscription().is_none());
        let named = SchemaIndex::of(&format!("{types} schema {{ query: Query subscription: Feed }}"));
        assert!(named.has_field(named.query(), "a") && named.has_field(named.subscription(), "c"));
        assert!(named.mutation().is_none());
    }
}
