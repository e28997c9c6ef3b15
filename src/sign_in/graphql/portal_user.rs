//! The contact in the portal, as they see themselves.

use async_graphql::{Context, ID, Object};

use crate::access::graphql::opened::{
    ContactCommunityConnection, ContactCourseConnection, ContactOfferConnection,
};
use crate::access::graphql::sections::SectionAccess;
use crate::accounts::model::section::PortalSection;
use crate::affiliates::graphql::Affiliate;
use crate::api::connection::{Connection, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, EmailAddress};
use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::PageArgs;
use crate::contacts::model::Contact;
use crate::courses::graphql::outline::Lesson;
use crate::menu::graphql::MenuItem;
use crate::sign_in::sessions::graphql::Session;
use crate::sign_in::sessions::limited_error;
use crate::sign_in::sessions::model::Holder;

pub(crate) struct PortalUser {
    pub(super) account: AccountId,
    pub(super) id: ContactId,
    /// The only section that the session opens, if it is limited.
    pub(super) section: Option<PortalSection>,
    /// `None` for the caller: the row is read only for a field that needs it.
    pub(super) row: Option<Contact>,
}

impl PortalUser {
    pub(crate) fn of_contact(contact: Contact, section: Option<PortalSection>) -> Self {
        Self {
            account: contact.account_id,
            id: contact.id,
            section,
            row: Some(contact),
        }
    }

    /// What belongs to a section: for the caller, with a session that opens the section. A mutation that has just signed the
    /// contact in is still without the new session.
    fn require_section(&self, ctx: &Context<'_>, section: PortalSection) -> Result<()> {
        self.require_caller(ctx)?;
        match self.section {
            Some(only) if only != section => Err(limited_error()),
            _ => Ok(()),
        }
    }

    fn require_caller(&self, ctx: &Context<'_>) -> Result<()> {
        match ctx.auth().viewer.actor() {
            Actor::Contact(caller) if caller == self.id => Ok(()),
            _ => Err(Error::unauthenticated()),
        }
    }

    async fn read<T>(
        &self,
        ctx: &Context<'_>,
        value: impl FnOnce(&Contact) -> Option<T>,
    ) -> Result<Option<T>> {
        if let Some(row) = &self.row {
            return Ok(value(row));
        }
        let found = ctx.loaders().contacts.get(self.id).await?;
        found.as_ref().map(value).ok_or_else(Error::unauthenticated)
    }
}

/// A contact who is signed in to the portal, as that contact sees itself.
#[Object]
impl PortalUser {
    /// The contact's id: `contact_…`.
    pub(crate) async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The address that email goes to.
    async fn email(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<EmailAddress>> {
        nullable(self.read(ctx, |row| row.email.clone().map(EmailAddress))).await
    }

    /// First and last name, as far as they are known.
    async fn name(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, Contact::name)).await
    }

    /// The first name.
    async fn first_name(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, |row| row.first_name.clone())).await
    }

    /// The last name.
    async fn last_name(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, |row| row.last_name.clone())).await
    }

    /// The contact's time zone (IANA), such as `Europe/Berlin`; null: the account's.
    async fn timezone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, |row| row.timezone.clone())).await
    }

    /// The contact's language as a tag (BCP 47), such as `de-DE`; null: the browser's on pages, the account's in emails.
    async fn locale(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        nullable(self.read(ctx, |row| row.locale.clone())).await
    }

    /// When the contact first signed in to the portal.
    async fn joined_at(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<DateTime>> {
        nullable(self.read(ctx, |row| row.joined_at.map(DateTime))).await
    }

    /// The sections of the portal that this session opens: one if it is limited to it, else all.
    async fn sections(&self) -> Vec<PortalSection> {
        let all = PortalSection::ALL.iter().copied();
        let open = |section: &_| self.section.is_none_or(|only| only == *section);
        all.filter(open).collect()
    }

    /// Whether the portal shows each section to the contact, and if not, why. It needs the contact's own session, which may be limited.
    async fn section_access(&self, ctx: &Context<'_>) -> Result<Vec<SectionAccess>> {
        self.require_caller(ctx)?;
        SectionAccess::all(ctx, self.account, self.id, self.section).await
    }

    /// The contact's active sessions, newest first. Not for a session that is limited to a section.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<Session>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            if self.section.is_some() {
                return Err(limited_error());
            }
            let (account, holder) = (self.account, Holder::Contact(self.id));
            Session::list(ctx, args, account, holder).await.map(Some)
        })
        .await
    }

    /// The courses that the portal shows to the contact: those that are open, and those that an offer lists before they open.
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ContactCourseConnection>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            self.require_section(ctx, PortalSection::Courses)?;
            ContactCourseConnection::load(ctx, args, self.id, true)
                .await
                .map(Some)
        })
        .await
    }

    /// The communities that the portal shows to the contact: those that are open, and those that an offer lists before they open.
    async fn communities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ContactCommunityConnection>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            self.require_section(ctx, PortalSection::Communities)?;
            ContactCommunityConnection::load(ctx, args, self.id, true)
                .await
                .map(Some)
        })
        .await
    }

    /// The offers that the contact has: those whose contents are open, and those that list them before they open. Not for a session that
    /// is limited to a section.
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ContactOfferConnection>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            self.require_caller(ctx)?;
            if self.section.is_some() {
                return Err(limited_error());
            }
            ContactOfferConnection::load(ctx, args, self.id, true)
                .await
                .map(Some)
        })
        .await
    }

    /// The lesson to continue with: of the courses that are open, in the one where the contact opened or completed a lesson last, that
    /// lesson or the first one after it that is not completed. Null if there is none.
    async fn continue_with(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Lesson>> {
        nullable(async {
            self.require_section(ctx, PortalSection::Courses)?;
            Lesson::to_continue_with(ctx, self.account, self.id).await
        })
        .await
    }

    /// The menu items that the account added to the portal and that the contact sees, in order. A session that is limited to a section
    /// has those of no other section.
    async fn menu_items(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<MenuItem>>> {
        nullable(async {
            self.require_caller(ctx)?;
            let items = MenuItem::of_contact(ctx, (self.account, self.id), self.section).await?;
            Ok(Some(items))
        })
        .await
    }

    /// The contact as an affiliate, with their link and figures; null if they are none.
    async fn affiliate(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Affiliate>> {
        nullable(async {
            self.require_section(ctx, PortalSection::Affiliates)?;
            Affiliate::of_contact(ctx, self.id).await
        })
        .await
    }
}
