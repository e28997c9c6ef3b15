//! Texts of SQL that diesel's language has no words for. They are prepared once on each connection, as typed queries are:
//! `diesel::sql_query` and `diesel::dsl::sql` prepare anew at each call, a round trip and a plan more.
//!
//! `?` stands where a value comes, in the order of the `bind`s. A text is a constant of ours, or put together from such.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::str::Split;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, SqlType, Untyped};
use diesel::{QueryResult, RunQueryDsl};

/// A whole statement; its rows are read by the names of their columns.
pub fn statement(text: impl Into<Cow<'static, str>>) -> Statement<()> {
    Statement {
        text: text.into(),
        binds: (),
    }
}

/// A part of a typed query, of type `T`: a condition for `filter`, an order, a value.
pub(crate) fn part<T>(text: impl Into<Cow<'static, str>>) -> Part<T, ()> {
    Part(statement(text), PhantomData)
}

#[derive(Debug, Clone)]
pub struct Statement<B> {
    text: Cow<'static, str>,
    binds: B,
}

#[derive(Debug, Clone)]
pub(crate) struct Part<T, B>(Statement<B>, PhantomData<T>);

/// A value and its type in SQL.
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

impl<P, B> Part<P, B> {
    pub(crate) fn bind<T, U>(self, value: U) -> Part<P, (B, Bind<T, U>)> {
        Part(self.0.bind(value), PhantomData)
    }
}

/// Values, each followed by the part of the text after it.
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

impl<P, B: Binds> QueryFragment<Pg> for Part<P, B> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

/// Prepared by its text, not by its type.
impl<B> QueryId for Statement<B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<P, B> QueryId for Part<P, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> Query for Statement<B> {
    type SqlType = Untyped;
}

impl<B, C> RunQueryDsl<C> for Statement<B> {}

impl<P: SqlType + TypedExpressionType, B> Expression for Part<P, B> {
    type SqlType = P;
}

impl<P, B, S> SelectableExpression<S> for Part<P, B> where Self: Expression {}

impl<P, B, S> AppearsOnTable<S> for Part<P, B> where Self: Expression {}

impl<P, B, G> ValidGrouping<G> for Part<P, B> {
    type IsAggregate = is_aggregate::Never;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::sql_types::{Integer, Text};

    use super::*;

    #[test]
    fn values_stand_where_the_text_asks_for_them() {
        let query = statement("select ?, ? from x")
            .bind::<Integer, _>(7)
            .bind::<Text, _>("a");
        let shown = debug_query::<Pg, _>(&query).to_string();
        assert_eq!(shown, "select $1, $2 from x -- binds: [7, \"a\"]");
    }
}
