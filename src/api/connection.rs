//! Relay connections: errors name their argument, page sizes are limited, and `totalCount` costs nothing unless it is selected.
//!
//! To add a list: implement [`Listed`] for its node, and [`Counted`] for the filter that selects its rows.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};

use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::page::{Page, Position};

/// A type whose objects are listed in connections.
pub(crate) trait Listed: OutputType {
    /// The filter that selects the rows of the list.
    type Of: Counted;
}

/// A filter whose rows can be counted.
pub(crate) trait Counted: Send + Sync {
    fn count(&self, ctx: &Context<'_>, account: AccountId) -> impl Future<Output = Result<i64>> + Send;
}

/// Where a page lies in its list.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct PageInfo {
    /// Whether there is more before this page; with `first`, whether a cursor was passed.
    pub has_previous_page: bool,
    /// Whether there is more after this page; with `last`, whether a cursor was passed.
    pub has_next_page: bool,
    /// The cursor of the first row of this page: pass it as `before`.
    pub start_cursor: Option<String>,
    /// The cursor of the last row of this page: pass it as `after`.
    pub end_cursor: Option<String>,
}

pub(crate) struct Connection<N: Listed> {
    edges: Vec<Edge<N>>,
    has_previous_page: bool,
    has_next_page: bool,
    account: AccountId,
    of: N::Of,
}

pub(crate) struct Edge<N: Listed> {
    node: N,
    position: Position,
    list: Arc<str>,
}

impl<N: Listed> Edge<N> {
    fn encode_cursor(&self) -> String {
        self.position.cursor(&self.list)
    }
}

impl<N: Listed> Connection<N> {
    /// `list` names the list and its order, as in [`crate::base::page::PageRequest::parse`].
    pub(crate) fn new<M: Into<N>>(
        list: &str,
        page: Page<M>,
        position: impl Fn(&M) -> Position,
        account: AccountId,
        of: N::Of,
    ) -> Self {
        let list: Arc<str> = list.into();
        let edge = |row: M| Edge {
            position: position(&row),
            node: row.into(),
            list: Arc::clone(&list),
        };
        Self {
            edges: page.rows.into_iter().map(edge).collect(),
            has_previous_page: page.has_previous,
            has_next_page: page.has_next,
            account,
            of,
        }
    }
}

/// One page of a list.
#[Object(name_type)]
impl<N: Listed> Connection<N> {
    /// The items with their cursors.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The items without cursors.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The position of this page, with the cursors for the next ones.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(Edge::encode_cursor),
            end_cursor: self.edges.last().map(Edge::encode_cursor),
        }
    }

    /// The number of items in the whole list. It is counted only if selected, so leave it out if you don't show it.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = Box::pin(self.of.count(ctx, self.account)).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

impl<N: Listed> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// An item of a list with its cursor.
#[Object(name_type)]
impl<N: Listed> Edge<N> {
    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }

    /// The position in the list: pass it as `after` or `before`. Opaque.
    async fn cursor(&self) -> String {
        self.encode_cursor()
    }
}

impl<N: Listed> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// A nullable field: null if there is no value, and an error nulls this field only. The work is boxed, because the future of
/// every field of a type is as large as that of the largest.
pub(crate) async fn nullable<T>(
    work: impl Future<Output = Result<Option<T>>>,
) -> Option<async_graphql::Result<T>> {
    Box::pin(work).await.map_err(Into::into).transpose()
}

/// The same for a value that needs no query.
pub(crate) fn field<T>(value: Result<Option<T>>) -> Option<async_graphql::Result<T>> {
    value.map_err(Into::into).transpose()
}

/// The position of a row in a list that is ordered by id, and so by time.
pub(crate) fn by_id(id: uuid::Uuid) -> Position {
    Position {
        key: String::new(),
        id,
    }
}
