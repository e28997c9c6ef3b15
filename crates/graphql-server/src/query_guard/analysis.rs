//! Analyses a document: its size with fragments expanded, and an expression of its cost for any variables. Each fragment is
//! analysed once, however often it is spread.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};

use super::cost::{CostExpression, DEFAULT_PAGE, Term, VariableValues, field_cost, items};
use super::schema_index::{SchemaIndex, TypeId};

/// The lists by which introspection can recurse, as in graphql-js' `MaxIntrospectionDepthRule`.
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
    /// The size of two selections in the same set.
    fn combine(self, other: Self) -> Self {
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
    /// Of all operations together, and of the fragments that none of them spreads: validation visits all of them.
    pub size: Size,
    fragments: Vec<CostExpression>,
    operations: HashMap<Option<Name>, Operation>,
}

#[derive(Debug)]
struct Operation {
    size: Size,
    sum: CostExpression,
    defaults: HashMap<Name, ConstValue>,
}

/// A fragment that contains itself.
#[derive(Debug, PartialEq, Eq)]
pub struct FragmentCycle(pub Name);

impl Analysis {
    pub fn new(document: &ExecutableDocument, schema_index: &SchemaIndex) -> Result<Self, FragmentCycle> {
        let mut analyzer = Analyzer {
            schema_index,
            definitions: &document.fragments,
            analyzed: HashMap::new(),
            fragments: Vec::new(),
        };
        let mut size = Size::default();
        let mut operations = HashMap::new();
        for (name, operation) in document.operations.iter() {
            let operation = analyzer.operation(&operation.node)?;
            size = size.combine(operation.size);
            operations.insert(name.cloned(), operation);
        }
        // Validation also visits fragments that no operation spreads.
        let spread: HashSet<&Name> = analyzer.analyzed.keys().copied().collect();
        for name in document.fragments.keys().filter(|name| !spread.contains(name)) {
            if let Some((_, fragment_size)) = analyzer.fragment(name)? {
                size = size.combine(fragment_size);
            }
        }
        Ok(Self {
            size,
            fragments: analyzer.fragments,
            operations,
        })
    }

    /// The number of root fields of an operation.
    pub fn roots(&self, operation: Option<&Name>) -> u64 {
        let found = self.operations.get(&operation.cloned());
        found.map_or(0, |operation| operation.size.roots)
    }

    /// The cost of an operation with these variables.
    pub fn cost(&self, operation: Option<&Name>, variables: &Variables) -> u64 {
        let Some(operation) = self.operations.get(&operation.cloned()) else {
            return 0;
        };
        let values = VariableValues {
            variables,
            defaults: &operation.defaults,
        };
        let mut fragments = Vec::with_capacity(self.fragments.len());
        // A fragment comes after the fragments that it spreads.
        for fragment in &self.fragments {
            let cost = fragment.cost(&fragments, values);
            fragments.push(cost);
        }
        operation.sum.cost(&fragments, values).for_items(DEFAULT_PAGE)
    }
}

struct Analyzer<'a> {
    schema_index: &'a SchemaIndex,
    definitions: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being analysed.
    analyzed: HashMap<&'a Name, Option<(usize, Size)>>,
    fragments: Vec<CostExpression>,
}

impl<'a> Analyzer<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Operation, FragmentCycle> {
        let root = match operation.ty {
            OperationType::Query => self.schema_index.query(),
            OperationType::Mutation => self.schema_index.mutation(),
            OperationType::Subscription => self.schema_index.subscription(),
        };
        let (sum, mut size) = self.selection_set(&operation.selection_set.node, root)?;
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
        if let Some(analyzed) = self.analyzed.get(name) {
            return analyzed.map(Some).ok_or_else(|| FragmentCycle(name.clone()));
        }
        // Validation reports an unknown fragment.
        let Some(definition) = self.definitions.get(name) else {
            return Ok(None);
        };
        let definition = &definition.node;
        self.analyzed.insert(name, None);
        let parent = self.schema_index.named(&definition.type_condition.node.on.node);
        let (sum, mut size) = self.selection_set(&definition.selection_set.node, parent)?;
        size.directives = size.directives.saturating_add(definition.directives.len() as u64);
        self.fragments.push(sum);
        let found = (self.fragments.len() - 1, size);
        self.analyzed.insert(name, Some(found));
        Ok(Some(found))
    }

    fn selection_set(
        &mut self,
        set: &'a SelectionSet,
        parent: Option<TypeId>,
    ) -> Result<(CostExpression, Size), FragmentCycle> {
        let (mut sum, mut size) = (CostExpression::default(), Size::default());
        for item in &set.items {
            let directives = item.node.directives().len() as u64;
            size.directives = size.directives.saturating_add(directives);
            size = size.combine(match &item.node {
                Selection::Field(field) => self.field(&field.node, parent, &mut sum)?,
                Selection::FragmentSpread(spread) => match self.fragment(&spread.node.fragment_name.node)? {
                    Some((number, size)) => {
                        sum.terms.push(Term::Fragment(number));
                        size
                    }
                    None => Size::default(),
                },
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| {
                        self.schema_index.named(&condition.node.on.node)
                    });
                    let (inner, size) = self.selection_set(&inline.node.selection_set.node, parent)?;
                    sum.leaves = sum.leaves.saturating_add(inner.leaves);
                    sum.terms.extend(inner.terms);
                    size
                }
            });
        }
        Ok((sum, size))
    }

    fn field(
        &mut self,
        field: &'a Field,
        parent: Option<TypeId>,
        sum: &mut CostExpression,
    ) -> Result<Size, FragmentCycle> {
        let name = field.name.node.as_str();
        let info = self.schema_index.field(parent, name);
        let mut size = Size {
            roots: 1,
            selections: 1,
            aliases: u64::from(field.alias.is_some()),
            directives: 0,
            depth: 1,
            introspection: u64::from(parent.is_none() && INTROSPECTION_LISTS.contains(&name)),
        };
        if field.selection_set.node.items.is_empty() {
            sum.leaves = sum.leaves.saturating_add(field_cost(info));
            return Ok(size);
        }
        let (children, nested) = self.selection_set(&field.selection_set.node, info.child)?;
        size.selections = size.selections.saturating_add(nested.selections);
        size.aliases = size.aliases.saturating_add(nested.aliases);
        size.directives = nested.directives;
        size.depth = size.depth.saturating_add(nested.depth);
        size.introspection = size.introspection.saturating_add(nested.introspection);
        let items = items(info.multiplicity, field);
        sum.terms.push(Term::Field {
            items,
            fixed: field_cost(info),
            children,
        });
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
