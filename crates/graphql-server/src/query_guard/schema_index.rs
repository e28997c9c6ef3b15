//! The parts of the schema that the guard needs: which fields are lists, and the types of their children.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// How often the children of a field are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    /// Once.
    One,
    /// Once: a connection, whose page size counts for its `nodes` and `edges`.
    Connection,
    /// For each item of the surrounding page.
    Page,
    /// For each item of a list without a page size.
    List,
}

/// A type of the schema, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(usize);

/// The properties of a field that determine its cost.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    pub multiplicity: Multiplicity,
    /// Whether it needs its own statement: a connection, or the count of one.
    pub statement: bool,
    pub child: Option<TypeId>,
}

/// The field of a connection that counts all items.
const COUNT_FIELD: &str = "totalCount";

const UNKNOWN_FIELD: FieldInfo = FieldInfo {
    multiplicity: Multiplicity::One,
    statement: false,
    child: None,
};

/// The fields of all types, without introspection.
#[derive(Debug, Default)]
pub struct SchemaIndex {
    types: HashMap<String, TypeId>,
    fields: Vec<HashMap<String, FieldInfo>>,
    roots: [Option<TypeId>; 3],
}

impl SchemaIndex {
    /// From the schema definition language. An invalid schema has no fields, and each unknown field costs 1.
    pub fn parse(sdl: &str) -> Self {
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
        let types: HashMap<String, TypeId> = definitions
            .iter()
            .enumerate()
            .map(|(number, definition)| (definition.name.node.to_string(), TypeId(number)))
            .collect();
        let fields = definitions
            .iter()
            .map(|definition| {
                let in_connection = definition.name.node.ends_with("Connection");
                let fields = fields(definition).iter();
                let info = |field: &FieldDefinition| info(field, in_connection, &types);
                fields
                    .map(|field| (field.node.name.node.to_string(), info(&field.node)))
                    .collect()
            })
            .collect();
        let roots = root_names(&document).map(|name| types.get(name).copied());
        Self { types, fields, roots }
    }

    pub fn query(&self) -> Option<TypeId> {
        self.roots[0]
    }

    pub fn mutation(&self) -> Option<TypeId> {
        self.roots[1]
    }

    pub fn subscription(&self) -> Option<TypeId> {
        self.roots[2]
    }

    pub fn named(&self, name: &str) -> Option<TypeId> {
        self.types.get(name).copied()
    }

    pub fn has_field(&self, parent: Option<TypeId>, name: &str) -> bool {
        let fields = parent.and_then(|TypeId(number)| self.fields.get(number));
        fields.is_some_and(|fields| fields.contains_key(name))
    }

    pub fn field(&self, parent: Option<TypeId>, name: &str) -> FieldInfo {
        let fields = parent.and_then(|TypeId(number)| self.fields.get(number));
        let found = fields.and_then(|fields| fields.get(name));
        found.copied().unwrap_or(UNKNOWN_FIELD)
    }
}

/// The names of the root types: those of the schema definition, or the default ones without it.
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

fn info(field: &FieldDefinition, in_connection: bool, types: &HashMap<String, TypeId>) -> FieldInfo {
    let (name, list) = named_type(&field.ty.node);
    let child = types.get(name).copied();
    let multiplicity = match (list, in_connection) {
        (true, true) => Multiplicity::Page,
        (true, false) => Multiplicity::List,
        (false, _) if name.ends_with("Connection") => Multiplicity::Connection,
        (false, _) => Multiplicity::One,
    };
    let is_count = in_connection && field.name.node == COUNT_FIELD;
    FieldInfo {
        multiplicity,
        statement: is_count || multiplicity == Multiplicity::Connection,
        child,
    }
}

fn named_type(parent: &Type) -> (&str, bool) {
    match &parent.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(inner) => (named_type(inner).0, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_types_are_those_of_the_schema_definition() {
        let types = "type Query { a: ID } type Mutation { b: ID } type Feed { c: ID }";
        let usual = SchemaIndex::parse(types);
        assert!(usual.has_field(usual.query(), "a") && usual.has_field(usual.mutation(), "b"));
        assert!(usual.subscription().is_none());
        let named = SchemaIndex::parse(&format!("{types} schema {{ query: Query subscription: Feed }}"));
        assert!(named.has_field(named.query(), "a") && named.has_field(named.subscription(), "c"));
        assert!(named.mutation().is_none());
    }
}
