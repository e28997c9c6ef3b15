//! One change of many contacts: of their tags, of their access to the portal, or of what they may open in it.

use serde::{Deserialize, Serialize};

use super::details::MAX_TAGS;
use super::import::upsert::update_details;
use super::{Contact, PortalStatus};
use crate::access::model::change::AccessChange;
use crate::base::actor::Requester;
use crate::base::audit::record;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::SkipReason;

/// The change, as stored in the plan of a bulk job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkChange {
    Tags { add: Vec<String>, remove: Vec<String> },
    RevokeAccess { reason: Option<String> },
    RestoreAccess,
    Grants(AccessChange),
}

impl BulkChange {
    /// Changes the contacts, whose rows are locked. Those that the change can't apply to are moved to the skipped recipients.
    /// Returns the sessions that ended; the caller nudges for each.
    pub(crate) async fn apply(
        &self,
        conn: &mut Conn,
        account: AccountId,
        resolved: &mut ResolvedRecipients,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Vec<SessionId>> {
        self.skip_ineligible(resolved);
        match self {
            Self::Tags { add, remove } => {
                let before: Vec<&Contact> = resolved.contacts.iter().map(|(_, contact)| contact).collect();
                let after = before.iter().map(|contact| Contact {
                    tags: changed_tags(&contact.tags, add, remove),
                    ..(*contact).clone()
                });
                let after: Vec<Contact> = after.collect();
                let events = update_details(conn, account, before.into_iter().zip(&after), moment).await?;
                record(conn, account, requester, &events, moment).await?;
                Ok(Vec::new())
            }
            Self::RevokeAccess { reason } => {
                let (ids, reason) = (resolved.contact_ids(), reason.as_deref());
                let revoked = Contact::revoke_access(conn, account, &ids, reason, requester, moment);
                Ok(revoked.await?.1)
            }
            Self::RestoreAccess => {
                let ids = resolved.contact_ids();
                Contact::restore_access(conn, account, &ids, requester, moment).await?;
                Ok(Vec::new())
            }
            Self::Grants(change) => {
                let ids = resolved.contact_ids();
                change.apply(conn, account, &ids, requester, moment).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Refuses a change that no contact can get.
    pub(crate) async fn check(&self, conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<()> {
        match self {
            Self::Tags { .. } | Self::RevokeAccess { .. } | Self::RestoreAccess => Ok(()),
            Self::Grants(change) => change.grants(conn, account, moment.now).await.map(|_| ()),
        }
    }

    /// Moves the contacts that the change can't apply to to the skipped recipients.
    pub(crate) fn skip_ineligible(&self, resolved: &mut ResolvedRecipients) {
        resolved.skip_where(|contact| self.obstacle(contact));
    }

    fn obstacle(&self, contact: &Contact) -> Option<SkipReason> {
        let revoked = contact.status() == PortalStatus::Revoked;
        match self {
            Self::Tags { add, remove } => {
                let too_many = changed_tags(&contact.tags, add, remove).len() > MAX_TAGS;
                too_many.then_some(SkipReason::TooManyTags)
            }
            Self::RevokeAccess { .. } => revoked.then_some(SkipReason::AlreadyRevoked),
            Self::RestoreAccess => (!revoked).then_some(SkipReason::NotRevoked),
            Self::Grants(_) => None,
        }
    }
}

/// The tags without the removed ones, then the added ones that are not among them.
fn changed_tags(tags: &[String], add: &[String], remove: &[String]) -> Vec<String> {
    let mut changed: Vec<String> = tags.iter().filter(|tag| !remove.contains(tag)).cloned().collect();
    for tag in add {
        if !changed.contains(tag) {
            changed.push(tag.clone());
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_tags_follow_those_that_stay_and_appear_once() {
        let words = |words: &str| words.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let changed = |tags, add, remove| changed_tags(&words(tags), &words(add), &words(remove)).join(" ");
        assert_eq!(changed("a b c", "d a d", "b"), "a c d");
        assert_eq!(changed("", "", "b"), "");
        assert_eq!(changed("vip", "VIP", "Vip"), "vip VIP");
    }
}
