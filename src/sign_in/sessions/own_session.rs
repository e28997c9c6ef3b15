//! The session that a request came with: of a contact or a team member, never of an API key.

use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::model::{Holder, Session};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSession {
    pub account: AccountId,
    pub id: SessionId,
    pub holder: Holder,
    /// The only section that the session opens, if it is limited.
    pub section: Option<PortalSection>,
}

impl OwnSession {
    /// `None` if its holder was deleted.
    pub fn of(session: &Session) -> Option<Self> {
        Some(Self {
            account: session.account_id,
            id: session.id,
            holder: session.holder()?,
            section: session.section,
        })
    }

    /// Refuses a session that is limited to one section.
    pub(crate) fn unrestricted(self) -> Result<Self> {
        match self.section {
            Some(_) => Err(limited_error()),
            None => Ok(self),
        }
    }

    pub(crate) fn requester(&self, client: &Client) -> Requester {
        let actor = match self.holder {
            Holder::Contact(id) => Actor::Contact(id),
            Holder::Member(id) => Actor::Member(id),
        };
        Requester {
            actor,
            client: client.clone(),
        }
    }
}

impl Viewer {
    /// The viewer's own session, or the error for a viewer without one.
    pub(crate) fn own_session(&self) -> Result<OwnSession> {
        let (account, id, holder, section) = match *self {
            Self::Anonymous => return Err(Error::unauthenticated()),
            Self::Key { .. } => return Err(Error::forbidden("An API key has no session.")),
            Self::Member {
                account,
                member,
                session,
                ..
            } => (account, session, Holder::Member(member), None),
            Self::Contact {
                account,
                contact,
                session,
                section,
            } => (account, session, Holder::Contact(contact), section),
        };
        Ok(OwnSession {
            account,
            id,
            holder,
            section,
        })
    }
}

/// The error for a session that is limited to one section.
pub(crate) fn limited_error() -> Error {
    Error::forbidden(
        "This session is limited to one section of the portal. Call `stepUp` to get an unrestricted session.",
    )
}
