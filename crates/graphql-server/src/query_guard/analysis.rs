//! Analyses a document once: its size with fragments expanded, and a sum that gives its cost for any variables. Each
//! fragment is analysed once, however often it is spread.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};

use super::cost::{Given, PAGE, Sum, Term, items, own};
use super::schema_index::{SchemaIndex, TypeNo};

/// The lists by which introspection can nest without end, as in graphql-js' `MaxIntrospectionDepthRule`.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// The size of a document with its fragments expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Root fields.
    pub roots: u64,
    pub selections: u64,
    pub aliases: u64,
    pub directives: u64,
    pub depth: u64,
    /// Nesting depth of introspection's lists.
    pub introspection: u64,
}

impl Size {
    /// Side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            roots: self.roots.saturating_add(other.roots),
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.max(other.introspection),
        }
    }
}

/// The result of analysing a document.
#[derive(Debug)]
pub struct Analysis {
    /// All operations side by side, and the fragments that none of them spreads: validation goes through all of them.
    pub size: Size,
    fragments: Vec<Sum>,
    operations: HashMap<Option<Name>, Operation>,
}

#[derive(Debug)]
struct Operation {
    size: Size,
    sum: Sum,
    defaults: HashMap<Name, ConstValue>,
}

/// A fragment that contains itself.
#[derive(Debug, PartialEq, Eq)]
pub struct FragmentCycle(pub Name);

impl Analysis {
    pub fn of(document: &ExecutableDocument, schema_index: &SchemaIndex) -> Result<Self, FragmentCycle> {
        let mut walk = Walk {
            schema_index,
            definitions: &document.fragments,
            known: HashMap::new(),
            fragments: Vec::new(),
        };
        let mut size = Size::default();
        let mut operations = HashMap::new();
        for (name, operation) in document.operations.iter() {
            let operation = walk.operation(&operation.node)?;
            size = size.beside(operation.size);
            operations.insert(name.cloned(), operation);
        }
        // Validation looks at fragments that no operation spreads too.
        let spread: HashSet<&Name> = walk.known.keys().copied().collect();
        for name in document.fragments.keys().filter(|name| !spread.contains(name)) {
            if let Some((_, of_fragment)) = walk.fragment(name)? {
                size = size.beside(of_fragment);
            }
        }
        Ok(Self {
            size,
            fragments: walk.fragments,
            operations,
        })
    }

    /// The number of root fields of an operation.
    pub fn roots(&self, operation: Option<&Name>) -> u64 {
        let found = self.operations.get(&operation.cloned());
        found.map_or(0, |operation| operation.size.roots)
    }

    /// What an operation costs with these variables.
    pub fn cost(&self, operation: Option<&Name>, variables: &Variables) -> u64 {
        let Some(operation) = self.operations.get(&operation.cloned()) else {
            return 0;
        };
        let given = Given {
            variables,
            defaults: &operation.defaults,
        };
        let mut fragments = Vec::with_capacity(self.fragments.len());
        // A fragment comes after those that it spreads.
        for fragment in &self.fragments {
            let cost = fragment.cost(&fragments, given);
            fragments.push(cost);
        }
        operation.sum.cost(&fragments, given).of_page(PAGE)
    }
}

struct Walk<'a> {
    schema_index: &'a SchemaIndex,
    definitions: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being analysed.
    known: HashMap<&'a Name, Option<(usize, Size)>>,
    fragments: Vec<Sum>,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Operation, FragmentCycle> {
        let root = match operation.ty {
            OperationType::Query => self.schema_index.query(),
            OperationType::Mutation => self.schema_index.mutation(),
            OperationType::Subscription => self.schema_index.subscription(),
        };
        let (sum, mut size) = self.set(&operation.selection_set.node, root)?;
        size.directives = size.directives.saturating_add(operation.directives.len() as u64);
        let defaults = operation.variable_definitions.iter().filter_map(|definition| {
            let definition = &definition.node;
            let value = definition.default_value.as_ref()?;
            Some((definition.name.node.clone(), value.node.clone()))
        });
        Ok(Operation {
            size,
            sum,
            defaults: defaults.collect(),
        })
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Option<(usize, Size)>, FragmentCycle> {
        if let Some(known) = self.known.get(name) {
            return known.map(Some).ok_or_else(|| FragmentCycle(name.clone()));
        }
        // An unknown fragment is validation's to say.
        let Some(definition) = self.definitions.get(name) else {
            return Ok(None);
        };
        let definition = &definition.node;
        self.known.insert(name, None);
        let of = self.schema_index.named(&definition.type_condition.node.on.node);
        let (sum, mut size) = self.set(&definition.selection_set.node, of)?;
        size.directives = size.directives.saturating_add(definition.directives.len() as u64);
        self.fragments.push(sum);
        let found = (self.fragments.len() - 1, size);
        self.known.insert(name, Some(found));
        Ok(Some(found))
    }

    fn set(&mut self, set: &'a SelectionSet, of: Option<TypeNo>) -> Result<(Sum, Size), FragmentCycle> {
        let (mut sum, mut size) = (Sum::default(), Size::default());
        for item in &set.items {
            let directives = item.node.directives().len() as u64;
            size.directives = size.directives.saturating_add(directives);
            size = size.beside(match &item.node {
                Selection::Field(field) => self.field(&field.node, of, &mut sum)?,
                Selection::FragmentSpread(spread) => match self.fragment(&spread.node.fragment_name.node)? {
                    Some((number, size)) => {
                        sum.terms.push(Term::Fragment(number));
                        size
                    }
                    None => Size::default(),
                },
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let of =
                        condition.map_or(of, |condition| self.schema_index.named(&condition.node.on.node));
                    let (inner, size) = self.set(&inline.node.selection_set.node, of)?;
                    sum.leaves = sum.leaves.saturating_add(inner.leaves);
                    sum.terms.extend(inner.terms);
                    size
                }
            });
        }
        Ok((sum, size))
    }

    fn field(&mut self, field: &'a Field, of: Option<TypeNo>, sum: &mut Sum) -> Result<Size, FragmentCycle> {
        let name = field.name.node.as_str();
        let shape = self.schema_index.field(of, name);
        let mut size = Size {
            roots: 1,
            selections: 1,
            aliases: u64::from(field.alias.is_some()),
            directives: 0,
            depth: 1,
            introspection: u64::from(of.is_none() && INTROSPECTION_LISTS.contains(&name)),
        };
        if field.selection_set.node.items.is_empty() {
            sum.leaves = sum.leaves.saturating_add(own(shape));
            return Ok(size);
        }
        let (children, below) = self.set(&field.selection_set.node, shape.child)?;
        size.selections = size.selections.saturating_add(below.selections);
        size.aliases = size.aliases.saturating_add(below.aliases);
        size.directives = below.directives;
        size.depth = size.depth.saturating_add(below.depth);
        size.introspection = size.introspection.saturating_add(below.introspection);
        let items = items(shape.many, field);
        sum.terms.push(Term::Field {
            items,
            own: own(shape),
            children,
        });
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
