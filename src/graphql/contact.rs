//! A person the account knows.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::connection::{Cut, connection};
use super::context::Request;
use super::enums::PortalStatus;
use super::invitation::Invitation;
use super::magic_link::{self, MagicLinkConnection};
use super::message::{self, MessageConnection};
use super::scalars::{DateTime, EmailAddress, PhoneNumber};
use crate::auth::viewer::{Scope, Staff};
use crate::error;
use crate::models;
use crate::models::contact_list::{Filter, Order, OrderField};
use crate::models::magic_link::LinkFilter;
use crate::models::message::MessageFilter;
use crate::models::page::{PageArgs, PageRequest};

pub struct Contact(pub models::contact::Contact);

impl From<models::contact::Contact> for Contact {
    fn from(contact: models::contact::Contact) -> Self {
        Self(contact)
    }
}

connection!(ContactConnection, ContactEdge, Contact, "contacts");

/// A person the account knows.
#[Object]
impl Contact {
    /// The id: `contact_…`.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The address; unique in the account, whatever its case.
    async fn email(&self) -> Option<EmailAddress> {
        self.0.email.clone().map(EmailAddress)
    }

    /// The phone number.
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

    /// Words to find the contact by.
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

    /// When the contact was invited; not after the invitation was cancelled.
    async fn invited_at(&self) -> Option<DateTime> {
        self.0.invited_at.map(Into::into)
    }

    /// When the contact got into the portal for the first time.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(Into::into)
    }

    /// When the contact was last seen, to the day.
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.0.last_seen_at.map(Into::into)
    }

    /// When the contact was added.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The open or last invitation.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<Result<Invitation>> {
        let found = ctx.loaders().invitation_of_contact.get(self.0.id).await;
        found
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }

    /// The contact's magic links, newest first.
    async fn magic_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<MagicLinkConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let of = LinkFilter {
            contact: Some(self.0.id),
            status: None,
            now: ctx.services().clock.now(),
        };
        Ok(magic_link::list(
            ctx,
            &staff,
            of,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// The messages to the contact, newest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<MessageConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let of = MessageFilter {
            contact: Some(self.0.id),
            status: None,
        };
        Ok(message::list(
            ctx,
            &staff,
            of,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }
}

/// A page of contacts.
pub async fn list(
    ctx: &Context<'_>,
    staff: &Staff,
    filter: Filter,
    order: Order,
    args: PageArgs,
) -> error::Result<ContactConnection> {
    let name = order.list();
    let page = PageRequest::parse(&name, &args)?;
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let rows = models::contact::Contact::list(&mut conn, staff.account, &filter, order, &page).await?;
    drop(conn);
    let (services, account) = (Arc::clone(services), staff.account);
    let count = Box::new(move || {
        let (services, filter) = (Arc::clone(&services), filter.clone());
        Box::pin(async move {
            let mut conn = services.db.conn().await?;
            models::contact::Contact::count(&mut conn, account, &filter).await
        }) as _
    });
    Ok(ContactConnection::new(
        Cut::new(&name, rows, |contact| order.position(contact)),
        count,
    ))
}

/// Newest first by a time.
pub const fn newest(field: OrderField) -> Order {
    Order {
        field,
        descending: true,
    }
}

/// The contact that something belongs to.
pub async fn of(ctx: &Context<'_>, id: Option<crate::ids::ContactId>) -> error::Result<Option<Contact>> {
    match id {
        Some(id) => Ok(ctx.loaders().contacts.get(id).await?.map(Into::into)),
        None => Ok(None),
    }
}
