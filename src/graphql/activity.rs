//! What happened in the portal.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::contact::{self, Contact};
use super::context::Request;
use super::enums::PortalEventKind;
use super::scalars::DateTime;
use crate::auth::viewer::Staff;
use crate::error;
use crate::models::audit::AuditEvent;
use crate::models::page::{PageArgs, PageRequest};

pub struct PortalEvent(AuditEvent);

impl From<AuditEvent> for PortalEvent {
    fn from(event: AuditEvent) -> Self {
        Self(event)
    }
}

connection!(PortalEventConnection, PortalEventEdge, PortalEvent, "events");

/// Something that happened in the portal.
#[Object]
impl PortalEvent {
    /// The id: `event_…`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn kind(&self) -> Option<PortalEventKind> {
        PortalEventKind::of(self.0.kind)
    }

    /// To whom; null when the contact is gone.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        contact::of(ctx, self.0.contact_id)
            .await
            .map_err(Into::into)
            .transpose()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who did it: the id of a team member, API key or contact, `anonymous` or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What it was done to, where that is not the contact: the id of an invitation, link, message or session.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject.clone().map(ID)
    }

    /// `OK`, or the reason of a refusal such as `LINK_EXPIRED`.
    async fn outcome(&self) -> &str {
        &self.0.outcome
    }
}

/// A page of events, newest first.
pub async fn list(ctx: &Context<'_>, staff: &Staff, args: PageArgs) -> error::Result<PortalEventConnection> {
    let page = PageRequest::parse("recentActivity", &args)?;
    let services = ctx.services();
    let account = staff.account;
    let mut conn = services.db.conn().await?;
    let rows = AuditEvent::activity(&mut conn, account, &page).await?;
    drop(conn);
    let services = Arc::clone(services);
    let count = Box::new(move || {
        let services = Arc::clone(&services);
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            AuditEvent::activity_count(&mut conn, account).await
        }) as _
    });
    Ok(PortalEventConnection::new(
        Cut::by_id("recentActivity", rows, |event| event.id.0),
        count,
    ))
}
