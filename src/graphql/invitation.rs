//! The standing offer to a contact to join.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::contact::{self, Contact};
use super::context::Request;
use super::enums::{InvitationStatus, PortalSection};
use super::scalars::DateTime;
use crate::auth::viewer::Staff;
use crate::error;
use crate::models;
use crate::models::page::{PageArgs, PageRequest};

pub struct Invitation(pub models::invitation::Invitation);

impl From<models::invitation::Invitation> for Invitation {
    fn from(invitation: models::invitation::Invitation) -> Self {
        Self(invitation)
    }
}

connection!(InvitationConnection, InvitationEdge, Invitation, "invitations");

/// The standing offer to a contact to join. It keeps its id when it is sent anew.
#[Object]
impl Invitation {
    /// The id: `invitation_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Who is invited.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        contact::of(ctx, Some(self.0.contact_id))
            .await
            .map_err(Into::into)
            .transpose()
    }

    /// Where it leads.
    async fn section(&self) -> PortalSection {
        self.0.section.into()
    }

    /// The personal note in the mail.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> InvitationStatus {
        self.0.status(ctx.services().clock.now()).into()
    }

    /// Who invited: the id of a team member or API key, or `system`.
    async fn invited_by(&self) -> &str {
        &self.0.invited_by
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// How often it was sent.
    async fn sent_count(&self) -> i32 {
        self.0.sent_count
    }

    /// When it was sent last.
    async fn last_sent_at(&self) -> DateTime {
        self.0.last_sent_at.into()
    }

    /// When it expires, or did.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When the contact joined.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(Into::into)
    }

    /// When staff took it back.
    async fn cancelled_at(&self) -> Option<DateTime> {
        self.0.cancelled_at.map(Into::into)
    }
}

/// A page of invitations, newest first.
pub async fn list(
    ctx: &Context<'_>,
    staff: &Staff,
    status: Option<InvitationStatus>,
    args: PageArgs,
) -> error::Result<InvitationConnection> {
    let name = format!("invitations/{status:?}");
    let page = PageRequest::parse(&name, &args)?;
    let services = ctx.services();
    let (account, now, status) = (staff.account, services.clock.now(), status.map(Into::into));
    let mut conn = services.db.conn().await?;
    let rows = models::invitation::Invitation::list(&mut conn, account, status, &page, now).await?;
    drop(conn);
    let services = Arc::clone(services);
    let count = Box::new(move || {
        let services = Arc::clone(&services);
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            models::invitation::Invitation::count(&mut conn, account, status, now).await
        }) as _
    });
    Ok(InvitationConnection::new(
        Cut::by_id(&name, rows, |one| one.id.0),
        count,
    ))
}
