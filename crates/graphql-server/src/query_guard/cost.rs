//! What a selection set costs, as a sum whose numbers of items may be variables.
//!
//! Every field counts one, one that takes a statement of its own [`STATEMENT`], and what is below a list counts once for each
//! item that may come. A connection has `first` or `last`
//! items, a list by `ids` as many as there are, any other list [`LIST`].

use std::collections::HashMap;

use async_graphql::parser::types::Field;
use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::schema_index::{FieldInfo, Multiplicity};

/// How many items a page has that is asked for without a number.
pub const PAGE: u64 = 20;

/// The largest page; a larger number is refused by its resolver.
const LARGEST_PAGE: u64 = 100;

/// What a field costs that takes a statement of its own: a connection, and its `totalCount`.
const STATEMENT: u64 = 10;

/// How many items a list without a page size is taken for.
const LIST: u64 = 20;

/// What a selection set costs: what it has itself, and what it has for each item of the page around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub own: u64,
    pub per_item: u64,
}

impl Cost {
    pub fn of_page(self, items: u64) -> u64 {
        self.own.saturating_add(self.per_item.saturating_mul(items))
    }

    fn beside(self, other: Self) -> Self {
        Self {
            own: self.own.saturating_add(other.own),
            per_item: self.per_item.saturating_add(other.per_item),
        }
    }
}

/// The cost of a selection set as a sum, whose numbers of items may be variables.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    pub leaves: u64,
    pub terms: Vec<Term>,
}

#[derive(Clone, Debug)]
pub enum Term {
    Field { items: Items, own: u64, children: Sum },
    Fragment(usize),
}

#[derive(Clone, Debug)]
pub enum Items {
    One,
    OfPage,
    Page(Vec<Value>),
    List(Option<Value>),
}

/// What a field costs without what is below it.
pub fn own(shape: FieldInfo) -> u64 {
    if shape.statement { STATEMENT } else { 1 }
}

pub fn items(many: Multiplicity, field: &Field) -> Items {
    let argument = |name| field.get_argument(name).map(|value| value.node.clone());
    match many {
        Multiplicity::One => Items::One,
        Multiplicity::Page => Items::OfPage,
        Multiplicity::Connection => Items::Page(["first", "last"].into_iter().filter_map(argument).collect()),
        Multiplicity::List => Items::List(argument("ids")),
    }
}

#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub variables: &'a Variables,
    pub defaults: &'a HashMap<Name, ConstValue>,
}

impl Given<'_> {
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
        number.map_or(LARGEST_PAGE, |number| {
            number.clamp(0, LARGEST_PAGE as i64).unsigned_abs()
        })
    }

    pub fn items(&self, items: &Items) -> u64 {
        match items {
            Items::One | Items::OfPage => 1,
            Items::Page(sizes) => {
                let largest = sizes.iter().map(|size| self.page(size)).max();
                largest.filter(|largest| *largest > 0).unwrap_or(PAGE)
            }
            Items::List(Some(Value::List(ids))) => ids.len() as u64,
            Items::List(Some(Value::Variable(name))) => match self.value(name) {
                Some(ConstValue::List(ids)) => ids.len() as u64,
                _ => 1,
            },
            Items::List(Some(_)) => 1,
            Items::List(None) => LIST,
        }
    }
}

impl Sum {
    pub fn cost(&self, fragments: &[Cost], given: Given<'_>) -> Cost {
        let mut all = Cost {
            own: self.leaves,
            per_item: 0,
        };
        for term in &self.terms {
            all = all.beside(match term {
                Term::Fragment(number) => fragments.get(*number).copied().unwrap_or_default(),
                Term::Field { items, own, children } => {
                    let children = children.cost(fragments, given);
                    match items {
                        Items::OfPage => Cost {
                            own: *own,
                            per_item: children.of_page(PAGE),
                        },
                        Items::One => Cost {
                            own: children.of_page(PAGE).saturating_add(*own),
                            per_item: 0,
                        },
                        Items::Page(_) => Cost {
                            own: children.of_page(given.items(items)).saturating_add(*own),
                            per_item: 0,
                        },
                        Items::List(_) => {
                            let one = children.of_page(PAGE);
                            Cost {
                                own: one.saturating_mul(given.items(items)).saturating_add(*own),
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
