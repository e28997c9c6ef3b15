//! The invitations that a request selects, to send them again or to cancel them. Each is changed or skipped with the reason.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::recipients::Indexed;
use super::skipped::{SkipReason, Skipped};
use super::{Invitation, InvitationFilter};
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, InvitationId};
use crate::contacts::model::Contact;
use crate::messages::model::suppression;

/// A selected invitation and its contact.
#[derive(Clone, Debug)]
pub(crate) struct SelectedInvitation {
    pub index: usize,
    pub invitation: Invitation,
    pub contact: Contact,
}

/// The invitations found, and those that are skipped.
#[derive(Debug, Default)]
pub(crate) struct SelectedInvitations {
    pub found: Vec<SelectedInvitation>,
    pub skipped: Vec<Skipped>,
    /// The ids of the request, each once.
    ids: Vec<Indexed<InvitationId>>,
}

impl SelectedInvitations {
    /// Finds the invitations that can still change, and locks the rows of their contacts.
    pub(crate) async fn lock(
        conn: &mut Conn,
        account: AccountId,
        requested: &[Indexed<String>],
    ) -> Result<Self> {
        let mut selected = Self::parse(requested);
        let ids = selected.ids();
        let unlocked = Invitation::find_many(conn, account, &ids).await?;
        let contacts = Contact::lock_many(conn, account, &contacts_of(&unlocked)).await?;
        // They may have changed while this transaction waited for the rows of the contacts.
        let current = Invitation::find_many(conn, account, &ids).await?;
        selected.assign(current, contacts);
        Ok(selected)
    }

    /// Leaves out the invitations that have stopped matching since the filter selected them: they may have changed, or been
    /// deleted, while this transaction waited for the rows of the contacts.
    pub(crate) async fn keep_matches(
        &mut self,
        conn: &mut Conn,
        account: AccountId,
        filter: &InvitationFilter,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let matching = Invitation::matching(conn, account, filter, &self.ids(), now).await?;
        self.ids.retain(|(_, id)| matching.contains(id));
        let indexes: HashSet<usize> = self.ids.iter().map(|(index, _)| *index).collect();
        self.found.retain(|one| indexes.contains(&one.index));
        self.skipped.retain(|one| indexes.contains(&one.index));
        Ok(())
    }

    /// What [`lock`](Self::lock) would find, without locking anything.
    pub(crate) async fn preview(
        conn: &mut Conn,
        account: AccountId,
        requested: &[Indexed<String>],
    ) -> Result<Self> {
        let mut selected = Self::parse(requested);
        let found = Invitation::find_many(conn, account, &selected.ids()).await?;
        let contacts = Contact::find_many(conn, account, &contacts_of(&found)).await?;
        selected.assign(found, contacts);
        Ok(selected)
    }

    fn parse(requested: &[Indexed<String>]) -> Self {
        let mut selected = Self::default();
        let mut seen = HashSet::new();
        for (index, text) in requested {
            match text.parse() {
                Ok(id) if seen.insert(id) => selected.ids.push((*index, id)),
                Ok(_) => selected.skip(*index, None, SkipReason::Duplicate),
                Err(_) => selected.skip(*index, None, SkipReason::NotFound),
            }
        }
        selected
    }

    fn ids(&self) -> Vec<InvitationId> {
        self.ids.iter().map(|(_, id)| *id).collect()
    }

    fn assign(&mut self, found: Vec<Invitation>, contacts: Vec<Contact>) {
        let mut invitations: HashMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
        let mut contacts: HashMap<_, _> = contacts.into_iter().map(|one| (one.id, one)).collect();
        for (index, id) in self.ids.clone() {
            let invitation = invitations.remove(&id);
            let contact =
                (invitation.as_ref()).and_then(|invitation| contacts.remove(&invitation.contact_id));
            match invitation.zip(contact) {
                Some((invitation, contact)) => self.found.push(SelectedInvitation {
                    index,
                    invitation,
                    contact,
                }),
                None => self.skip(index, None, SkipReason::NotFound),
            }
        }
        self.skip_where(|one| match &one.contact {
            contact if contact.revoked_at.is_some() => Some(SkipReason::Revoked),
            contact if contact.joined_at.is_some() => Some(SkipReason::AlreadyActive),
            _ if one.invitation.accepted_at.is_some() => Some(SkipReason::AlreadyActive),
            _ => None,
        });
    }

    /// Moves those that no email can be sent to.
    pub(crate) async fn skip_unreachable(
        &mut self,
        conn: &mut Conn,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let keys: Vec<&str> = (self.found.iter())
            .filter_map(|one| one.contact.email_key.as_deref())
            .collect();
        let suppressed = suppression::among(conn, account, &keys, now).await?;
        self.skip_where(|one| match &one.contact.email_key {
            None => Some(SkipReason::NoEmail),
            Some(key) if suppressed.contains(key) => Some(SkipReason::Suppressed),
            Some(_) => None,
        });
        Ok(())
    }

    /// Moves those with a reason.
    pub(crate) fn skip_where(&mut self, reason: impl Fn(&SelectedInvitation) -> Option<SkipReason>) {
        for one in std::mem::take(&mut self.found) {
            match reason(&one) {
                Some(reason) => self.skip(one.index, Some(one.contact), reason),
                None => self.found.push(one),
            }
        }
    }

    fn skip(&mut self, index: usize, contact: Option<Contact>, reason: SkipReason) {
        let (contact, email) = contact.map(|contact| (contact.id, contact.email)).unzip();
        self.skipped.push(Skipped {
            index,
            contact,
            email: email.flatten(),
            reason,
        });
    }

    pub(crate) fn invited(&self) -> Vec<(&Invitation, &Contact)> {
        self.found
            .iter()
            .map(|one| (&one.invitation, &one.contact))
            .collect()
    }

    pub(crate) fn invitations(&self) -> Vec<&Invitation> {
        self.found.iter().map(|one| &one.invitation).collect()
    }
}

fn contacts_of(invitations: &[Invitation]) -> Vec<ContactId> {
    invitations.iter().map(|one| one.contact_id).collect()
}

impl Invitation {
    /// The next ids of the matching invitations, in the order of ids.
    pub(crate) async fn list_ids(
        conn: &mut Conn,
        account: AccountId,
        filter: &InvitationFilter,
        after: Option<InvitationId>,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<InvitationId>> {
        let mut query = filter.query(account, now);
        if let Some(after) = after {
            query = query.filter(invitations::id.gt(after));
        }
        Ok(query
            .select(invitations::id)
            .order(invitations::id)
            .limit(limit as i64)
            .load(conn)
            .await?)
    }

    /// Which of these invitations match.
    async fn matching(
        conn: &mut Conn,
        account: AccountId,
        filter: &InvitationFilter,
        ids: &[InvitationId],
        now: DateTime<Utc>,
    ) -> Result<HashSet<InvitationId>> {
        let query = filter.query(account, now).filter(invitations::id.eq_any(ids));
        let found: Vec<InvitationId> = query.select(invitations::id).load(conn).await?;
        Ok(found.into_iter().collect())
    }
}
