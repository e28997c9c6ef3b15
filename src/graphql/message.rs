//! One email or SMS to one contact.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::contact::{self, Contact};
use super::context::Request;
use super::enums::{Channel, MessageKind, MessageStatus};
use super::invitation::Invitation;
use super::magic_link::MagicLink;
use super::scalars::DateTime;
use crate::auth::viewer::Staff;
use crate::error;
use crate::models;
use crate::models::message::MessageFilter;
use crate::models::page::{PageArgs, PageRequest};

pub struct Message(pub models::message::Message);

impl From<models::message::Message> for Message {
    fn from(message: models::message::Message) -> Self {
        Self(message)
    }
}

connection!(MessageConnection, MessageEdge, Message, "messages");

/// One email or SMS to one contact, and how far it has come.
#[Object]
impl Message {
    /// The id: `message_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The way it takes.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// What it is.
    async fn kind(&self) -> MessageKind {
        self.0.kind.into()
    }

    /// How far it has come.
    async fn status(&self) -> MessageStatus {
        self.0.status.into()
    }

    /// Whom it is for.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        contact::of(ctx, self.0.contact_id)
            .await
            .map_err(Into::into)
            .transpose()
    }

    /// The address it goes to, or went to.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// The subject it was sent with.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the mail server took it.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(Into::into)
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempt_count
    }

    /// What the last try failed of, for staff to read.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// The magic link that it carries.
    async fn magic_link(&self, ctx: &Context<'_>) -> Option<Result<MagicLink>> {
        let found = ctx.loaders().links.get(self.0.magic_link_id?).await;
        found
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }

    /// The invitation that it is for.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Result<Invitation>> {
        let found = ctx.loaders().invitations.get(self.0.invitation_id?).await;
        found
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }
}

/// A page of messages, newest first.
pub async fn list(
    ctx: &Context<'_>,
    staff: &Staff,
    of: MessageFilter,
    args: PageArgs,
) -> error::Result<MessageConnection> {
    let name = format!("messages/{:?}/{:?}", of.contact, of.status);
    let page = PageRequest::parse(&name, &args)?;
    let services = ctx.services();
    let account = staff.account;
    let mut conn = services.db.conn().await?;
    let rows = models::message::Message::list(&mut conn, account, &of, &page).await?;
    drop(conn);
    let services = Arc::clone(services);
    let count = Box::new(move || {
        let services = Arc::clone(&services);
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            models::message::Message::count(&mut conn, account, &of).await
        }) as _
    });
    Ok(MessageConnection::new(
        Cut::by_id(&name, rows, |message| message.id.0),
        count,
    ))
}
