//! The caller and its rights. Transports turn a header, a cookie or a `connection_init` payload into a [`Credential`];
//! the authenticator turns that into an [`AuthContext`]; resolvers ask it in their first line.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Actor, Manager, Role, Scope, Staff};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ApiKeyId, ContactId, SessionId, TeamMemberId};
use crate::sign_in::sessions::model::Session;
use crate::team::model::TeamMember;

/// A credential as received, not yet checked.
#[derive(Clone, Default)]
pub(crate) enum Credential {
    #[default]
    None,
    /// `Authorization: Bearer …`: an access token or an API key.
    Bearer(String),
    /// The dashboard cookie of the account that the request names, by slug or id.
    DashboardCookie { account: String, secret: String },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(…)",
            Self::DashboardCookie { .. } => "DashboardCookie(…)",
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    Anonymous,
    Member {
        account: AccountId,
        member: TeamMemberId,
        session: SessionId,
        role: Role,
    },
    Key {
        account: AccountId,
        key: ApiKeyId,
        scopes: Vec<Scope>,
    },
    Contact {
        account: AccountId,
        contact: ContactId,
        session: SessionId,
        /// The only section that the session opens, if it is limited.
        section: Option<PortalSection>,
    },
}

/// A checked authorisation, and when it ends.
#[derive(Clone, Debug)]
pub struct AuthContext {
    pub viewer: Viewer,
    /// When the token, key or session expires.
    pub ends_at: Option<DateTime<Utc>>,
    /// Ids whose revocation ends it earlier: the session, the key, the member or contact.
    pub revocable_ids: Vec<Uuid>,
}

impl AuthContext {
    pub fn anonymous() -> Self {
        Self {
            viewer: Viewer::Anonymous,
            ends_at: None,
            revocable_ids: Vec::new(),
        }
    }

    /// Of a team member's session, by its cookie.
    pub(crate) fn of_member(session: &Session, member: &TeamMember) -> Self {
        let viewer = Viewer::Member {
            account: session.account_id,
            member: member.id,
            session: session.id,
            role: member.role,
        };
        Self {
            viewer,
            ends_at: Some(session.expires_at),
            revocable_ids: vec![session.id.0, member.id.0],
        }
    }
}

impl Viewer {
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous => None,
            Self::Member { account, .. } | Self::Key { account, .. } | Self::Contact { account, .. } => {
                Some(*account)
            }
        }
    }

    pub fn actor(&self) -> Actor {
        match self {
            Self::Anonymous => Actor::Anonymous,
            Self::Member { member, .. } => Actor::Member(*member),
            Self::Key { key, .. } => Actor::Key(*key),
            Self::Contact { contact, .. } => Actor::Contact(*contact),
        }
    }

    /// A team member whose role has the scope, or an API key with the scope.
    pub(crate) fn staff(&self, scope: Scope) -> Result<Staff> {
        let (account, allowed) = match self {
            Self::Anonymous => return Err(Error::unauthenticated()),
            Self::Contact { .. } => {
                return Err(Error::forbidden(
                    "A portal session can't do this. Use a team member's session or an API key.",
                ));
            }
            Self::Member { account, role, .. } => (*account, role.may(scope)),
            Self::Key { account, scopes, .. } => (*account, scopes.contains(&scope)),
        };
        if !allowed {
            return Err(Error::forbidden(self.missing_right(scope)));
        }
        Ok(Staff {
            account,
            actor: self.actor(),
        })
    }

    /// An owner or admin, who may manage the team and API keys. Never an API key, whatever its scopes.
    pub(crate) fn manager(&self) -> Result<Manager> {
        match self {
            Self::Anonymous => Err(Error::unauthenticated()),
            Self::Member {
                account,
                member,
                role: role @ (Role::Owner | Role::Admin),
                ..
            } => Ok(Manager {
                account: *account,
                member: *member,
                role: *role,
            }),
            Self::Member { .. } => Err(Error::forbidden("Your role doesn't allow this.")),
            Self::Key { .. } | Self::Contact { .. } => Err(Error::forbidden(
                "This requires an owner or admin who is signed in to the dashboard.",
            )),
        }
    }

    fn missing_right(&self, scope: Scope) -> String {
        match self {
            Self::Key { .. } => format!("This API key lacks the scope {}.", scope.as_str()),
            _ => "Your role doesn't allow this.".to_owned(),
        }
    }
}
