//! The limits of one request.

use std::sync::Arc;

use super::analysis::Size;
use super::scan::TokenCounts;
use crate::call_budget::CallBudget;
use crate::error::{Code, Error, Result};

/// The limits of a document and of a batch. Exceeding one is `QUERY_TOO_COMPLEX`, with the actual number and the limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Lexical tokens of the document: names, numbers, strings, punctuators.
    pub tokens: usize,
    /// Nesting depth of brackets.
    pub nesting: usize,
    /// Nesting depth of fields, with fragments expanded.
    pub depth: u64,
    /// Fields, with fragments expanded.
    pub selections: u64,
    pub aliases: u64,
    pub directives: u64,
    /// Root fields in the whole batch.
    pub roots: u64,
    /// Cost of the whole batch: fields, with those below a list counted once for each item.
    pub cost: u64,
    /// Nesting depth of introspection's lists.
    pub introspection: u64,
    /// Values in the variables, including nested ones.
    pub values: usize,
    /// Operations of a batch.
    pub batch: usize,
    /// Calls to the backend, such as database statements, by the queries of a request. The engine counts them.
    pub calls: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 10,
            tokens: 5_000,
            nesting: 60,
            depth: 15,
            selections: 5_000,
            aliases: 50,
            directives: 50,
            roots: 30,
            cost: 20_000,
            introspection: 2,
            values: 30_000,
            batch: 9,
            calls: 100,
        }
    }
}

impl Limits {
    /// Checks a text before it is parsed.
    pub fn text(&self, text: &str, count_tokens: impl FnOnce(&str) -> TokenCounts) -> Result<()> {
        check("bytes", text.len() as u64, self.bytes as u64)?;
        let counts = count_tokens(text);
        check("tokens", counts.tokens as u64, self.tokens as u64)?;
        check("nested brackets", counts.nesting as u64, self.nesting as u64)
    }

    /// Checks a document before it is validated.
    pub fn document(&self, size: &Size) -> Result<()> {
        check("levels of fields", size.depth, self.depth)?;
        check(
            "fields, with fragments expanded",
            size.selections,
            self.selections,
        )?;
        check("aliases", size.aliases, self.aliases)?;
        check("directives", size.directives, self.directives)?;
        check(
            "nested lists of introspection",
            size.introspection,
            self.introspection,
        )
    }

    pub fn variables(&self, values: usize) -> Result<()> {
        if values <= self.values {
            return Ok(());
        }
        let message = format!("The variables hold more than {} values.", self.values);
        Err(Error::new(Code::QueryTooComplex, message).at("variables"))
    }
}

fn check(unit: &str, found: u64, max: u64) -> Result<()> {
    if found <= max {
        return Ok(());
    }
    // The sum saturated.
    let found = match found {
        u64::MAX => "more than can be counted".to_owned(),
        found => found.to_string(),
    };
    let message = format!("The document has too many {unit}: {found}; at most {max} are allowed.");
    Err(Error::new(Code::QueryTooComplex, message).at("query"))
}

/// What the operations of one request have used so far.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    limits: Limits,
    roots: u64,
    cost: u64,
    calls: Arc<CallBudget>,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            roots: 0,
            cost: 0,
            calls: CallBudget::new(limits.calls),
        }
    }

    /// Shared by all queries of the request.
    pub fn calls(&self) -> Arc<CallBudget> {
        Arc::clone(&self.calls)
    }

    /// Adds an operation. A refused one uses nothing.
    pub fn spend(&mut self, roots: u64, cost: u64) -> Result<()> {
        let roots = self.roots.saturating_add(roots);
        check("root fields", roots, self.limits.roots)?;
        let cost = self.cost.saturating_add(cost);
        if cost <= self.limits.cost {
            (self.roots, self.cost) = (roots, cost);
            return Ok(());
        }
        let message = format!(
            "This request costs {cost}; at most {} is allowed. A field costs 1, a connection or `totalCount` \
             10, and fields below a list count once per item. Ask for fewer items with `first`, or for fewer fields.",
            self.limits.cost
        );
        Err(Error::new(Code::QueryTooComplex, message).at("query"))
    }
}
