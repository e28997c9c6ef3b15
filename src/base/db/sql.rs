//! Hand-written SQL for what diesel's query builder can't express. It is prepared once per connection, like typed queries:
//! `diesel::sql_query` and `diesel::dsl::sql` prepare it again on each call, which costs one more round trip and one more plan.
//!
//! Each `?` is a placeholder for a `bind`, in their order. The text must be a constant or be built from constants.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::str::Split;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, SqlType, Untyped};
use diesel::{QueryResult, RunQueryDsl};

/// A whole statement; its rows are read by column name.
pub fn statement(text: impl Into<Cow<'static, str>>) -> Statement<()> {
    Statement {
        text: text.into(),
        binds: (),
    }
}

/// A fragment of a typed query, of type `T`: a condition for `filter`, an order, a value.
pub(crate) fn fragment<T>(text: impl Into<Cow<'static, str>>) -> Fragment<T, ()> {
    Fragment(statement(text), PhantomData)
}

/// A condition that is always true, and makes PostgreSQL plan the statement with the values of each execution. Otherwise it chooses a
/// plan for any values after the fifth execution, if that looks cheap: for an account of average size, which is small if there are
/// many. It then reads all contacts of a large account, and those of all accounts that match a search. Only a plan with the values
/// can leave out what looks endless here.
pub(crate) fn planned_with_values() -> Fragment<Bool, ((), Bind<Bool, bool>)> {
    fragment("(? or (select sum(n) from generate_series(1, 1000000000) n) > 0)").bind::<Bool, _>(true)
}

#[derive(Debug, Clone)]
pub struct Statement<B> {
    text: Cow<'static, str>,
    binds: B,
}

#[derive(Debug, Clone)]
pub(crate) struct Fragment<T, B>(Statement<B>, PhantomData<T>);

/// A value and its SQL type.
#[derive(Debug, Clone)]
pub(crate) struct Bind<T, U>(U, PhantomData<T>);

impl<B> Statement<B> {
    pub(crate) fn bind<T, U>(self, value: U) -> Statement<(B, Bind<T, U>)> {
        Statement {
            text: self.text,
            binds: (self.binds, Bind(value, PhantomData)),
        }
    }
}

impl<P, B> Fragment<P, B> {
    pub(crate) fn bind<T, U>(self, value: U) -> Fragment<P, (B, Bind<T, U>)> {
        Fragment(self.0.bind(value), PhantomData)
    }
}

/// The values of the placeholders. Each pushes itself and the text up to the next placeholder.
pub(crate) trait Binds {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, parts: &mut Split<'b, char>) -> QueryResult<()>;
}

impl Binds for () {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, parts: &mut Split<'b, char>) -> QueryResult<()> {
        out.push_sql(parts.next().unwrap_or_default());
        Ok(())
    }
}

impl<B: Binds, T, U: ToSql<T, Pg>> Binds for (B, Bind<T, U>)
where
    Pg: HasSqlType<T>,
{
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, parts: &mut Split<'b, char>) -> QueryResult<()> {
        self.0.push(out, parts)?;
        out.push_bind_param::<T, U>(&self.1.0)?;
        out.push_sql(parts.next().unwrap_or_default());
        Ok(())
    }
}

impl<B: Binds> QueryFragment<Pg> for Statement<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.binds.push(&mut out, &mut self.text.split('?'))
    }
}

impl<P, B: Binds> QueryFragment<Pg> for Fragment<P, B> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

/// The statement cache uses the text as its key, not the type.
impl<B> QueryId for Statement<B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<P, B> QueryId for Fragment<P, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> Query for Statement<B> {
    type SqlType = Untyped;
}

impl<B, C> RunQueryDsl<C> for Statement<B> {}

impl<P: SqlType + TypedExpressionType, B> Expression for Fragment<P, B> {
    type SqlType = P;
}

impl<P, B, S> SelectableExpression<S> for Fragment<P, B> where Self: Expression {}

impl<P, B, S> AppearsOnTable<S> for Fragment<P, B> where Self: Expression {}

impl<P, B, G> ValidGrouping<G> for Fragment<P, B> {
    type IsAggregate = is_aggregate::Never;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::sql_types::{Integer, Text};

    use super::*;

    #[test]
    fn placeholders_become_numbered_parameters() {
        let query = statement("select ?, ? from x")
            .bind::<Integer, _>(7)
            .bind::<Text, _>("a");
        let shown = debug_query::<Pg, _>(&query).to_string();
        assert_eq!(shown, "select $1, $2 from x -- binds: [7, \"a\"]");
    }
}
