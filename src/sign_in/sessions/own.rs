//! The session that a request came with: of a contact or a team member, never of a key.

use crate::base::actor::{Acting, Actor, Client};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::model::{Holder, Session};

/// Somebody signed in, and by which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    pub account: AccountId,
    pub session: SessionId,
    pub holder: Holder,
}

impl Viewer {
    /// A resolver's first line, where it takes a session.
    pub fn own(&self) -> Result<Own> {
        let (account, session, holder) = match self {
            Self::Anonymous => return Err(Error::unauthenticated()),
            Self::Key { .. } => return Err(Error::forbidden("An API key has no session.")),
            Self::Member {
                account,
                member,
                session,
                ..
            } => (*account, *session, Holder::Member(*member)),
            Self::Contact {
                account,
                contact,
                session,
                ..
            } => (*account, *session, Holder::Contact(*contact)),
        };
        Ok(Own {
            account,
            session,
            holder,
        })
    }
}

impl Own {
    /// The holder of a session that was found by a cookie.
    pub fn of(session: &Session) -> Option<Self> {
        Some(Self {
            account: session.account_id,
            session: session.id,
            holder: session.holder()?,
        })
    }

    pub fn acting(&self, client: &Client) -> Acting {
        let actor = match self.holder {
            Holder::Contact(id) => Actor::Contact(id),
            Holder::Member(id) => Actor::Member(id),
        };
        Acting {
            actor,
            client: client.clone(),
        }
    }
}
