//! The claimed messages that wait for a place: accounts take turns, and so do the domains of an account.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};

use crate::base::ids::AccountId;
use crate::messages::model::due::Flow;

pub(super) struct Waiting<T> {
    accounts: BTreeMap<AccountId, VecDeque<Domain<T>>>,
    /// The account that had the last turn.
    served: Option<AccountId>,
}

/// The messages of an account to one domain. It is not empty.
struct Domain<T> {
    name: String,
    items: VecDeque<T>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self {
            accounts: BTreeMap::new(),
            served: None,
        }
    }
}

impl<T> Waiting<T> {
    pub fn push(&mut self, flow: Flow, item: T) {
        let domains = self.accounts.entry(flow.account_id).or_default();
        match domains.iter_mut().find(|domain| domain.name == flow.domain) {
            Some(domain) => domain.items.push_back(item),
            None => domains.push_back(Domain {
                name: flow.domain,
                items: VecDeque::from([item]),
            }),
        }
    }

    /// Takes the next message of the next account and domain that may send.
    pub fn take_turn(
        &mut self,
        mut account_may: impl FnMut(&AccountId) -> bool,
        mut domain_may: impl FnMut(&str) -> bool,
    ) -> Option<(Flow, T)> {
        let after = self.served.map_or(Unbounded, Excluded);
        let turns = (self.accounts.range((after, Unbounded))).chain(self.accounts.iter());
        let (account, position) =
            turns
                .filter(|(account, _)| account_may(account))
                .find_map(|(account, domains)| {
                    let position = domains.iter().position(|domain| domain_may(&domain.name))?;
                    Some((*account, position))
                })?;
        self.served = Some(account);
        self.take(account, position)
    }

    fn take(&mut self, account_id: AccountId, position: usize) -> Option<(Flow, T)> {
        let domains = self.accounts.get_mut(&account_id)?;
        let mut domain = domains.remove(position)?;
        let item = domain.items.pop_front()?;
        let flow = Flow {
            account_id,
            domain: domain.name.clone(),
        };
        if !domain.items.is_empty() {
            domains.push_back(domain);
        } else if domains.is_empty() {
            self.accounts.remove(&account_id);
        }
        Some((flow, item))
    }
}
