//! Who asks: a team member, a server's key, or a contact in the portal.

use async_graphql::{Context, ID, Object, Union};

use super::connection::{Connection, nullable};
use super::context::Request;
use super::enums::{ApiKeyScope, PortalSection, Role};
use super::scalars::{DateTime, EmailAddress};
use super::session::{Session, limited, manages_team};
use crate::auth::viewer;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::models;
use crate::models::page::PageArgs;
use crate::models::session::{self, Holder};

/// Whom a credential stands for.
#[derive(Union)]
pub enum Viewer {
    TeamMember(TeamMember),
    ApiKey(ApiKey),
    PortalUser(PortalUser),
}

#[derive(Clone)]
pub struct TeamMember(models::team_member::TeamMember);

#[derive(Clone)]
pub struct ApiKey(models::api_key::ApiKey);

pub struct PortalUser {
    contact: models::contact::Contact,
    /// The only section that the session opens, where it is limited.
    section: Option<models::section::PortalSection>,
}

/// Somebody of the account's staff, who signs in to the dashboard.
#[Object]
impl TeamMember {
    /// The id: `member_…`. Opaque.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address that the member signs in with.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.email.clone())
    }

    /// The member's name, where it is known.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What the member may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// When the member was added.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// The member's sessions that live, newest first. For the member, for owners and admins.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Session>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        nullable(async {
            let viewer = &ctx.pass().viewer;
            let (account, holder) = (self.0.account_id, Holder::Member(self.0.id));
            let own = viewer.own_session().is_ok_and(|own| own.holder == holder);
            if !own && !manages_team(viewer) {
                return Err(Error::forbidden(
                    "Only owners and admins see the sessions of others.",
                ));
            }
            Session::list(ctx, args, account, holder).await.map(Some)
        })
        .await
    }
}

/// A server of the account. The secret was shown once, when the key was made.
#[Object]
impl ApiKey {
    /// The id: `key_…`. Opaque; it is no secret.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What staff call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the key may do.
    async fn scopes(&self) -> Vec<ApiKeyScope> {
        self.0.scopes().into_iter().map(Into::into).collect()
    }

    /// When the key was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When the key ends by itself; null: never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When the key was last used, to the hour; null: never.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }
}

/// A contact who is signed in to the portal, as that contact sees itself.
#[Object]
impl PortalUser {
    /// The contact's id: `contact_…`.
    pub async fn id(&self) -> ID {
        ID(self.contact.id.to_string())
    }

    /// The address that mail goes to.
    async fn email(&self) -> Option<EmailAddress> {
        self.contact.email.clone().map(EmailAddress)
    }

    /// First and last name, as far as they are known.
    async fn name(&self) -> Option<String> {
        self.contact.name()
    }

    /// The first name.
    async fn first_name(&self) -> Option<&str> {
        self.contact.first_name.as_deref()
    }

    /// The last name.
    async fn last_name(&self) -> Option<&str> {
        self.contact.last_name.as_deref()
    }

    /// When the contact got into the portal for the first time.
    async fn joined_at(&self) -> Option<DateTime> {
        self.contact.joined_at.map(DateTime)
    }

    /// The sections of the portal that this session opens: one where it is limited to it, else all.
    async fn sections(&self) -> Vec<PortalSection> {
        let all = models::section::PortalSection::ALL.iter().copied();
        let open = |section: &_| self.section.is_none_or(|only| only == *section);
        all.filter(open).map(Into::into).collect()
    }

    /// The contact's sessions that live, newest first. Not for a session that is limited to a section.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Session>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        nullable(async {
            if self.section.is_some() {
                return Err(limited());
            }
            let (account, holder) = (self.contact.account_id, Holder::Contact(self.contact.id));
            Session::list(ctx, args, account, holder).await.map(Some)
        })
        .await
    }
}

impl From<models::team_member::TeamMember> for TeamMember {
    fn from(member: models::team_member::TeamMember) -> Self {
        Self(member)
    }
}

impl From<models::api_key::ApiKey> for ApiKey {
    fn from(key: models::api_key::ApiKey) -> Self {
        Self(key)
    }
}

impl PortalUser {
    /// The contact that the viewer is, if it is one that still exists.
    pub async fn of(conn: &mut Conn, viewer: &viewer::Viewer) -> Result<Option<Self>> {
        let viewer::Viewer::Contact {
            account,
            contact,
            section,
            ..
        } = viewer
        else {
            return Ok(None);
        };
        let contact = models::contact::Contact::find(conn, *account, *contact).await?;
        Ok(contact.map(|contact| Self {
            contact,
            section: *section,
        }))
    }
}

impl Viewer {
    /// Who is signed in by this session.
    pub async fn of_session(conn: &mut Conn, session: &session::Session) -> Result<Option<Self>> {
        let account = session.account_id;
        match (session.contact_id, session.team_member_id) {
            (Some(contact), _) => {
                let contact = models::contact::Contact::find(conn, account, contact).await?;
                let section = session.section;
                Ok(contact.map(|contact| Self::PortalUser(PortalUser { contact, section })))
            }
            (None, Some(member)) => Self::member(conn, account, member).await,
            (None, None) => Ok(None),
        }
    }

    async fn member(
        conn: &mut Conn,
        account: AccountId,
        id: crate::ids::TeamMemberId,
    ) -> Result<Option<Self>> {
        let member = models::team_member::TeamMember::find(conn, account, id).await?;
        Ok(member.map(|member| Self::TeamMember(TeamMember(member))))
    }

    async fn of(conn: &mut Conn, viewer: &viewer::Viewer) -> Result<Option<Self>> {
        match viewer {
            viewer::Viewer::Anonymous => Ok(None),
            viewer::Viewer::Member { account, member, .. } => Self::member(conn, *account, *member).await,
            viewer::Viewer::Key { account, key, .. } => {
                let key = models::api_key::ApiKey::find(conn, *account, *key).await?;
                Ok(key.map(|key| Self::ApiKey(ApiKey(key))))
            }
            viewer::Viewer::Contact { .. } => Ok(PortalUser::of(conn, viewer).await?.map(Self::PortalUser)),
        }
    }
}

#[derive(Default)]
pub struct ViewerQueries;

#[Object]
impl ViewerQueries {
    /// Whom the credential stands for; null without one. For anyone.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Viewer>> {
        nullable(async {
            let viewer = &ctx.pass().viewer;
            if viewer.account().is_none() {
                return Ok(None);
            }
            let mut conn = ctx.services().db.conn().await?;
            Viewer::of(&mut conn, viewer).await
        })
        .await
    }

    /// The contact that is signed in to the portal; null for anyone else.
    async fn me(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<PortalUser>> {
        nullable(async {
            let viewer = &ctx.pass().viewer;
            let viewer::Viewer::Contact { .. } = viewer else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            PortalUser::of(&mut conn, viewer).await
        })
        .await
    }
}
