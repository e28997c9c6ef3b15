//! The cost of a selection set, as an expression: the number of items of a list may be a variable.
//!
//! A field costs 1, a field that needs its own statement [`STATEMENT_COST`], and the fields below a list count once for each
//! item. A connection has `first` or `last` items, a list by `ids` or `emails` as many as there are of them, any other list
//! [`DEFAULT_LIST`].

use std::collections::HashMap;

use async_graphql::parser::types::Field;
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::schema_index::{FieldInfo, Multiplicity};

/// The number of items of a page without `first` and `last`.
pub const DEFAULT_PAGE: u64 = 20;

/// The largest page. Resolvers refuse larger numbers.
const MAX_PAGE: u64 = 100;

/// The cost of a field that needs its own statement: a connection, and its `totalCount`.
const STATEMENT_COST: u64 = 10;

/// The assumed number of items of a list without a page size.
const DEFAULT_LIST: u64 = 20;

/// The cost of a selection set: a fixed part, and a part for each item of the surrounding page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub fixed: u64,
    pub per_item: u64,
}

impl Cost {
    pub fn for_items(self, items: u64) -> u64 {
        self.fixed.saturating_add(self.per_item.saturating_mul(items))
    }

    fn combine(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.saturating_add(other.fixed),
            per_item: self.per_item.saturating_add(other.per_item),
        }
    }
}

/// The cost of a selection set as a sum of terms, whose numbers of items may be variables.
#[derive(Clone, Debug, Default)]
pub struct CostExpression {
    pub leaves: u64,
    pub terms: Vec<Term>,
}

#[derive(Clone, Debug)]
pub enum Term {
    Field {
        items: Items,
        fixed: u64,
        children: CostExpression,
    },
    Fragment(usize),
}

#[derive(Clone, Debug)]
pub enum Items {
    One,
    ParentPage,
    Page(Vec<Value>),
    List(Option<Value>),
}

/// The cost of a field without its selection set.
pub fn field_cost(info: FieldInfo) -> u64 {
    if info.statement { STATEMENT_COST } else { 1 }
}

pub fn items(multiplicity: Multiplicity, field: &Field) -> Items {
    let argument = |name| field.get_argument(name).map(|value| value.node.clone());
    match multiplicity {
        Multiplicity::One => Items::One,
        Multiplicity::Page => Items::ParentPage,
        Multiplicity::Connection => Items::Page(["first", "last"].into_iter().filter_map(argument).collect()),
        Multiplicity::List => Items::List(["ids", "emails"].into_iter().find_map(argument)),
    }
}

#[derive(Clone, Copy)]
pub struct VariableValues<'a> {
    pub variables: &'a Variables,
    pub defaults: &'a HashMap<Name, ConstValue>,
}

impl VariableValues<'_> {
    fn value(&self, name: &Name) -> Option<&ConstValue> {
        self.variables.get(name).or_else(|| self.defaults.get(name))
    }

    fn page(&self, size: &Value) -> u64 {
        let number = match size {
            Value::Variable(name) => match self.value(name) {
                Some(ConstValue::Number(number)) => number.as_i64(),
                Some(ConstValue::Null) | None => return 0,
                Some(_) => None,
            },
            Value::Number(number) => number.as_i64(),
            Value::Null => return 0,
            _ => None,
        };
        number.map_or(MAX_PAGE, |number| number.clamp(0, MAX_PAGE as i64).unsigned_abs())
    }

    pub fn items(&self, items: &Items) -> u64 {
        match items {
            Items::One | Items::ParentPage => 1,
            Items::Page(sizes) => {
                let largest = sizes.iter().map(|size| self.page(size)).max();
                largest.filter(|largest| *largest > 0).unwrap_or(DEFAULT_PAGE)
            }
            Items::List(Some(Value::List(ids))) => ids.len() as u64,
            Items::List(Some(Value::Variable(name))) => match self.value(name) {
                Some(ConstValue::List(ids)) => ids.len() as u64,
                _ => 1,
            },
            Items::List(Some(_)) => 1,
            Items::List(None) => DEFAULT_LIST,
        }
    }
}

impl CostExpression {
    pub fn cost(&self, fragments: &[Cost], values: VariableValues<'_>) -> Cost {
        let mut all = Cost {
            fixed: self.leaves,
            per_item: 0,
        };
        for term in &self.terms {
            all = all.combine(match term {
                Term::Fragment(number) => fragments.get(*number).copied().unwrap_or_default(),
                Term::Field {
                    items,
                    fixed,
                    children,
                } => {
                    let children = children.cost(fragments, values);
                    match items {
                        Items::ParentPage => Cost {
                            fixed: *fixed,
                            per_item: children.for_items(DEFAULT_PAGE),
                        },
                        Items::One => Cost {
                            fixed: children.for_items(DEFAULT_PAGE).saturating_add(*fixed),
                            per_item: 0,
                        },
                        Items::Page(_) => Cost {
                            fixed: children.for_items(values.items(items)).saturating_add(*fixed),
                            per_item: 0,
                        },
                        Items::List(_) => {
                            let one = children.for_items(DEFAULT_PAGE);
                            Cost {
                                fixed: one.saturating_mul(values.items(items)).saturating_add(*fixed),
                                per_item: 0,
                            }
                        }
                    }
                }
            });
        }
        all
    }
}
