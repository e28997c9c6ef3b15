//! Who is signed in.

use async_graphql::{ID, Object, Union};

use super::enums::{ApiKeyScope, Role};
use super::scalars::{DateTime, EmailAddress};
use crate::auth::viewer;
use crate::db::Conn;
use crate::error::Result;
use crate::models;
use crate::models::session::Session;

/// Who is signed in: staff of the account, a server of its, or a contact in the portal.
#[derive(Union)]
pub enum Viewer {
    Member(TeamMember),
    Key(ApiKey),
    Contact(PortalUser),
}

pub struct TeamMember(pub models::team_member::TeamMember);
pub struct ApiKey(pub models::api_key::ApiKey);
pub struct PortalUser(pub models::contact::Contact);

/// Somebody of the account's staff.
#[Object]
impl TeamMember {
    /// The id: `member_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.email.clone())
    }

    /// The name.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What they may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// When they were added.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

/// A server of the account. Its secret was shown once, when it was made.
#[Object]
impl ApiKey {
    /// The id: `key_…`. It is no secret.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<ApiKeyScope> {
        self.0.scopes().into_iter().map(Into::into).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it ends by itself.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// When it was used last, to the hour.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(Into::into)
    }
}

/// A contact signed in to the portal.
#[Object]
impl PortalUser {
    /// The contact's id: `contact_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address.
    async fn email(&self) -> Option<EmailAddress> {
        self.0.email.clone().map(EmailAddress)
    }

    /// First and last name, as far as they are known.
    async fn name(&self) -> Option<String> {
        self.0.name()
    }

    /// The first name.
    async fn first_name(&self) -> Option<&str> {
        self.0.first_name.as_deref()
    }

    /// The last name.
    async fn last_name(&self) -> Option<&str> {
        self.0.last_name.as_deref()
    }

    /// When they got into the portal for the first time.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(Into::into)
    }
}

impl Viewer {
    /// `None` for nobody, and for one who is gone.
    pub async fn find(conn: &mut Conn, viewer: &viewer::Viewer) -> Result<Option<Self>> {
        Ok(match viewer {
            viewer::Viewer::Anonymous => None,
            viewer::Viewer::Member { account, member, .. } => {
                let found = models::team_member::TeamMember::find(conn, *account, *member).await?;
                found.map(|member| Self::Member(TeamMember(member)))
            }
            viewer::Viewer::Key { account, key, .. } => {
                let found = models::api_key::ApiKey::find(conn, *account, *key).await?;
                found.map(|key| Self::Key(ApiKey(key)))
            }
            viewer::Viewer::Contact { account, contact, .. } => {
                let found = models::contact::Contact::find(conn, *account, *contact).await?;
                found.map(|contact| Self::Contact(PortalUser(contact)))
            }
        })
    }

    pub async fn of_session(conn: &mut Conn, session: &Session) -> Result<Option<Self>> {
        if let Some(contact) = session.contact_id {
            let found = models::contact::Contact::find(conn, session.account_id, contact).await?;
            return Ok(found.map(|contact| Self::Contact(PortalUser(contact))));
        }
        let Some(member) = session.team_member_id else {
            return Ok(None);
        };
        let found = models::team_member::TeamMember::find(conn, session.account_id, member).await?;
        Ok(found.map(|member| Self::Member(TeamMember(member))))
    }
}
