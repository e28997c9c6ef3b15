//! A one-time URL that signs one contact in. The URL itself is readable only in the payload that made it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::contact::{self, Contact};
use super::context::Request;
use super::enums::{MagicLinkPurpose, MagicLinkStatus, PortalSection};
use super::message::Message;
use super::scalars::DateTime;
use crate::auth::viewer::Staff;
use crate::error;
use crate::models;
use crate::models::magic_link::LinkFilter;
use crate::models::page::{PageArgs, PageRequest};

pub struct MagicLink(pub models::magic_link::MagicLink);

impl From<models::magic_link::MagicLink> for MagicLink {
    fn from(link: models::magic_link::MagicLink) -> Self {
        Self(link)
    }
}

connection!(MagicLinkConnection, MagicLinkEdge, MagicLink, "magic links");

/// A one-time URL that signs one contact in. The URL itself is readable only in the payload that made it.
#[Object]
impl MagicLink {
    /// The id: `magiclink_…`. It is no secret and signs nobody in.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Whom it signs in.
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

    /// The one course or community that it leads to: an id or a name.
    async fn resource_id(&self) -> Option<ID> {
        self.0.resource_id.clone().map(ID)
    }

    /// Whether its session opens that section only.
    async fn limit_to_section(&self) -> bool {
        self.0.limit_to_section
    }

    /// What it is for.
    async fn purpose(&self) -> MagicLinkPurpose {
        self.0.purpose.into()
    }

    /// Where it stands now.
    async fn status(&self, ctx: &Context<'_>) -> MagicLinkStatus {
        self.0.status(ctx.services().clock.now()).into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it expires, or did.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was used last.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(Into::into)
    }

    /// Who had it made: the id of a team member, API key or contact, `anonymous` or `system`.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// The message that carried it, if one did.
    async fn message(&self, ctx: &Context<'_>) -> Option<Result<Message>> {
        let found = ctx.loaders().message_of_link.get(self.0.id).await;
        found
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }
}

/// A page of magic links, newest first.
pub async fn list(
    ctx: &Context<'_>,
    staff: &Staff,
    of: LinkFilter,
    args: PageArgs,
) -> error::Result<MagicLinkConnection> {
    let name = format!("magicLinks/{:?}/{:?}", of.contact, of.status);
    let page = PageRequest::parse(&name, &args)?;
    let services = ctx.services();
    let account = staff.account;
    let mut conn = services.db.conn().await?;
    let rows = models::magic_link::MagicLink::list(&mut conn, account, &of, &page).await?;
    drop(conn);
    let services = Arc::clone(services);
    let count = Box::new(move || {
        let (services, of) = (Arc::clone(&services), of.clone());
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            models::magic_link::MagicLink::count(&mut conn, account, &of).await
        }) as _
    });
    Ok(MagicLinkConnection::new(
        Cut::by_id(&name, rows, |link| link.id.0),
        count,
    ))
}
