//! Keyset pagination: a page starts at a position in the order, so page 10,000 costs as much as page 1.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;

const DEFAULT_SIZE: usize = 20;
pub(crate) const MAX_SIZE: usize = 100;

/// The position of a row in its list: its sort key, and its id among rows with equal keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub key: String,
    pub id: Uuid,
}

impl Position {
    /// An opaque cursor, valid for one list in one order.
    pub(crate) fn cursor(&self, list: &str) -> String {
        let json = serde_json::json!([list, self.key, self.id.simple().to_string()]);
        URL_SAFE_NO_PAD.encode(json.to_string())
    }

    fn parse(list: &str, field: &str, cursor: &str) -> Result<Self> {
        let invalid = || {
            Error::bad_input(
                field,
                "It is not a cursor of this list in this order: pass an endCursor or startCursor as it came.",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (cursor_list, key, id): (String, String, String) =
            serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        // PostgreSQL rejects text with a NUL.
        if cursor_list != list || key.contains('\0') {
            return Err(invalid());
        }
        Ok(Self {
            key,
            id: Uuid::parse_str(&id).map_err(|_| invalid())?,
        })
    }
}

/// `first`/`after` or `last`/`before`, not validated yet.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl PageArgs {
    pub(crate) fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    pub size: usize,
    /// Reads from the end of the range towards its start.
    pub backward: bool,
    pub after: Option<Position>,
    pub before: Option<Position>,
}

impl PageRequest {
    /// `list` names the list and its order; a cursor of another is refused.
    pub fn parse(list: &str, args: &PageArgs) -> Result<Self> {
        if args.first.is_some() && args.last.is_some() {
            return Err(Error::bad_input("last", "Pass first or last, not both."));
        }
        let size = match (args.first, args.last) {
            (Some(first), _) => size("first", first)?,
            (None, Some(last)) => size("last", last)?,
            (None, None) => DEFAULT_SIZE,
        };
        let position = |field, cursor: &Option<String>| {
            cursor
                .as_deref()
                .map(|cursor| Position::parse(list, field, cursor))
                .transpose()
        };
        Ok(Self {
            size,
            backward: args.last.is_some(),
            after: position("after", &args.after)?,
            before: position("before", &args.before)?,
        })
    }
}

fn size(field: &str, value: i32) -> Result<usize> {
    usize::try_from(value)
        .ok()
        .filter(|size| *size <= MAX_SIZE)
        .ok_or_else(|| Error::bad_input(field, format!("It must be between 0 and {MAX_SIZE}.")))
}

/// Rows in the order of the list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Builds the page from rows read in the request's direction: one more than requested if there are more.
    pub(crate) fn cut(mut rows: Vec<T>, request: &PageRequest) -> Self {
        let more = rows.len() > request.size;
        rows.truncate(request.size);
        if request.backward {
            rows.reverse();
            Self {
                rows,
                has_previous: more,
                has_next: request.before.is_some(),
            }
        } else {
            Self {
                rows,
                has_previous: request.after.is_some(),
                has_next: more,
            }
        }
    }

    /// Builds the page of each owner from the rows of all owners.
    pub(crate) fn cut_each(
        owners: &[Uuid],
        rows: Vec<(Uuid, T)>,
        request: &PageRequest,
    ) -> HashMap<Uuid, Self> {
        let mut rows_of: HashMap<Uuid, Vec<T>> = owners.iter().map(|owner| (*owner, Vec::new())).collect();
        for (owner, row) in rows {
            rows_of.entry(owner).or_default().push(row);
        }
        let cut = |(owner, rows)| (owner, Self::cut(rows, request));
        rows_of.into_iter().map(cut).collect()
    }
}

/// A list that belongs to one row, such as a contact's messages. The lists of many rows are read together.
pub(crate) trait OwnedList: Clone + Debug + Send + Sync + 'static {
    type Row: Clone + Send + Sync + 'static;
    /// Lists with equal filters are read by one statement.
    type Filter: Debug + Eq + Hash;

    fn owner(&self) -> Option<Uuid>;

    fn filter(&self) -> Self::Filter;

    /// This page of each owner's list, with the filter of `self`.
    fn pages(
        &self,
        conn: &mut Conn,
        account: AccountId,
        owners: &[Uuid],
        page: &PageRequest,
    ) -> impl Future<Output = Result<HashMap<Uuid, Page<Self::Row>>>> + Send;

    /// The number of rows in each owner's list, with the filter of `self`.
    fn counts(
        &self,
        conn: &mut Conn,
        account: AccountId,
        owners: &[Uuid],
    ) -> impl Future<Output = Result<HashMap<Uuid, i64>>> + Send;
}

/// Limits a boxed query to a page, newest first, ordered by id: UUIDv7 ids sort by time.
macro_rules! newest_first {
    ($query:expr, $page:expr, $id:expr, $wrap:path) => {{
        let mut query = $query;
        if let Some(after) = &$page.after {
            query = query.filter($id.lt($wrap(after.id)));
        }
        if let Some(before) = &$page.before {
            query = query.filter($id.gt($wrap(before.id)));
        }
        query = if $page.backward {
            query.order($id.asc())
        } else {
            query.order($id.desc())
        };
        query.limit($page.size as i64 + 1)
    }};
}
pub(crate) use newest_first;

/// Reads a page of a boxed query, newest first.
macro_rules! page_newest_first {
    ($conn:expr, $query:expr, $page:expr, $id:expr, $wrap:path) => {{
        let query = $crate::base::page::newest_first!($query, $page, $id, $wrap);
        let rows = query.load($conn).await?;
        Ok($crate::base::page::Page::cut(rows, $page))
    }};
}
pub(crate) use page_newest_first;

/// Implements the statements of an [`OwnedList`]: a page and a count for each owner. The list must have a method `of_owner` with
/// the boxed query of the current owner; `$bounded` limits that query to the page, in the list's order.
macro_rules! owned_list {
    ($row:ty, |$query:ident, $page:ident| $bounded:expr) => {
        async fn pages(
            &self,
            conn: &mut $crate::base::db::Conn,
            account: $crate::base::ids::AccountId,
            owners: &[uuid::Uuid],
            $page: &$crate::base::page::PageRequest,
        ) -> $crate::base::error::Result<std::collections::HashMap<uuid::Uuid, $crate::base::page::Page<$row>>>
        {
            let $query = self.of_owner(account).select(<$row>::as_select());
            let query = $crate::base::db::lateral::for_each(owners, $bounded);
            let rows = query.load(conn).await?;
            Ok($crate::base::page::Page::cut_each(owners, rows, $page))
        }

        async fn counts(
            &self,
            conn: &mut $crate::base::db::Conn,
            account: $crate::base::ids::AccountId,
            owners: &[uuid::Uuid],
        ) -> $crate::base::error::Result<std::collections::HashMap<uuid::Uuid, i64>> {
            let query = $crate::base::db::lateral::for_each(owners, self.of_owner(account).count());
            let counts: Vec<(uuid::Uuid, i64)> = query.load(conn).await?;
            Ok(counts.into_iter().collect())
        }
    };
}
pub(crate) use owned_list;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    fn args(first: Option<i32>, last: Option<i32>, after: Option<&str>) -> PageArgs {
        PageArgs {
            first,
            last,
            after: after.map(str::to_owned),
            before: None,
        }
    }

    #[test]
    fn invalid_sizes_are_refused_with_their_field() {
        for (args, field) in [
            (args(Some(-1), None, None), "first"),
            (args(Some(101), None, None), "first"),
            (args(None, Some(-5), None), "last"),
            (args(Some(1), Some(1), None), "last"),
        ] {
            let error = PageRequest::parse("contacts", &args).expect_err("refused");
            assert_eq!(
                (error.code, error.field.as_deref()),
                (Code::BadUserInput, Some(field))
            );
        }
        assert_eq!(
            PageRequest::parse("contacts", &args(None, None, None))
                .map(|page| page.size)
                .ok(),
            Some(20)
        );
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = Position {
            key: "a".into(),
            id: Uuid::nil(),
        }
        .cursor("contacts/EMAIL/ASC");
        assert!(PageRequest::parse("contacts/EMAIL/ASC", &args(None, None, Some(&cursor))).is_ok());
        for (list, cursor) in [
            ("contacts/NAME/ASC", &cursor[..]),
            ("contacts/EMAIL/ASC", "rubbish"),
            ("contacts/EMAIL/ASC", ""),
        ] {
            let error = PageRequest::parse(list, &args(None, None, Some(cursor))).expect_err("refused");
            assert_eq!(error.field.as_deref(), Some("after"));
        }
    }
}
