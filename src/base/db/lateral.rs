//! One query for each of many owners, in one statement: pages and counts of the lists that belong to the rows of a list.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::text;
use super::text::Part;

/// The owner at hand, inside of a query that is asked [`for_each`] of them; `T` is the type of the column it is compared with.
pub(crate) fn owner<T>() -> Part<T, ()> {
    text::part("owner.id")
}

/// The rows of the query for each owner, behind the owner's id and in the query's order: PostgreSQL goes through the owners in
/// a loop, as the inner query needs each of them.
pub(crate) fn for_each<Q>(owners: &[Uuid], query: Q) -> ForEach<Q> {
    ForEach {
        owners: owners.to_vec(),
        query,
    }
}

#[derive(Debug)]
pub(crate) struct ForEach<Q> {
    owners: Vec<Uuid>,
    query: Q,
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for ForEach<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT owner.id, page.* FROM unnest(");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.owners)?;
        out.push_sql(") AS owner(id) CROSS JOIN LATERAL (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") AS page");
        Ok(())
    }
}

/// Prepared by its text, not by its type.
impl<Q> QueryId for ForEach<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for ForEach<Q> {
    type SqlType = (SqlUuid, Q::SqlType);
}

impl<Q, C> RunQueryDsl<C> for ForEach<Q> {}
