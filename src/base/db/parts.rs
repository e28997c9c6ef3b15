//! Reads a page of a list whose order has no index of its own, in parts that have one: all parts in one statement, merged.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Text};

use super::sql;
use super::sql::Fragment;

/// The parts of a list: one for each combination of values of the columns. An index of the columns, then the id, has each part in
/// the list's order.
#[derive(Debug)]
pub(crate) struct Parts {
    pub columns: &'static [&'static str],
    /// The values of each column, each once.
    pub values: Vec<Vec<String>>,
}

impl Parts {
    /// Whether a row belongs to the current part. It compares with ranges, so that only the index of the columns has the order: with an
    /// equality that many rows meet, PostgreSQL would take the index of all ids and skip the rows of other parts, which may be all of
    /// the newest million.
    pub(crate) fn condition(&self) -> Fragment<Bool, ()> {
        let columns = self.columns.join(", ");
        let values = self.columns.iter().map(|column| format!("by_{column}.value"));
        let values = values.collect::<Vec<_>>().join(", ");
        sql::fragment(format!(
            "(row({columns}) >= row({values}) and row({columns}) <= row({values}))"
        ))
    }

    pub(crate) fn order(&self, direction: &str) -> Fragment<Text, ()> {
        let columns = self.columns.iter().chain(&["id"]);
        let columns = columns.map(|column| format!("{column} {direction}"));
        sql::fragment(columns.collect::<Vec<_>>().join(", "))
    }

    /// The first rows of all parts, ordered by id; `query` reads as many of one part.
    pub(crate) fn merge<Q>(self, query: Q, direction: &'static str, limit: i64) -> Merged<Q> {
        Merged {
            parts: self,
            query,
            direction,
            limit,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Merged<Q> {
    parts: Parts,
    query: Q,
    direction: &'static str,
    limit: i64,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Merged<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT page.* FROM ");
        for (column, values) in self.parts.columns.iter().zip(&self.parts.values) {
            out.push_sql("unnest(");
            out.push_bind_param::<Array<Text>, _>(values)?;
            out.push_sql(") AS by_");
            out.push_sql(column);
            out.push_sql("(value) CROSS JOIN ");
        }
        out.push_sql("LATERAL (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") AS page ORDER BY page.id ");
        out.push_sql(self.direction);
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

/// The statement cache uses the text as its key, not the type.
impl<Q> QueryId for Merged<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Merged<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Merged<Q> {}
