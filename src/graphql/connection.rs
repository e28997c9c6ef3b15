//! Relay connections over keyset pages (GraphQL Cursor Connections Specification).

use async_graphql::SimpleObject;
use futures_util::future::BoxFuture;

use crate::error::Result;
use crate::models::page::{Page, Position};

/// Where a page lies in its list.
#[derive(SimpleObject, Clone, Debug)]
pub struct PageInfo {
    /// Whether there is more before this page; with `first`, whether a cursor was passed.
    has_previous_page: bool,
    /// Whether there is more after this page; with `last`, whether a cursor was passed.
    has_next_page: bool,
    /// The cursor of the first row of this page: pass it as `before`.
    start_cursor: Option<String>,
    /// The cursor of the last row of this page: pass it as `after`.
    end_cursor: Option<String>,
}

/// Counts the whole list, when somebody asks.
pub type Count = Box<dyn Fn() -> BoxFuture<'static, Result<i64>> + Send + Sync>;

/// A page with the cursors of its rows.
pub struct Cut<T> {
    pub rows: Vec<(String, T)>,
    pub page_info: PageInfo,
}

impl<T> Cut<T> {
    pub fn new(list: &str, page: Page<T>, position: impl Fn(&T) -> Position) -> Self {
        let rows: Vec<(String, T)> = page
            .rows
            .into_iter()
            .map(|row| (position(&row).cursor(list), row))
            .collect();
        let page_info = PageInfo {
            has_previous_page: page.has_previous,
            has_next_page: page.has_next,
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        Self { rows, page_info }
    }

    /// Rows that are ordered by their id alone.
    pub fn by_id(list: &str, page: Page<T>, id: impl Fn(&T) -> uuid::Uuid) -> Self {
        Self::new(list, page, |row| Position {
            key: String::new(),
            id: id(row),
        })
    }
}

/// A connection and its edge for a type of nodes.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ident, $rows:literal) => {
        #[doc = concat!("One of the ", $rows, " of a page, and its place in the list.")]
        pub struct $edge {
            cursor: String,
            node: $node,
        }

        #[doc = concat!("One of the ", $rows, " of a page, and its place in the list.")]
        #[async_graphql::Object]
        impl $edge {
            /// The place in the list: pass it as `after` or `before`.
            async fn cursor(&self) -> &str {
                &self.cursor
            }

            /// What is there.
            async fn node(&self) -> &$node {
                &self.node
            }
        }

        #[doc = concat!("A page of ", $rows, ".")]
        pub struct $connection {
            edges: Vec<$edge>,
            page_info: $crate::graphql::connection::PageInfo,
            count: $crate::graphql::connection::Count,
        }

        impl $connection {
            pub fn new<T: Into<$node>>(
                cut: $crate::graphql::connection::Cut<T>,
                count: $crate::graphql::connection::Count,
            ) -> Self {
                let edges = cut
                    .rows
                    .into_iter()
                    .map(|(cursor, row)| $edge {
                        cursor,
                        node: row.into(),
                    })
                    .collect();
                Self {
                    edges,
                    page_info: cut.page_info,
                    count,
                }
            }
        }

        #[doc = concat!("A page of ", $rows, ".")]
        #[async_graphql::Object]
        impl $connection {
            #[doc = concat!("The ", $rows, " of this page with their places.")]
            async fn edges(&self) -> &[$edge] {
                &self.edges
            }

            #[doc = concat!("The ", $rows, " of this page.")]
            async fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where this page lies.
            async fn page_info(&self) -> &$crate::graphql::connection::PageInfo {
                &self.page_info
            }

            /// How many there are on all pages; counted only when it is asked for.
            async fn total_count(&self) -> async_graphql::Result<i32> {
                let count = (self.count)().await?;
                Ok(i32::try_from(count).unwrap_or(i32::MAX))
            }
        }
    };
}
pub(crate) use connection;
