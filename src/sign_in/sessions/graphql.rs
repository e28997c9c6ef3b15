//! Sessions over the API, for their holders and for staff.

pub(crate) mod mutations;

use async_graphql::{Context, ID, Object};

use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, Counted, Listed, by_id};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::{Role, Scope, SignInMethod};
use crate::base::device;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::locale::Locale;
use crate::base::page::{PageArgs, PageRequest};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::model as session;
use crate::sign_in::sessions::model::Holder;
use crate::sign_in::sessions::model::list::SessionsOf;

#[derive(Clone)]
pub(crate) struct Session(session::Session);

impl From<session::Session> for Session {
    fn from(session: session::Session) -> Self {
        Self(session)
    }
}

/// A sign-in on one device: of a contact to the portal, or of a team member to the dashboard.
#[Object]
impl Session {
    /// The id: `session_…`. Opaque; it is no credential.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When it started.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last used; written at most once a day (UTC). Null if it was not used yet.
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.0.last_seen_at.map(DateTime)
    }

    /// When it expires, however often it is refreshed.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When it was ended; null while it is active. Lists contain active sessions only.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Whether this request was made with it.
    async fn current(&self, ctx: &Context<'_>) -> bool {
        let own = ctx.auth().viewer.own_session();
        own.is_ok_and(|own| own.id == self.0.id)
    }

    /// The device in words, such as `Chrome on Windows`, by its user agent.
    async fn device(&self) -> String {
        device::describe(self.0.user_agent.as_deref(), Locale::DEFAULT)
    }

    /// The network it was started from, without its last part: `203.0.113.x`, `2001:db8:1::/48`. Null if unknown.
    async fn network(&self) -> Option<String> {
        self.0.ip.as_deref().and_then(device::network_of)
    }

    /// How it was started.
    async fn method(&self) -> SignInMethod {
        self.0.method
    }

    /// The only section of the portal that it opens; null for all.
    async fn section(&self) -> Option<PortalSection> {
        self.0.section
    }

    /// Whether it was started by a link whose URL staff or a server has seen.
    async fn made_by_staff(&self) -> bool {
        self.0.staff_seen
    }
}

impl Session {
    /// The active sessions of a person, newest first. The caller has authorised it.
    pub(crate) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        account: AccountId,
        holder: Holder,
    ) -> Result<Connection<Self>> {
        let services = ctx.services();
        let of = SessionsOf {
            holder,
            now: services.clock.now(),
        };
        let list = format!("sessions/{holder:?}");
        let page = PageRequest::parse(&list, &args)?;
        let rows = ctx.loaders().lists().sessions.page(&of, &page).await?;
        Ok(Connection::new(&list, rows, |row| by_id(row.id.0), account, of))
    }
}

impl Listed for Session {
    type Of = SessionsOf;
}

impl Counted for SessionsOf {
    async fn count(&self, ctx: &Context<'_>, _: AccountId) -> Result<i64> {
        ctx.loaders().lists().sessions.count(self).await
    }
}

/// Whether the viewer may see a session of its account: its own, a contact's for staff, a team member's for owners and
/// admins.
pub(crate) fn may_see(viewer: &Viewer, session: &session::Session) -> bool {
    let own = viewer.own_session().ok();
    if own.is_some_and(|own| session.holder() == Some(own.holder)) {
        return true;
    }
    match session.holder() {
        Some(Holder::Contact(_)) => viewer.staff(Scope::Read).is_ok(),
        Some(Holder::Member(_)) => manages_team(viewer),
        None => false,
    }
}

/// Whether the viewer may end a session that is not its own.
pub(crate) fn may_end(viewer: &Viewer, session: &session::Session, holder_role: Option<Role>) -> Result<()> {
    match session.holder() {
        Some(Holder::Contact(_)) => viewer.staff(Scope::Contacts).map(drop),
        _ if holder_role == Some(Role::Owner) && !owner(viewer) => {
            Err(Error::forbidden("Only an owner may end the session of an owner."))
        }
        _ => Ok(()),
    }
}

pub(crate) fn manages_team(viewer: &Viewer) -> bool {
    matches!(
        viewer,
        Viewer::Member {
            role: Role::Owner | Role::Admin,
            ..
        }
    )
}

fn owner(viewer: &Viewer) -> bool {
    matches!(
        viewer,
        Viewer::Member {
            role: Role::Owner,
            ..
        }
    )
}
