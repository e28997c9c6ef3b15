//! Runs one query per owner in one statement: for the pages and counts of lists that belong to the rows of another list.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::sql;
use super::sql::Fragment;

/// The current owner's id, for a query passed to [`for_each`]; `T` is the type of the column it is compared with.
pub(crate) fn owner<T>() -> Fragment<T, ()> {
    sql::fragment("owner.id")
}

/// The rows of the query for each owner, preceded by the owner's id and in the query's order. PostgreSQL runs the query once
/// per owner.
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

/// The statement cache uses the text as its key, not the type.
impl<Q> QueryId for ForEach<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for ForEach<Q> {
    type SqlType = (SqlUuid, Q::SqlType);
}

impl<Q, C> RunQueryDsl<C> for ForEach<Q> {}
