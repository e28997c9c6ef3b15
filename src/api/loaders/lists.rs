//! Lists that belong to the rows of another list, such as each contact's messages: one statement reads the pages of all rows,
//! another one their counts.
//!
//! To add a list: implement [`OwnedList`] for its filter, and add a field of [`Lists`].

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use super::{BatchLoad, Lookup};
use crate::access::model::grant::list::GrantFilter;
use crate::affiliates::model::sale::SalesOf;
use crate::base::audit::Timeline;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::page::{OwnedList, Page, PageRequest};
use crate::bulk_jobs::model::item::BulkItemFilter;
use crate::communities::model::announcement::AnnouncementsOf;
use crate::magic_links::model::LinkFilter;
use crate::messages::model::MessageFilter;
use crate::sign_in::sessions::model::list::SessionsOf;
use crate::templates::model::version::VersionsOf;
use crate::workflows::model::run::RunsOf;

/// One row's list; `P` is the requested page, or `()` for the count.
#[derive(Clone, Debug)]
pub(crate) struct ListKey<L, P> {
    list: L,
    page: P,
}

impl<L: OwnedList, P: PartialEq> ListKey<L, P> {
    /// Whether one statement can read both.
    fn same_statement(&self, other: &Self) -> bool {
        self.list.filter() == other.list.filter() && self.page == other.page
    }
}

impl<L: OwnedList, P: PartialEq> PartialEq for ListKey<L, P> {
    fn eq(&self, other: &Self) -> bool {
        self.list.owner() == other.list.owner() && self.same_statement(other)
    }
}

impl<L: OwnedList, P: Eq> Eq for ListKey<L, P> {}

impl<L: OwnedList, P: Hash> Hash for ListKey<L, P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.owner().hash(state);
        self.list.filter().hash(state);
        self.page.hash(state);
    }
}

/// Groups the keys that one statement can read.
fn group_by_statement<L: OwnedList, P: PartialEq>(keys: &[ListKey<L, P>]) -> Vec<Vec<&ListKey<L, P>>> {
    let mut groups: Vec<Vec<&ListKey<L, P>>> = Vec::new();
    for key in keys {
        match groups.iter_mut().find(|group| group[0].same_statement(key)) {
            Some(group) => group.push(key),
            None => groups.push(vec![key]),
        }
    }
    groups
}

pub(crate) struct Pages<L>(PhantomData<fn() -> L>);
pub(crate) struct Counts<L>(PhantomData<fn() -> L>);

impl<L: OwnedList> BatchLoad for Pages<L> {
    type Key = ListKey<L, PageRequest>;
    type Value = Page<L::Row>;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for group in group_by_statement(keys) {
            let owners: Vec<_> = group.iter().filter_map(|key| key.list.owner()).collect();
            let first = group[0];
            let mut pages = first.list.pages(conn, account, &owners, &first.page).await?;
            found.extend(group.into_iter().filter_map(|key| {
                let page = pages.remove(&key.list.owner()?)?;
                Some((key.clone(), page))
            }));
        }
        Ok(found)
    }
}

impl<L: OwnedList> BatchLoad for Counts<L> {
    type Key = ListKey<L, ()>;
    type Value = i64;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for group in group_by_statement(keys) {
            let owners: Vec<_> = group.iter().filter_map(|key| key.list.owner()).collect();
            let counts = group[0].list.counts(conn, account, &owners).await?;
            found.extend(group.into_iter().filter_map(|key| {
                let count = counts.get(&key.list.owner()?)?;
                Some((key.clone(), *count))
            }));
        }
        Ok(found)
    }
}

/// The loaders of one kind of list.
pub(crate) struct ListLoader<L: OwnedList> {
    pages: Lookup<Pages<L>>,
    counts: Lookup<Counts<L>>,
}

impl<L: OwnedList> ListLoader<L> {
    fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self {
            pages: Lookup::new(db, account),
            counts: Lookup::new(db, account),
        }
    }

    /// A page of a list, which must have an owner.
    pub(crate) async fn page(&self, list: &L, page: &PageRequest) -> Result<Page<L::Row>> {
        let key = ListKey {
            list: list.clone(),
            page: page.clone(),
        };
        let found = self.pages.get(key).await?;
        found.ok_or_else(|| Error::internal("a list without an owner"))
    }

    /// The number of rows in the list.
    pub(crate) async fn count(&self, list: &L) -> Result<i64> {
        let key = ListKey {
            list: list.clone(),
            page: (),
        };
        let found = self.counts.get(key).await?;
        found.ok_or_else(|| Error::internal("a list without an owner"))
    }
}

pub(crate) struct Lists {
    pub messages: ListLoader<MessageFilter>,
    pub links: ListLoader<LinkFilter>,
    pub sessions: ListLoader<SessionsOf>,
    pub timelines: ListLoader<Timeline>,
    pub items: ListLoader<BulkItemFilter>,
    pub announcements: ListLoader<AnnouncementsOf>,
    pub grants: ListLoader<GrantFilter>,
    pub sales: ListLoader<SalesOf>,
    pub template_versions: ListLoader<VersionsOf>,
    pub workflow_runs: ListLoader<RunsOf>,
}

impl Lists {
    pub(crate) fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self {
            messages: ListLoader::new(db, account),
            links: ListLoader::new(db, account),
            sessions: ListLoader::new(db, account),
            timelines: ListLoader::new(db, account),
            items: ListLoader::new(db, account),
            announcements: ListLoader::new(db, account),
            grants: ListLoader::new(db, account),
            sales: ListLoader::new(db, account),
            template_versions: ListLoader::new(db, account),
            workflow_runs: ListLoader::new(db, account),
        }
    }
}
