//! The lists of contacts, and one contact by what names it.

use async_graphql::{Context, ID, Object};

use crate::api::connection::{Connection, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::EmailAddress;
use crate::base::actor::Scope;
use crate::base::address;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::base::page::PageArgs;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::{ContactFilter, ContactOrder, parse_search};
use crate::contacts::model as contact;
use crate::contacts::model::list::{Filter, OrderField};

/// What identifies a contact.
enum ContactLookup {
    Id(ID),
    Email(address::EmailAddress),
}

impl ContactLookup {
    fn parse(id: Option<ID>, email: Option<EmailAddress>) -> Result<Self> {
        match (id, email) {
            (Some(id), None) => Ok(Self::Id(id)),
            (None, Some(email)) => address::EmailAddress::parse(&email.0)
                .map(Self::Email)
                .map_err(|error| Error::bad_input("email", format!("Invalid address: {error}."))),
            (Some(_), Some(_)) => Err(Error::bad_input("email", "Pass id or email, not both.")),
            (None, None) => Err(Error::bad_input("id", "Pass id or email.")),
        }
    }

    async fn find(&self, conn: &mut Conn, account: AccountId) -> Result<Option<contact::Contact>> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(id) => contact::Contact::find(conn, account, id).await,
                Err(_) => Ok(None),
            },
            Self::Email(email) => contact::Contact::by_email(conn, account, email).await,
        }
    }
}

#[derive(Default)]
pub(crate) struct ContactQueries;

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
        #[graphql(desc = "Beginnings of words of the name or address; at most 200 characters.")]
        search: Option<String>,
        #[graphql(desc = "Default: `INVITED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = Filter::status(contact::PortalStatus::Invited, parse_search("search", search)?);
        let order = ContactOrder::or_newest(order_by, OrderField::InvitedAt);
        Contact::list(ctx, PageArgs::new(first, after, last, before), of, order).await
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
        #[graphql(desc = "Beginnings of words of the name or address; at most 200 characters.")]
        search: Option<String>,
        #[graphql(desc = "Default: `JOINED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = Filter::status(contact::PortalStatus::Active, parse_search("search", search)?);
        let order = ContactOrder::or_newest(order_by, OrderField::JoinedAt);
        Contact::list(ctx, PageArgs::new(first, after, last, before), of, order).await
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
        #[graphql(desc = "The conditions. Default: all contacts.")] filter: Option<ContactFilter>,
        #[graphql(desc = "Default: `CREATED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<Connection<Contact>> {
        ctx.staff(Scope::Read)?;
        let of = filter
            .unwrap_or_default()
            .parse("filter", ctx.services().clock.now())?;
        let order = ContactOrder::or_newest(order_by, OrderField::CreatedAt);
        Contact::list(ctx, PageArgs::new(first, after, last, before), of, order).await
    }

    /// One contact, by its id or by its address; null if there is none. Needs the scope `READ`.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact's id, instead of `email`.")] id: Option<ID>,
        #[graphql(desc = "The contact's address, in any letter case, instead of `id`.")] email: Option<
            EmailAddress,
        >,
    ) -> Option<async_graphql::Result<Contact>> {
        nullable(async {
            let staff = ctx.staff(Scope::Read)?;
            let lookup = ContactLookup::parse(id, email)?;
            let mut conn = ctx.services().db.conn().await?;
            let found = lookup.find(&mut conn, staff.account).await?;
            Ok(found.map(Into::into))
        })
        .await
    }
}
