//! The caller: a team member, an API key, or a contact in the portal.

use async_graphql::{Context, Object, Union};

use super::portal_user::PortalUser;
use crate::api::context::ContextExt;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::sign_in::auth_context as viewer;
use crate::sign_in::sessions::model as session;
use crate::team::graphql::TeamMember;
use crate::team::graphql::api_key::ApiKey;
use crate::team::model as team;

/// The caller that a credential identifies.
#[derive(Union)]
pub(crate) enum Viewer {
    TeamMember(TeamMember),
    ApiKey(ApiKey),
    PortalUser(PortalUser),
}

impl Viewer {
    /// The person whose session it is.
    pub(crate) async fn of_session(conn: &mut Conn, session: &session::Session) -> Result<Option<Self>> {
        let account = session.account_id;
        match (session.contact_id, session.team_member_id) {
            (Some(contact), _) => {
                let found = Contact::find(conn, account, contact).await?;
                let user = |contact| PortalUser::of_contact(contact, session.section);
                Ok(found.map(user).map(Self::PortalUser))
            }
            (None, Some(member)) => {
                let found = team::TeamMember::find(conn, account, member).await?;
                Ok(found.map(|member| Self::TeamMember(member.into())))
            }
            (None, None) => Ok(None),
        }
    }

    /// The caller, as far as its credential tells. A caller that was removed meanwhile is refused with its credential.
    fn of_credential(viewer: &viewer::Viewer) -> Option<Self> {
        Some(match viewer {
            viewer::Viewer::Anonymous => return None,
            viewer::Viewer::Member {
                account,
                member,
                role,
                ..
            } => Self::TeamMember(TeamMember::of_credential(*account, *member, *role)),
            viewer::Viewer::Key { key, scopes, .. } => Self::ApiKey(ApiKey::of_credential(*key, scopes)),
            viewer::Viewer::Contact {
                account,
                contact,
                section,
                ..
            } => Self::PortalUser(PortalUser {
                account: *account,
                id: *contact,
                section: *section,
                row: None,
            }),
        })
    }
}

#[derive(Default)]
pub(crate) struct ViewerQueries;

#[Object]
impl ViewerQueries {
    /// The caller that the credential identifies; null without one. No credential needed.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        Viewer::of_credential(&ctx.auth().viewer)
    }

    /// The contact that is signed in to the portal; null for any other caller.
    async fn me(&self, ctx: &Context<'_>) -> Option<PortalUser> {
        match Viewer::of_credential(&ctx.auth().viewer) {
            Some(Viewer::PortalUser(user)) => Some(user),
            Some(Viewer::TeamMember(_) | Viewer::ApiKey(_)) | None => None,
        }
    }
}
