//! Messages in the API.

mod content;
mod filter;
mod kind;
pub(crate) mod mutations;
pub(crate) mod suppression;

use async_graphql::{Context, ID, Object};
use tokio::sync::OnceCell;

use crate::api::connection::{Connection, Counted, Listed, by_id, field, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MessageId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_contact_id;
use crate::invitations::graphql::Invitation;
use crate::magic_links::graphql::MagicLink;
use crate::messages::emails::masked::MaskedMessage;
use crate::messages::graphql::content::masked;
use crate::messages::graphql::filter::MessageFilterInput;
pub(crate) use crate::messages::graphql::kind::MessageKind;
use crate::messages::graphql::suppression::Suppression;
use crate::messages::model as message;
use crate::messages::model::{Channel, MessageFilter, MessageStatus};
use crate::templates::graphql::Template;

#[derive(Clone)]
pub(crate) struct Message {
    row: message::Message,
    /// What it says with its secrets masked, rendered when a field first needs it.
    content: OnceCell<Option<MaskedMessage>>,
}

impl From<message::Message> for Message {
    fn from(row: message::Message) -> Self {
        Self {
            row,
            content: OnceCell::new(),
        }
    }
}

/// One email or SMS to one contact, and its delivery.
#[Object]
impl Message {
    /// The id: `message_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// How it is delivered.
    async fn channel(&self) -> Channel {
        self.row.channel
    }

    /// What it is.
    async fn kind(&self) -> MessageKind {
        self.row.kind.into()
    }

    /// The current status.
    async fn status(&self) -> MessageStatus {
        self.row.status
    }

    /// The recipient.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, self.row.contact_id)).await
    }

    /// The email address or phone number it goes to, as it was when the message was requested. Needs the scope `READ`.
    async fn address(&self, ctx: &Context<'_>) -> Result<&str> {
        ctx.readable(&self.row.address)
    }

    /// An email's subject; null until it was sent, and for a text message. Needs the scope `READ`.
    async fn subject(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<&str>> {
        field(ctx.readable(self.row.subject.as_deref()))
    }

    /// The email as HTML, as the recipient sees it, with each link's token and each code masked (`••••••`), also in a link of this
    /// server that a note contains. It is rendered from current data, so it has the portal's current name, colours and settings.
    /// Null for a text message, and if what it is about no longer exists. Needs the scope `READ`.
    async fn html(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<&str>> {
        nullable(async {
            Ok(self
                .content(ctx)
                .await?
                .and_then(|content| content.html.as_deref()))
        })
        .await
    }

    /// The same as plain text, or the text message. Needs the scope `READ`.
    async fn text(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<&str>> {
        nullable(async { Ok(self.content(ctx).await?.map(|content| &*content.text)) }).await
    }

    /// Who caused it: the id of a team member, API key or contact, or `anonymous` or `system`.
    async fn created_by(&self) -> &str {
        &self.row.requested_by
    }

    /// When it was requested.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When the mail server or the SMS provider accepted it, or it was kept on this server.
    async fn sent_at(&self) -> Option<DateTime> {
        self.row.sent_at.map(DateTime)
    }

    /// The number of attempts.
    async fn attempts(&self) -> i32 {
        self.row.attempt_count
    }

    /// When the next attempt is due; null if there is none.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        use message::MessageStatus::{Deferred, Queued};
        matches!(self.row.status, Queued | Deferred).then_some(DateTime(self.row.due_at))
    }

    /// Why the message was not sent, failed, bounced or is delayed, for staff: the reply of the last attempt or of a later report,
    /// or why its address is suppressed. Needs the scope `READ`.
    async fn last_error(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            match self.row.status {
                MessageStatus::Suppressed => Suppression::reason_of(ctx, &self.row).await.map(Some),
                _ => Ok(self.row.last_error.clone()),
            }
        })
        .await
    }

    /// The link that it carries.
    async fn magic_link(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<MagicLink>> {
        nullable(MagicLink::load(ctx, self.row.magic_link_id)).await
    }

    /// The template that it was written from; null without one. Needs the scope `INVITE` or `ADMIN`.
    async fn template(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Template>> {
        nullable(Template::of_mailing(ctx, self.row.mailing())).await
    }

    /// The invitation that it carries.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Invitation>> {
        nullable(Invitation::load(ctx, self.row.invitation_id)).await
    }
}

impl Message {
    async fn content(&self, ctx: &Context<'_>) -> Result<Option<&MaskedMessage>> {
        ctx.staff(Scope::Read)?;
        let content = self.content.get_or_try_init(|| masked(ctx, &self.row));
        Ok(content.await?.as_ref())
    }

    pub(crate) async fn load(ctx: &Context<'_>, id: Option<MessageId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().messages.get(id).await?.map(Self::from))
    }

    /// The newest message to a contact; with `with_invitation`, the newest that carried their invitation.
    pub(crate) async fn newest(
        ctx: &Context<'_>,
        contact: ContactId,
        with_invitation: bool,
    ) -> Result<Option<Self>> {
        ctx.staff(Scope::Read)?;
        let of = MessageFilter {
            contact: Some(contact),
            with_invitation,
            ..MessageFilter::default()
        };
        let args = PageArgs {
            first: Some(1),
            ..PageArgs::default()
        };
        let page = PageRequest::parse("messages/newest", &args)?;
        let found = ctx.loaders().lists().messages.page(&of, &page).await?;
        Ok(found.rows.into_iter().next().map(Self::from))
    }

    /// A page of messages, newest first.
    pub(crate) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        of: MessageFilter,
    ) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = format!("messages/{:?}/{:?}", of.contact, of.conditions.statuses);
        let page = PageRequest::parse(&list, &args)?;
        let rows = if of.contact.is_some() {
            ctx.loaders().lists().messages.page(&of, &page).await?
        } else {
            let mut conn = ctx.services().db.conn().await?;
            Box::pin(message::Message::list(&mut conn, staff.account, &of, &page)).await?
        };
        Ok(Connection::new(
            &list,
            rows,
            |row| by_id(row.id.0),
            staff.account,
            of,
        ))
    }
}

impl Listed for Message {
    type Of = MessageFilter;
}

impl Counted for MessageFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        if self.contact.is_some() {
            return ctx.loaders().lists().messages.count(self).await;
        }
        let mut conn = ctx.services().db.conn().await?;
        message::Message::count(&mut conn, account, self).await
    }
}

#[derive(Default)]
pub(crate) struct MessageQueries;

#[Object]
impl MessageQueries {
    /// All messages, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those to this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Only those in this state.")] status: Option<MessageStatus>,
        #[graphql(desc = "Only those that meet all of its conditions.")] filter: Option<MessageFilterInput>,
    ) -> Result<Connection<Message>> {
        ctx.staff(Scope::Read)?;
        let mut conditions = filter.unwrap_or_default().parse()?;
        if let Some(status) = status {
            conditions.require_status(status);
        }
        let of = MessageFilter {
            contact: parse_contact_id("contactId", contact_id)?,
            conditions,
            with_invitation: false,
        };
        Message::list(ctx, PageArgs::new(first, after, last, before), of).await
    }
}
