//! Magic links as staff see them: never their URL.

pub(crate) mod login_emails;
pub(crate) mod mutations;

use async_graphql::{Context, ID, Object};

use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, MagicLinkId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_contact_id;
use crate::magic_links::model as magic_link;
use crate::magic_links::model::LinkFilter;
use crate::magic_links::model::{MagicLinkStatus, Purpose};
use crate::messages::graphql::Message;

#[derive(Clone)]
pub(crate) struct MagicLink(magic_link::MagicLink);

impl From<magic_link::MagicLink> for MagicLink {
    fn from(link: magic_link::MagicLink) -> Self {
        Self(link)
    }
}

/// A one-time link that signs one contact in. Its URL is readable only in the response that created it.
#[Object]
impl MagicLink {
    /// The id: `magiclink_…`. Opaque; it is not part of the URL.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The contact it signs in.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, Some(self.0.contact_id))).await
    }

    /// Where it leads.
    async fn section(&self) -> PortalSection {
        self.0.section
    }

    /// The one course or community that it leads to: an id or a name.
    async fn resource_id(&self) -> Option<ID> {
        self.0.resource_id.clone().map(ID)
    }

    /// Whether the session that it opens is limited to its section.
    async fn limit_to_section(&self) -> bool {
        self.0.limit_to_section
    }

    /// What it is for.
    async fn purpose(&self) -> Purpose {
        self.0.purpose
    }

    /// The current status.
    async fn status(&self, ctx: &Context<'_>) -> MagicLinkStatus {
        self.0.status(ctx.services().clock.now())
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it expires. The lifetime of a login email's link begins when the email is sent.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When it was first used to sign in.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(DateTime)
    }

    /// Who created it: the id of a team member, API key or contact, or `anonymous` or `system`.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// The message that carries it; null if it was handed over in another way.
    async fn message(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Message>> {
        nullable(async {
            Ok(ctx
                .loaders()
                .message_of_link
                .get(self.0.id)
                .await?
                .map(Into::into))
        })
        .await
    }
}

impl MagicLink {
    pub(crate) async fn load(ctx: &Context<'_>, id: Option<MagicLinkId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().links.get(id).await?.map(Self))
    }

    /// A page of links, newest first.
    pub(crate) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        contact: Option<ContactId>,
        status: Option<MagicLinkStatus>,
    ) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let services = ctx.services();
        let of = LinkFilter {
            contact,
            status,
            now: services.clock.now(),
        };
        let list = format!("magicLinks/{:?}/{:?}", of.contact, of.status);
        let page = PageRequest::parse(&list, &args)?;
        let rows = if of.contact.is_some() {
            ctx.loaders().lists().links.page(&of, &page).await?
        } else {
            let mut conn = services.db.conn().await?;
            Box::pin(magic_link::MagicLink::list(&mut conn, staff.account, &of, &page)).await?
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

impl Listed for MagicLink {
    type Of = LinkFilter;
}

impl Counted for LinkFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        if self.contact.is_some() {
            return ctx.loaders().lists().links.count(self).await;
        }
        let mut conn = ctx.services().db.conn().await?;
        magic_link::MagicLink::count(&mut conn, account, self).await
    }
}

#[derive(Default)]
pub(crate) struct LinkQueries;

#[Object]
impl LinkQueries {
    /// All magic links, newest first, without their URLs. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn magic_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those of this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Only those with this status now.")] status: Option<MagicLinkStatus>,
    ) -> Result<Connection<MagicLink>> {
        ctx.staff(Scope::Read)?;
        let contact = parse_contact_id("contactId", contact_id)?;
        MagicLink::list(ctx, PageArgs::new(first, after, last, before), contact, status).await
    }
}
