//! Who asks, and what they may do. Transports turn a header, a cookie or a `connection_init` payload into a [`Credential`];
//! the authenticator turns that into an [`AuthContext`]; resolvers ask it in their first line.

use chrono::{DateTime, Utc};
pub use graphql_server::Client;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::ids::{AccountId, ApiKeyId, ContactId, SessionId, TeamMemberId};
use crate::models::section::PortalSection;
use crate::models::session::Holder;
use crate::text_enum;

text_enum! {
    /// What a team member may do in the account.
    Role {
        Owner = "OWNER",
        Admin = "ADMIN",
        Staff = "STAFF",
        ReadOnly = "READ_ONLY",
    }
}

text_enum! {
    /// What an API key may do.
    Scope {
        Read = "READ",
        Invite = "INVITE",
        Links = "LINKS",
        Contacts = "CONTACTS",
        Admin = "ADMIN",
    }
}

/// A credential as received, not yet checked.
#[derive(Clone, Default)]
pub enum Credential {
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
        /// The only section that the session opens, where it is limited.
        section: Option<PortalSection>,
    },
}

/// An authorisation that was checked, and until when it holds.
#[derive(Clone, Debug)]
pub struct AuthContext {
    pub viewer: Viewer,
    /// When the token, key or session ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whose revocation ends it earlier: the session, the key, the member or contact.
    pub subjects: Vec<Uuid>,
}

impl AuthContext {
    pub fn anonymous() -> Self {
        Self {
            viewer: Viewer::Anonymous,
            ends_at: None,
            subjects: Vec::new(),
        }
    }
}

/// Who acts, and from where: what an audit row says of it.
#[derive(Clone, Debug)]
pub struct Acting {
    pub actor: Actor,
    pub client: Client,
}

impl Acting {
    pub fn system() -> Self {
        Self {
            actor: Actor::System,
            client: Client::default(),
        }
    }
}

/// Account staff or a server of theirs, allowed what it asked for.
#[derive(Clone, Debug)]
pub struct Staff {
    pub account: AccountId,
    pub actor: Actor,
}

/// An owner or admin, who may change the team and its keys.
#[derive(Clone, Copy, Debug)]
pub struct Manager {
    pub account: AccountId,
    pub member: TeamMemberId,
    pub role: Role,
}

/// Who did it, as the audit log writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Member(TeamMemberId),
    Key(ApiKeyId),
    Contact(ContactId),
    /// Somebody not signed in.
    Anonymous,
    /// The command line or a job.
    System,
}

impl Actor {
    pub fn contact(self) -> Option<ContactId> {
        match self {
            Self::Contact(id) => Some(id),
            _ => None,
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Contact(id) => id.fmt(f),
            Self::Anonymous => f.write_str("anonymous"),
            Self::System => f.write_str("system"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = crate::text_enum::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "anonymous" => Ok(Self::Anonymous),
            "system" => Ok(Self::System),
            _ => (text.parse().map(Self::Member))
                .or_else(|_| text.parse().map(Self::Key))
                .or_else(|_| text.parse().map(Self::Contact))
                .map_err(|_| crate::text_enum::UnknownWord(text.to_owned(), "Actor")),
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

    /// The table 'who may' of the API: a team member by role, an API key by scope, nobody else.
    pub fn staff(&self, need: Scope) -> Result<Staff> {
        let (account, allowed) = match self {
            Self::Anonymous => return Err(Error::unauthenticated()),
            Self::Contact { .. } => {
                return Err(Error::forbidden(
                    "A portal session can't do this: it takes a team member or an API key.",
                ));
            }
            Self::Member { account, role, .. } => (*account, role.may(need)),
            Self::Key { account, scopes, .. } => (*account, scopes.contains(&need)),
        };
        if !allowed {
            return Err(Error::forbidden(self.lacks(need)));
        }
        Ok(Staff {
            account,
            actor: self.actor(),
        })
    }

    /// The line 'team, API keys' of that table: owners and admins. API keys never, whatever their scopes.
    pub fn manager(&self) -> Result<Manager> {
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
                "This takes an owner or an admin who is signed in to the dashboard.",
            )),
        }
    }

    fn lacks(&self, need: Scope) -> String {
        match self {
            Self::Key { .. } => format!("This API key lacks the scope {}.", need.as_str()),
            _ => "Your role doesn't allow this.".to_owned(),
        }
    }
}

impl Viewer {
    /// The viewer's own session, for what somebody does for themselves.
    pub fn own_session(&self) -> Result<OwnSession> {
        match *self {
            Self::Anonymous => Err(Error::unauthenticated()),
            Self::Key { .. } => Err(Error::forbidden("An API key has no session of its own.")),
            Self::Contact {
                account,
                contact,
                session,
                section,
            } => Ok(OwnSession {
                account,
                holder: Holder::Contact(contact),
                id: session,
                section,
            }),
            Self::Member {
                account,
                member,
                session,
                ..
            } => Ok(OwnSession {
                account,
                holder: Holder::Member(member),
                id: session,
                section: None,
            }),
        }
    }

    /// The same of a session that opens the whole portal.
    pub fn whole_session(&self) -> Result<OwnSession> {
        let own = self.own_session()?;
        if own.section.is_some() {
            return Err(Error::forbidden(LIMITED));
        }
        Ok(own)
    }
}

/// A session that the viewer holds.
#[derive(Clone, Copy, Debug)]
pub struct OwnSession {
    pub account: AccountId,
    pub holder: Holder,
    pub id: SessionId,
    pub section: Option<PortalSection>,
}

/// What a session that is limited to a section is told.
pub const LIMITED: &str =
    "This session opens one section of the portal only. Prove who you are by `stepUp` for a whole one.";

impl Role {
    pub fn may(self, need: Scope) -> bool {
        match need {
            Scope::Read => true,
            Scope::Invite | Scope::Links | Scope::Contacts => self != Self::ReadOnly,
            Scope::Admin => matches!(self, Self::Owner | Self::Admin),
        }
    }

    /// Whether it may make, change and remove members of the other role: an admin everybody but owners.
    pub fn manages(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => other != Self::Owner,
            Self::Staff | Self::ReadOnly => false,
        }
    }
}
