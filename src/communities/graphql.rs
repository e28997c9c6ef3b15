//! Communities as staff see them, and as contacts do who may open them.

pub(crate) mod announcement;
pub(crate) mod mutations;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::access::graphql as access;
use crate::access::graphql::Reader;
use crate::access::model::content::ContentFilter;
use crate::access::model::{ContentStatus, Target};
use crate::accounts::model::section::PortalSection;
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, Url};
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CommunityId};
use crate::base::page::{PageArgs, PageRequest};
use crate::communities::graphql::announcement::Announcement;
use crate::communities::model as community;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_search;

#[derive(Clone)]
pub(crate) struct Community(community::Community);

impl From<community::Community> for Community {
    fn from(community: community::Community) -> Self {
        Self(community)
    }
}

/// A community: where its members meet, and what staff announce to them.
#[Object]
impl Community {
    /// The id: `community_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.details.name
    }

    /// What it is about, in Markdown.
    async fn description(&self) -> Option<&str> {
        self.0.details.description.as_deref()
    }

    /// A picture.
    async fn cover_url(&self) -> Option<Url> {
        self.0.details.cover_url.clone().map(Url)
    }

    /// Where members meet, such as a forum or a group. For a contact null until the community is open.
    async fn join_url(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Url>> {
        nullable(async {
            let is_open = self.is_open(ctx).await?;
            Ok(self.0.details.join_url.clone().filter(|_| is_open).map(Url))
        })
        .await
    }

    /// Whether contacts can use it.
    async fn status(&self) -> ContentStatus {
        self.0.details.status
    }

    /// The number of contacts with an active grant of it, its own or of an offer. For its members and for staff with the scope
    /// `READ`.
    async fn member_count(&self, ctx: &Context<'_>) -> Option<GraphqlResult<i32>> {
        nullable(access::member_count(ctx, self.0.id.0)).await
    }

    /// The contacts whose grants of it, or of an offer that holds it, have not ended. Needs the scope `READ`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<Contact>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(Contact::members(ctx, args, Target::Community(self.0.id))).await
    }

    /// What staff announced to the members, newest first. For a contact null until the community is open.
    async fn announcements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<Announcement>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(async {
            if !self.is_open(ctx).await? {
                return Ok(None);
            }
            Announcement::list(ctx, args, &self.0).await.map(Some)
        })
        .await
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Community {
    /// A community that staff may read, or that the signed-in contact may open now.
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Self>> {
        let reader = Reader::of(ctx, PortalSection::Communities)?;
        let Ok(id) = id.parse::<CommunityId>() else {
            return Ok(None);
        };
        let Some(community) = ctx.loaders().communities.get(id).await? else {
            return Ok(None);
        };
        let may_open = reader.may_open(ctx, id.0, community.details.status).await?;
        Ok(may_open.then_some(Self(community)))
    }

    /// Whether its contents are open to the caller.
    async fn is_open(&self, ctx: &Context<'_>) -> Result<bool> {
        let reader = Reader::of(ctx, PortalSection::Communities)?;
        reader.may_open(ctx, self.0.id.0, self.0.details.status).await
    }
}

impl Listed for Community {
    type Of = Filtered;
}

/// Those communities that a filter lists.
pub(crate) struct Filtered(ContentFilter);

impl Counted for Filtered {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        community::Community::count(&mut conn, account, &self.0).await
    }
}

#[derive(Default)]
pub(crate) struct CommunityQueries;

#[Object]
impl CommunityQueries {
    /// The community with this id; null if there is none that the caller may see. Needs the scope `READ` or `CONTENT`; a contact finds the
    /// communities that they may open now.
    async fn community(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Community>> {
        nullable(Community::find(ctx, &id)).await
    }

    /// The account's communities, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn communities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with one of these statuses; drafts and published ones by default.")]
        statuses: Option<Vec<ContentStatus>>,
        #[graphql(
            desc = "Only those whose name contains this text, in any letter case. At most 200 characters; empty: all."
        )]
        search: Option<String>,
    ) -> Result<Connection<Community>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        let page = PageRequest::parse("communities", &args)?;
        let filter = ContentFilter {
            statuses: ContentStatus::selected(statuses),
            search: parse_search("search", search)?,
        };
        let mut conn = ctx.services().db.conn().await?;
        let rows = community::Community::list(&mut conn, staff.account, &filter, &page).await?;
        let position = |row: &community::Community| by_id(row.id.0);
        Ok(Connection::new(
            "communities",
            rows,
            position,
            staff.account,
            Filtered(filter),
        ))
    }
}
