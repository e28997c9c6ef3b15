//! Contacts as staff see them.

use async_graphql::{Context, ID, Object};

use super::connection::{Connection, Counted, Listed, nullable};
use super::contact_input::{ContactFilter, ContactOrder, parse_search};
use super::context::Request;
use super::enums::{MagicLinkStatus, MessageStatus, PortalStatus};
use super::invitation::Invitation;
use super::magic_link::MagicLink;
use super::message::Message;
use super::scalars::{DateTime, EmailAddress, PhoneNumber};
use crate::address;
use crate::auth::viewer::Scope;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId};
use crate::models::contact;
use crate::models::contact_list::{Filter, Order, OrderField};
use crate::models::message::MessageFilter;
use crate::models::page::{PageArgs, PageRequest};

/// A person the account knows.
pub struct Contact(contact::Contact);

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        Self(contact)
    }
}

#[Object]
impl Contact {
    /// Opaque.
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
        MagicLink::list(ctx, PageArgs { first, after, last, before }, Some(self.0.id), status).await
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
        let of = MessageFilter { contact: Some(self.0.id), status: status.map(Into::into) };
        Message::list(ctx, PageArgs { first, after, last, before }, of).await
    }
}

impl Contact {
    pub async fn load(ctx: &Context<'_>, id: Option<ContactId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().contacts.get(id).await?.map(Self))
    }

    async fn list(ctx: &Context<'_>, args: PageArgs, of: Filter, order: Order) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = order.list();
        let page = PageRequest::parse(&list, &args)?;
        let mut conn = ctx.services().db.conn().await?;
        let rows = contact::Contact::list(&mut conn, staff.account, &of, order, &page).await?;
        Ok(Connection::new(&list, rows, |row| order.position(row), staff.account, of))
    }
}

impl Listed for Contact {
    type Of = Filter;
}

impl Counted for Filter {
    async fn count(&self, conn: &mut Conn, account: AccountId) -> Result<i64> {
        contact::Contact::count(conn, account, self).await
    }
}

/// The contact of that id; for text that is no contact's id, an id that nobody has: its lists are empty.
pub fn contact_or_nobody(id: &ID) -> ContactId {
    id.parse().unwrap_or(ContactId(uuid::Uuid::nil()))
}

/// How a contact is asked for: by one of the two.
enum Asked {
    Id(ID),
    Email(address::EmailAddress),
}

impl Asked {
    fn parse(id: Option<ID>, email: Option<EmailAddress>) -> Result<Self> {
        match (id, email) {
            (Some(id), None) => Ok(Self::Id(id)),
            (None, Some(email)) => address::EmailAddress::parse(&email.0)
                .map(Self::Email)
                .map_err(|fault| Error::bad_input("email", format!("This can't be looked for: {fault}."))),
            (Some(_), Some(_)) => Err(Error::bad_input("email", "Pass id or email, not both.")),
            (None, None) => Err(Error::bad_input("id", "Pass id or email.")),
        }
    }

    async fn find(&self, conn: &mut Conn, account: AccountId) -> Result<Option<contact::Contact>> {
        match self {
            Self::Id(id) => contact::Contact::find(conn, account, contact_or_nobody(id)).await,
            Self::Email(email) => contact::Contact::by_email(conn, account, email).await,
        }
    }
}

#[derive(Default)]
pub struct ContactQueries;

#[Object]
impl ContactQueries {
    /// Contacts that are invited and have not joined yet; the last invited first, unless ordered otherwise. Needs the scope
    /// `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn invited_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Beginnings of words of name, address or phone number; at most 200 characters.")]
        search: Option<String>,
        #[graphql(desc = "Default: `INVITED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = Filter::status(contact::PortalStatus::Invited, parse_search("search", search)?);
        let order = ContactOrder::or_newest(order_by, OrderField::InvitedAt);
        Contact::list(ctx, PageArgs { first, after, last, before }, of, order).await
    }

    /// Contacts that have joined and are not revoked; the last joined first, unless ordered otherwise. Needs the scope
    /// `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn active_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Beginnings of words of name, address or phone number; at most 200 characters.")]
        search: Option<String>,
        #[graphql(desc = "Default: `JOINED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = Filter::status(contact::PortalStatus::Active, parse_search("search", search)?);
        let order = ContactOrder::or_newest(order_by, OrderField::JoinedAt);
        Contact::list(ctx, PageArgs { first, after, last, before }, of, order).await
    }

    /// All contacts, or those that match; the last added first, unless ordered otherwise. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones. Default: all.")] filter: Option<ContactFilter>,
        #[graphql(desc = "Default: `CREATED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = filter.unwrap_or_default().parse("filter")?;
        let order = ContactOrder::or_newest(order_by, OrderField::CreatedAt);
        Contact::list(ctx, PageArgs { first, after, last, before }, of, order).await
    }

    /// One contact, by its id or by its address; null where there is none. Needs the scope `READ`.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact's id, instead of `email`.")] id: Option<ID>,
        #[graphql(desc = "The contact's address, in any letter case, instead of `id`.")] email: Option<EmailAddress>,
    ) -> Option<async_graphql::Result<Contact>> {
        nullable(async {
            let staff = ctx.staff(Scope::Read)?;
            let asked = Asked::parse(id, email)?;
            let mut conn = ctx.services().db.conn().await?;
            let found = asked.find(&mut conn, staff.account).await?;
            Ok(found.map(Contact))
        })
        .await
    }
}
