//! Lists that belong to the rows of a list, as each contact's messages: the pages that all rows ask for are one statement, and
//! so are their counts.
//!
//! A new one: [`OwnedList`] for its filter, and a field of [`Lists`].

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use super::{Look, Lookup};
use crate::base::audit::Timeline;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::page::{OwnedList, Page, PageRequest};
use crate::bulk_jobs::model::item::BulkItemFilter;
use crate::magic_links::model::LinkFilter;
use crate::messages::model::MessageFilter;
use crate::sign_in::sessions::model::list::SessionsOf;

/// What one row asks of its list; `P` says which page, or nothing for the count.
#[derive(Clone, Debug)]
pub(crate) struct Asked<L, P> {
    list: L,
    page: P,
}

impl<L: OwnedList, P: PartialEq> Asked<L, P> {
    /// Whether one statement answers both.
    fn alike(&self, other: &Self) -> bool {
        self.list.filter() == other.list.filter() && self.page == other.page
    }
}

impl<L: OwnedList, P: PartialEq> PartialEq for Asked<L, P> {
    fn eq(&self, other: &Self) -> bool {
        self.list.owner() == other.list.owner() && self.alike(other)
    }
}

impl<L: OwnedList, P: Eq> Eq for Asked<L, P> {}

impl<L: OwnedList, P: Hash> Hash for Asked<L, P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.owner().hash(state);
        self.list.filter().hash(state);
        self.page.hash(state);
    }
}

/// Those that one statement answers, together.
fn groups<L: OwnedList, P: PartialEq>(asked: &[Asked<L, P>]) -> Vec<Vec<&Asked<L, P>>> {
    let mut groups: Vec<Vec<&Asked<L, P>>> = Vec::new();
    for one in asked {
        match groups.iter_mut().find(|group| group[0].alike(one)) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

pub(crate) struct Pages<L>(PhantomData<fn() -> L>);
pub(crate) struct Counts<L>(PhantomData<fn() -> L>);

impl<L: OwnedList> Look for Pages<L> {
    type Key = Asked<L, PageRequest>;
    type Value = Page<L::Row>;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for group in groups(keys) {
            let owners: Vec<_> = group.iter().filter_map(|asked| asked.list.owner()).collect();
            let like = group[0];
            let mut pages = like.list.pages(conn, account, &owners, &like.page).await?;
            found.extend(group.into_iter().filter_map(|asked| {
                let page = pages.remove(&asked.list.owner()?)?;
                Some((asked.clone(), page))
            }));
        }
        Ok(found)
    }
}

impl<L: OwnedList> Look for Counts<L> {
    type Key = Asked<L, ()>;
    type Value = i64;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for group in groups(keys) {
            let owners: Vec<_> = group.iter().filter_map(|asked| asked.list.owner()).collect();
            let counts = group[0].list.counts(conn, account, &owners).await?;
            found.extend(group.into_iter().filter_map(|asked| {
                let count = counts.get(&asked.list.owner()?)?;
                Some((asked.clone(), *count))
            }));
        }
        Ok(found)
    }
}

/// The lists of one kind.
pub(crate) struct Owned<L: OwnedList> {
    pages: Lookup<Pages<L>>,
    counts: Lookup<Counts<L>>,
}

impl<L: OwnedList> Owned<L> {
    fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self {
            pages: Lookup::new(db, account),
            counts: Lookup::new(db, account),
        }
    }

    /// A page of a list that has an owner.
    pub(crate) async fn page(&self, list: &L, page: &PageRequest) -> Result<Page<L::Row>> {
        let asked = Asked {
            list: list.clone(),
            page: page.clone(),
        };
        let found = self.pages.get(asked).await?;
        found.ok_or_else(|| Error::internal("a list without an owner"))
    }

    /// How many rows the list has.
    pub(crate) async fn count(&self, list: &L) -> Result<i64> {
        let asked = Asked {
            list: list.clone(),
            page: (),
        };
        let found = self.counts.get(asked).await?;
        found.ok_or_else(|| Error::internal("a list without an owner"))
    }
}

pub(crate) struct Lists {
    pub messages: Owned<MessageFilter>,
    pub links: Owned<LinkFilter>,
    pub sessions: Owned<SessionsOf>,
    pub timelines: Owned<Timeline>,
    pub items: Owned<BulkItemFilter>,
}

impl Lists {
    pub(crate) fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self {
            messages: Owned::new(db, account),
            links: Owned::new(db, account),
            sessions: Owned::new(db, account),
            timelines: Owned::new(db, account),
            items: Owned::new(db, account),
        }
    }
}
