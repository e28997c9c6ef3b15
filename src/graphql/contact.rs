//! Contacts as staff see them.

use async_graphql::{Context, ID, Object};

use super::connection::{Connection, Counted, Listed, nullable};
use super::context::Request;
use super::enums::{MagicLinkStatus, MessageStatus, PortalStatus};
use super::invitation::Invitation;
use super::magic_link::MagicLink;
use super::message::Message;
use super::scalars::{DateTime, EmailAddress, PhoneNumber};
use super::session::Session;
use super::suppression::Suppression;
use super::timeline::ContactEvent;
use crate::auth::viewer::Scope;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, NotAnId};
use crate::models::contact;
use crate::models::contact_list::{Filter, Order};
use crate::models::message::MessageFilter;
use crate::models::page::{PageArgs, PageRequest};
use crate::models::session::Holder;

#[derive(Clone)]
pub struct Contact(contact::Contact);

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        Self(contact)
    }
}

/// A person the account knows.
#[Object]
impl Contact {
    /// The id: `contact_…`. Opaque.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address; unique in the account, whatever its letter case.
    async fn email(&self) -> Option<EmailAddress> {
        self.0.email.clone().map(EmailAddress)
    }

    /// The phone number in E.164.
    async fn phone(&self) -> Option<PhoneNumber> {
        self.0.phone.clone().map(PhoneNumber)
    }

    /// The first name.
    async fn first_name(&self) -> Option<&str> {
        self.0.first_name.as_deref()
    }

    /// The last name.
    async fn last_name(&self) -> Option<&str> {
        self.0.last_name.as_deref()
    }

    /// First and last name, as far as they are known.
    async fn name(&self) -> Option<String> {
        self.0.name()
    }

    /// Words that staff find the contact by.
    async fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// The IANA time zone, such as `Europe/Berlin`.
    async fn timezone(&self) -> Option<&str> {
        self.0.timezone.as_deref()
    }

    /// The language tag (BCP 47), such as `de-DE`.
    async fn locale(&self) -> Option<&str> {
        self.0.locale.as_deref()
    }

    /// Where the contact stands with the portal.
    async fn portal_status(&self) -> PortalStatus {
        self.0.status().into()
    }

    /// When the contact was invited; null where it never was, or where the invitation was taken back.
    async fn invited_at(&self) -> Option<DateTime> {
        self.0.invited_at.map(DateTime)
    }

    /// When the contact got into the portal for the first time.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(DateTime)
    }

    /// When the contact was last in the portal; moved at most once a day (UTC).
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.0.last_seen_at.map(DateTime)
    }

    /// When its access to the portal was taken away; null: it was not, or it was given back.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// When the contact was added.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// The contact's invitation, open or not.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Invitation>> {
        nullable(Invitation::of_contact(ctx, self.0.id)).await
    }

    /// The contact's magic links, newest first, without their URLs. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn magic_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those that stand like this now.")] status: Option<MagicLinkStatus>,
    ) -> Result<Connection<MagicLink>> {
        MagicLink::list(
            ctx,
            PageArgs {
                first,
                after,
                last,
                before,
            },
            Some(self.0.id),
            status,
        )
        .await
    }

    /// The messages to the contact, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those that have come this far.")] status: Option<MessageStatus>,
    ) -> Result<Connection<Message>> {
        let of = MessageFilter {
            contact: Some(self.0.id),
            status: status.map(Into::into),
        };
        Message::list(
            ctx,
            PageArgs {
                first,
                after,
                last,
                before,
            },
            of,
        )
        .await
    }

    /// Why no mail goes to the contact's address; null where it does.
    async fn suppression(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Suppression>> {
        nullable(Suppression::of_contact(ctx, self.0.id)).await
    }

    /// The contact's sessions that live, newest first. Needs the scope `READ`.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<Session>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Session::list(ctx, args, staff.account, Holder::Contact(self.0.id)).await
    }

    /// What happened to the contact and its mail, newest first: invited, mailed, bounced, links made, used and refused,
    /// signed in, revoked. Needs the scope `READ`.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<ContactEvent>> {
        ContactEvent::list(
            ctx,
            PageArgs {
                first,
                after,
                last,
                before,
            },
            self.0.id,
        )
        .await
    }
}

impl Contact {
    pub async fn load(ctx: &Context<'_>, id: Option<ContactId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().contacts.get(id).await?.map(Self))
    }

    pub async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        of: Filter,
        order: Order,
    ) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = order.list();
        let page = PageRequest::parse(&list, &args)?;
        let mut conn = ctx.services().db.conn().await?;
        let rows = contact::Contact::list(&mut conn, staff.account, &of, order, &page).await?;
        Ok(Connection::new(
            &list,
            rows,
            |row| order.position(row),
            staff.account,
            of,
        ))
    }
}

impl Listed for Contact {
    type Of = Filter;
}

impl Counted for Filter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        contact::Contact::count(&mut conn, account, self).await
    }
}

/// The contact that a list is narrowed to by its argument `contactId`. The list of a foreign one is empty.
pub fn contact_named(id: Option<ID>) -> Result<Option<ContactId>> {
    let wrong = |fault: NotAnId| Error::bad_input("contactId", format!("This can't be a contact: {fault}."));
    id.map(|id| id.parse().map_err(wrong)).transpose()
}
