//! How much one request may ask for.

use std::sync::Arc;

use super::analysis::Size;
use super::scan::Weight;
use crate::call_budget::CallBudget;
use crate::error::{Code, Error, Result};

/// The limits of a document and of a batch. Over each of them: `QUERY_TOO_COMPLEX`, with the figure and the limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Names, numbers, strings and signs of the document.
    pub tokens: usize,
    /// Brackets inside brackets.
    pub nesting: usize,
    /// Fields inside fields, with all fragments written out.
    pub depth: u64,
    /// Fields, with all fragments written out.
    pub selections: u64,
    pub aliases: u64,
    pub directives: u64,
    /// Fields on the first level, in the whole batch.
    pub roots: u64,
    /// Fields, those below a list once for each item that may come; in the whole batch.
    pub cost: u64,
    /// Lists of introspection inside one another.
    pub introspection: u64,
    /// Values inside the variables.
    pub values: usize,
    /// Operations of a batch.
    pub batch: usize,
    /// Calls to the backend, as statements of a database, that the queries of a request may make. The engine counts them.
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
    /// Before the parser sees it.
    pub fn text(&self, text: &str, weigh: impl FnOnce(&str) -> Weight) -> Result<()> {
        within("bytes", text.len() as u64, self.bytes as u64)?;
        let weight = weigh(text);
        within("tokens", weight.tokens as u64, self.tokens as u64)?;
        within("nested brackets", weight.nesting as u64, self.nesting as u64)
    }

    /// Before validation sees it.
    pub fn document(&self, size: &Size) -> Result<()> {
        within("levels of fields", size.depth, self.depth)?;
        within(
            "fields, with fragments expanded",
            size.selections,
            self.selections,
        )?;
        within("aliases", size.aliases, self.aliases)?;
        within("directives", size.directives, self.directives)?;
        within(
            "nested lists of introspection",
            size.introspection,
            self.introspection,
        )
    }

    pub fn variables(&self, values: usize) -> Result<()> {
        if values <= self.values {
            return Ok(());
        }
        let words = format!("The variables hold more than {} values.", self.values);
        Err(Error::new(Code::QueryTooComplex, words).at("variables"))
    }
}

fn within(what: &str, found: u64, most: u64) -> Result<()> {
    if found <= most {
        return Ok(());
    }
    // A sum that no longer fits its number says only that.
    let found = match found {
        u64::MAX => "more than can be counted".to_owned(),
        found => found.to_string(),
    };
    let words = format!("The document has too many {what}: {found}; at most {most} are allowed.");
    Err(Error::new(Code::QueryTooComplex, words).at("query"))
}

/// What is left for the operations of one request.
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

    /// What all its queries share.
    pub fn calls(&self) -> Arc<CallBudget> {
        Arc::clone(&self.calls)
    }

    /// Takes an operation's share; what is refused takes nothing.
    pub fn spend(&mut self, roots: u64, cost: u64) -> Result<()> {
        let roots = self.roots.saturating_add(roots);
        within("root fields", roots, self.limits.roots)?;
        let cost = self.cost.saturating_add(cost);
        if cost <= self.limits.cost {
            (self.roots, self.cost) = (roots, cost);
            return Ok(());
        }
        let words = format!(
            "This request costs {cost}; at most {} is allowed. A field costs 1, a connection or `totalCount` \
             10, and fields below a list count once per item. Ask for fewer items with `first`, or for fewer fields.",
            self.limits.cost
        );
        Err(Error::new(Code::QueryTooComplex, words).at("query"))
    }
}
