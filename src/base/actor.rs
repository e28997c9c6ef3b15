//! Who makes a change: the actor with its role or scopes, and the client it came from. Models take these types; authentication
//! creates them.

use chrono::TimeDelta;

use crate::base::error::Result;
use crate::base::ids::{AccountId, ApiKeyId, ContactId, TeamMemberId, WorkflowId};
use crate::base::text_enum::text_enum;

pub use graphql_server::Client;

text_enum! {
    /// What a team member may do.
    #[derive(async_graphql::Enum)]
    Role {
        /// Everything.
        Owner = "OWNER",
        /// Everything, except managing owners.
        Admin = "ADMIN",
        /// Can invite, create links and change contacts.
        Staff = "STAFF",
        /// Can only read.
        ReadOnly = "READ_ONLY",
    }
}

impl Role {
    pub(crate) fn may(self, need: Scope) -> bool {
        match need {
            Scope::Read => true,
            Scope::Invite | Scope::Links | Scope::Contacts | Scope::Content => self != Self::ReadOnly,
            Scope::Affiliates | Scope::Admin => matches!(self, Self::Owner | Self::Admin),
        }
    }

    /// Whether it may create, change and remove members of the other role: an admin may, except owners.
    pub(crate) fn manages(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => other != Self::Owner,
            Self::Staff | Self::ReadOnly => false,
        }
    }
}

text_enum! {
    /// What an API key may do.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ApiKeyScope")]
    Scope {
        /// Read counts, contacts and messages.
        Read = "READ",
        /// Invite contacts and send login emails.
        Invite = "INVITE",
        /// Create magic links.
        Links = "LINKS",
        /// Change contacts and what they may open.
        Contacts = "CONTACTS",
        /// Write courses, communities, offers and menus.
        Content = "CONTENT",
        /// Record the sales of affiliates, and set their status.
        Affiliates = "AFFILIATES",
        /// Change settings and read the audit log.
        Admin = "ADMIN",
    }
}

/// Who made a change, as the audit log records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Member(TeamMemberId),
    Key(ApiKeyId),
    Contact(ContactId),
    /// A step of a workflow.
    Workflow(WorkflowId),
    /// A caller who is not signed in.
    Anonymous,
    /// The command line or a job.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Contact(id) => id.fmt(f),
            Self::Workflow(id) => id.fmt(f),
            Self::Anonymous => f.write_str("anonymous"),
            Self::System => f.write_str("system"),
        }
    }
}

impl std::str::FromStr for Actor {
    type Err = crate::base::text_enum::UnknownVariant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "anonymous" => Ok(Self::Anonymous),
            "system" => Ok(Self::System),
            _ => (text.parse().map(Self::Member))
                .or_else(|_| text.parse().map(Self::Key))
                .or_else(|_| text.parse().map(Self::Contact))
                .or_else(|_| text.parse().map(Self::Workflow))
                .map_err(|_| crate::base::text_enum::UnknownVariant(text.to_owned(), "Actor")),
        }
    }
}

/// The actor of a change and the client it came from, for the audit log.
#[derive(Clone, Debug)]
pub struct Requester {
    pub actor: Actor,
    pub client: Client,
}

impl Requester {
    pub fn system() -> Self {
        Self {
            actor: Actor::System,
            client: Client::default(),
        }
    }
}

/// A team member or API key of an account that has the required scope.
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

text_enum! {
    /// Whether a contact or a team member signs in. An address may belong to both.
    #[derive(async_graphql::Enum)]
    Audience {
        /// A contact's, to the portal.
        Portal = "PORTAL",
        /// A team member's, to the dashboard.
        Dashboard = "DASHBOARD",
    }
}

text_enum! {
    /// How a session was started.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "SessionMethod")]
    SignInMethod {
        /// By a magic link: emailed, or created by staff.
        Link = "LINK",
        /// By a staff sign-in link.
        StaffLink = "STAFF_LINK",
        /// With an emailed code.
        Code = "CODE",
        /// With a password.
        Password = "PASSWORD",
        /// With Google.
        Google = "GOOGLE",
        /// On the requesting device, confirmed on another one.
        Challenge = "CHALLENGE",
        /// By a fresh proof.
        StepUp = "STEP_UP",
    }
}

impl Audience {
    /// The maximum lifetime of a session, no matter how often it is refreshed (NIST SP 800-63B-4, 2.1.3 and 2.2.3).
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Portal => TimeDelta::days(30),
            Self::Dashboard => TimeDelta::hours(24),
        }
    }
}
