//! What happened in the portal.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription};
use futures_util::{Stream, StreamExt, stream};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::audit::{AuditEvent, PortalEventKind};
use crate::base::db::deadline;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, EventId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::services::Services;

#[derive(Clone)]
pub(crate) struct PortalEvent(AuditEvent);

impl From<AuditEvent> for PortalEvent {
    fn from(event: AuditEvent) -> Self {
        Self(event)
    }
}

/// Something that happened to a contact or their messages.
#[Object]
impl PortalEvent {
    /// The id: `event_…`. Opaque; later events have greater ids.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn kind(&self) -> Result<PortalEventKind> {
        (self.0.kind.in_portal()).ok_or_else(|| Error::internal("an event of the audit log alone was shown"))
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// The contact concerned; null if they no longer exist.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, self.0.contact_id)).await
    }

    /// The contact's id, also if the contact no longer exists.
    async fn contact_id(&self) -> Option<ID> {
        self.0.contact_id.map(|id| ID(id.to_string()))
    }

    /// The fields of the contact that a `CONTACT_UPDATED` changed, such as `firstName`; never their values. Empty for other kinds.
    async fn changed_fields(&self) -> Vec<&str> {
        self.0.changed_fields()
    }

    /// Who did it: the id of a team member, API key or contact, or `anonymous` or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The id of what it was done to, such as an invitation, a link or a message.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject.clone().map(ID)
    }

    /// `OK`, or why it was refused, such as `LINK_EXPIRED`.
    async fn outcome(&self) -> &str {
        &self.0.outcome
    }
}

/// All events that the activity shows.
pub(crate) struct AllEvents;

impl Listed for PortalEvent {
    type Of = AllEvents;
}

impl Counted for AllEvents {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        AuditEvent::activity_count(&mut conn, account).await
    }
}

#[derive(Default)]
pub(crate) struct ActivityQueries;

#[Object]
impl ActivityQueries {
    /// What happened in the portal, newest first. The subscription `portalActivity` sends what happens from now on. Needs the
    /// scope `READ`.
    async fn recent_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<PortalEvent>> {
        let staff = ctx.staff(Scope::Read)?;
        let page = PageRequest::parse("recentActivity", &PageArgs::new(first, after, last, before))?;
        let mut conn = ctx.services().db.conn().await?;
        let rows = AuditEvent::activity(&mut conn, staff.account, &page).await?;
        Ok(Connection::new(
            "recentActivity",
            rows,
            |row| by_id(row.id.0),
            staff.account,
            AllEvents,
        ))
    }
}

#[derive(Default)]
pub(crate) struct ActivitySubscriptions;

#[Subscription]
impl ActivitySubscriptions {
    /// What happens in the portal from now on: invited, joined, login email sent, link used, bounced, revoked. Its history
    /// is the query `recentActivity`. Needs the scope `READ`.
    async fn portal_activity(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<PortalEvent>>> {
        let staff = ctx.staff(Scope::Read)?;
        let services = Arc::clone(ctx.services());
        let ids = services.live.activity(staff.account);
        let events = ids.then(move |ids| {
            let services = Arc::clone(&services);
            async move { load_activity(&services, staff.account, &ids).await }
        });
        Ok(events.flat_map(|batch| match batch {
            Ok(events) => stream::iter(
                events
                    .into_iter()
                    .map(|event| Ok(event.into()))
                    .collect::<Vec<_>>(),
            ),
            Err(error) => stream::iter(vec![Err(error.into())]),
        }))
    }
}

async fn load_activity(services: &Services, account: AccountId, ids: &[EventId]) -> Result<Vec<AuditEvent>> {
    let events = deadline::within(deadline::REQUEST, async {
        let mut conn = services.db.conn().await?;
        AuditEvent::find_many(&mut conn, account, ids).await
    });
    let events = events.await?;
    Ok(events.into_iter().filter(AuditEvent::in_activity).collect())
}
