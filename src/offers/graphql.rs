//! Offers as staff see them, and as the contacts do who have them.

mod items;
pub(crate) mod mutations;

use std::collections::HashSet;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};
use futures_util::future::try_join_all;
use uuid::Uuid;

use crate::access::graphql::item_access;
use crate::access::model::content::ContentFilter;
use crate::access::model::{ContentStatus, Item, Target};
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, OfferId};
use crate::base::page::{PageArgs, PageRequest};
use crate::communities::graphql::Community;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_search;
use crate::courses::graphql::Course;
use crate::offers::model as offer;
use crate::sign_in::auth_context::Viewer;

#[derive(Clone)]
pub(crate) struct Offer(offer::Offer);

impl From<offer::Offer> for Offer {
    fn from(offer: offer::Offer) -> Self {
        Self(offer)
    }
}

/// Courses and communities that are granted together. A change of its contents changes what its holders may open at once.
#[Object]
impl Offer {
    /// The id: `offer_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.details.title
    }

    /// What it is, in Markdown.
    async fn description(&self) -> Option<&str> {
        self.0.details.description.as_deref()
    }

    /// When its contents open at the earliest; null: with each grant.
    async fn starts_at(&self) -> Option<DateTime> {
        self.0.details.starts_at.map(DateTime)
    }

    /// How many days a grant lasts, from its start or from when the contents open, whichever is later; null: for ever. A change is
    /// for later grants.
    async fn duration_days(&self) -> Option<i32> {
        self.0.details.duration_days
    }

    /// Whether the portal lists its contents before they open.
    async fn lists_before_start(&self) -> bool {
        self.0.details.lists_before_start
    }

    /// Whether it can be granted.
    async fn status(&self) -> ContentStatus {
        self.0.details.status
    }

    /// The courses in it; for a contact those that the portal shows.
    async fn courses(&self, ctx: &Context<'_>) -> Result<Vec<Course>> {
        let ids = self.items(ctx).await?.into_iter().filter_map(Item::course);
        let found = try_join_all(ids.map(|id| ctx.loaders().courses.get(id))).await?;
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        if let Some(listed) = listed_to_contact(ctx).await? {
            found.retain(|course| course.is_published() && listed.contains(&course.id.0));
        }
        Ok(found.into_iter().map(Course::from).collect())
    }

    /// The communities in it; for a contact those that the portal shows.
    async fn communities(&self, ctx: &Context<'_>) -> Result<Vec<Community>> {
        let ids = self.items(ctx).await?.into_iter().filter_map(Item::community);
        let found = try_join_all(ids.map(|id| ctx.loaders().communities.get(id))).await?;
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        if let Some(listed) = listed_to_contact(ctx).await? {
            found.retain(|community| community.is_published() && listed.contains(&community.id.0));
        }
        Ok(found.into_iter().map(Community::from).collect())
    }

    /// The contacts who have it, now or later. Needs the scope `READ`.
    async fn holders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<Contact>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(Contact::members(ctx, args, Target::Offer(self.0.id))).await
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

impl Offer {
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<Item>> {
        let items = ctx.loaders().offer_items.get(self.0.id).await?;
        Ok(items.unwrap_or_default())
    }
}

/// What the portal lists to the signed-in contact; `None` for staff, who see everything.
async fn listed_to_contact(ctx: &Context<'_>) -> Result<Option<HashSet<Uuid>>> {
    let Viewer::Contact { contact, .. } = ctx.auth().viewer else {
        return Ok(None);
    };
    let access = item_access(ctx, contact).await?.into_iter();
    let listed = access.filter(|(_, access)| access.is_listed);
    Ok(Some(listed.map(|(item, _)| item).collect()))
}

impl Listed for Offer {
    type Of = Filtered;
}

/// Those offers that a filter lists.
pub(crate) struct Filtered(ContentFilter);

impl Counted for Filtered {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        offer::Offer::count(&mut conn, account, &self.0).await
    }
}

#[derive(Default)]
pub(crate) struct OfferQueries;

#[Object]
impl OfferQueries {
    /// The offer with this id; null if there is none. Needs the scope `READ`.
    async fn offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Offer>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            let Ok(id) = id.parse::<OfferId>() else {
                return Ok(None);
            };
            Ok(ctx.loaders().offers.get(id).await?.map(Offer)) as Result<_>
        })
        .await
    }

    /// The account's offers, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with one of these statuses; drafts and published ones by default.")]
        statuses: Option<Vec<ContentStatus>>,
        #[graphql(
            desc = "Only those whose title contains this text, in any letter case. At most 200 characters; empty: all."
        )]
        search: Option<String>,
    ) -> Result<Connection<Offer>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        let page = PageRequest::parse("offers", &args)?;
        let filter = ContentFilter {
            statuses: ContentStatus::selected(statuses),
            search: parse_search("search", search)?,
        };
        let mut conn = ctx.services().db.conn().await?;
        let rows = offer::Offer::list(&mut conn, staff.account, &filter, &page).await?;
        let position = |row: &offer::Offer| by_id(row.id.0);
        Ok(Connection::new(
            "offers",
            rows,
            position,
            staff.account,
            Filtered(filter),
        ))
    }
}
