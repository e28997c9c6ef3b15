//! The caller: a team member, an API key, or a contact in the portal.

use async_graphql::{Context, ID, Object, Union};

use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, EmailAddress};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::page::PageArgs;
use crate::sign_in::auth_context as viewer;
use crate::sign_in::sessions::graphql::Session;
use crate::sign_in::sessions::limited_error;
use crate::sign_in::sessions::model as session;
use crate::sign_in::sessions::model::Holder;
use crate::team::graphql::TeamMember;
use crate::team::graphql::api_key::ApiKey;

/// The caller that a credential identifies.
#[derive(Union)]
pub(crate) enum Viewer {
    TeamMember(TeamMember),
    ApiKey(ApiKey),
    PortalUser(PortalUser),
}

pub(crate) struct PortalUser {
    contact: crate::contacts::model::Contact,
    /// The only section that the session opens, if it is limited.
    section: Option<PortalSection>,
}

/// A contact who is signed in to the portal, as that contact sees itself.
#[Object]
impl PortalUser {
    /// The contact's id: `contact_…`.
    pub(crate) async fn id(&self) -> ID {
        ID(self.contact.id.to_string())
    }

    /// The address that email goes to.
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

    /// When the contact first signed in to the portal.
    async fn joined_at(&self) -> Option<DateTime> {
        self.contact.joined_at.map(DateTime)
    }

    /// The sections of the portal that this session opens: one if it is limited to it, else all.
    async fn sections(&self) -> Vec<PortalSection> {
        let all = PortalSection::ALL.iter().copied();
        let open = |section: &_| self.section.is_none_or(|only| only == *section);
        all.filter(open).collect()
    }

    /// The contact's active sessions, newest first. Not for a session that is limited to a section.
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
                return Err(limited_error());
            }
            let (account, holder) = (self.contact.account_id, Holder::Contact(self.contact.id));
            Session::list(ctx, args, account, holder).await.map(Some)
        })
        .await
    }
}

impl PortalUser {
    /// The viewer's contact, if the viewer is a contact that still exists.
    pub(crate) async fn of(conn: &mut Conn, viewer: &viewer::Viewer) -> Result<Option<Self>> {
        let viewer::Viewer::Contact {
            account,
            contact,
            section,
            ..
        } = viewer
        else {
            return Ok(None);
        };
        let contact = crate::contacts::model::Contact::find(conn, *account, *contact).await?;
        Ok(contact.map(|contact| Self {
            contact,
            section: *section,
        }))
    }
}

impl Viewer {
    /// The person whose session it is.
    pub(crate) async fn of_session(conn: &mut Conn, session: &session::Session) -> Result<Option<Self>> {
        let account = session.account_id;
        match (session.contact_id, session.team_member_id) {
            (Some(contact), _) => {
                let contact = crate::contacts::model::Contact::find(conn, account, contact).await?;
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
        id: crate::base::ids::TeamMemberId,
    ) -> Result<Option<Self>> {
        let member = crate::team::model::TeamMember::find(conn, account, id).await?;
        Ok(member.map(|member| Self::TeamMember(member.into())))
    }

    async fn of(conn: &mut Conn, viewer: &viewer::Viewer) -> Result<Option<Self>> {
        match viewer {
            viewer::Viewer::Anonymous => Ok(None),
            viewer::Viewer::Member { account, member, .. } => Self::member(conn, *account, *member).await,
            viewer::Viewer::Key { account, key, .. } => {
                let key = crate::team::model::api_key::ApiKey::find(conn, *account, *key).await?;
                Ok(key.map(|key| Self::ApiKey(key.into())))
            }
            viewer::Viewer::Contact { .. } => Ok(PortalUser::of(conn, viewer).await?.map(Self::PortalUser)),
        }
    }
}

#[derive(Default)]
pub(crate) struct ViewerQueries;

#[Object]
impl ViewerQueries {
    /// The caller that the credential identifies; null without one. No credential needed.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Viewer>> {
        nullable(async {
            let viewer = &ctx.auth().viewer;
            if viewer.account().is_none() {
                return Ok(None);
            }
            let mut conn = ctx.services().db.conn().await?;
            Viewer::of(&mut conn, viewer).await
        })
        .await
    }

    /// The contact that is signed in to the portal; null for any other caller.
    async fn me(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<PortalUser>> {
        nullable(async {
            let viewer = &ctx.auth().viewer;
            let viewer::Viewer::Contact { .. } = viewer else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            PortalUser::of(&mut conn, viewer).await
        })
        .await
    }
}
