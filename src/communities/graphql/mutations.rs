//! Creating, changing and archiving communities.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::access::model::ContentStatus;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{ExpectedUpdatedAt, change, description, https, optional, title};
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTimeText, Url};
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::CommunityId;
use crate::communities::graphql::Community;
use crate::communities::model as community;
use crate::communities::model::CommunityDetails;

#[derive(Default)]
pub(crate) struct CommunityMutations;

/// A new community.
#[derive(InputObject)]
pub(crate) struct CreateCommunityInput {
    /// The name: one line of 1 to 200 characters.
    name: String,
    /// What it is about, in Markdown: at most 10,000 characters.
    description: Option<String>,
    /// A picture: an https URL.
    cover_url: Option<Url>,
    /// Where members meet: an https URL.
    join_url: Option<Url>,
    /// Whether contacts can use it; a draft by default.
    status: Option<ContentStatus>,
}

/// The created community.
#[derive(SimpleObject)]
pub(crate) struct CreateCommunityPayload {
    /// The community.
    community: Community,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateCommunityInput {
    /// The community.
    community_id: ID,
    /// The name: one line of 1 to 200 characters.
    name: Option<String>,
    /// What it is about, in Markdown: at most 10,000 characters; `null` for nothing.
    description: MaybeUndefined<String>,
    /// A picture: an https URL; `null` for none.
    cover_url: MaybeUndefined<Url>,
    /// Where members meet: an https URL; `null` for none.
    join_url: MaybeUndefined<Url>,
    /// Whether contacts can use it.
    status: Option<ContentStatus>,
    /// The community's `updatedAt` as the caller last read it. If it has changed since, nothing is changed, and the error is `CONFLICT`.
    expected_updated_at: Option<DateTimeText>,
}

/// The changed community.
#[derive(SimpleObject)]
pub(crate) struct UpdateCommunityPayload {
    /// The community as it is now.
    community: Community,
}

/// The community to put away.
#[derive(InputObject)]
pub(crate) struct ArchiveCommunityInput {
    /// The community.
    community_id: ID,
}

/// The archived community.
#[derive(SimpleObject)]
pub(crate) struct ArchiveCommunityPayload {
    /// The community as it is now.
    community: Community,
}

#[Object]
impl CommunityMutations {
    /// Creates a community. Needs the scope `CONTENT`.
    async fn create_community(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The community.")] input: CreateCommunityInput,
    ) -> Option<GraphqlResult<CreateCommunityPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a community. Needs the scope `CONTENT`.
    async fn update_community(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateCommunityInput,
    ) -> Option<GraphqlResult<UpdateCommunityPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Puts a community away: it is closed to everyone until it is published again by `updateCommunity`. Grants stay. Needs the
    /// scope `CONTENT`.
    async fn archive_community(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The community.")] input: ArchiveCommunityInput,
    ) -> Option<GraphqlResult<ArchiveCommunityPayload>> {
        mutate(archive(ctx, input)).await
    }
}

async fn create(ctx: &Context<'_>, input: CreateCommunityInput) -> Result<CreateCommunityPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let details = CommunityDetails {
        name: title("input.name", &input.name)?,
        description: optional(input.description.as_deref(), description)?,
        cover_url: optional(input.cover_url.as_ref(), https("input.coverUrl"))?,
        join_url: optional(input.join_url.as_ref(), https("input.joinUrl"))?,
        status: input.status.unwrap_or(ContentStatus::Draft),
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let community = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let created = community::Community::create(conn, staff.account, &details, &moment).await?;
            let event = NewEvent::new(EventKind::CommunityCreated).on(created.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(created)
        })
        .await?;
    Ok(CreateCommunityPayload {
        community: community.into(),
    })
}

/// Locks the community that `input.communityId` names.
pub(super) async fn lock(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<community::Community> {
    let missing = || Error::not_found("input.communityId", "community");
    let id: CommunityId = id.parse().map_err(|_| missing())?;
    community::Community::lock(conn, staff.account, id)
        .await?
        .ok_or_else(missing)
}

async fn update(ctx: &Context<'_>, input: UpdateCommunityInput) -> Result<UpdateCommunityPayload> {
    let name = input.name.as_deref().map(|text| title("input.name", text));
    let changes = Changes {
        name: name.transpose()?,
        description: change(&input.description, |text| description(text))?,
        cover_url: change(&input.cover_url, https("input.coverUrl"))?,
        join_url: change(&input.join_url, https("input.joinUrl"))?,
        status: input.status,
        expected: ExpectedUpdatedAt::parse(input.expected_updated_at)?,
    };
    let community = save(ctx, &input.community_id, changes).await?;
    Ok(UpdateCommunityPayload { community })
}

async fn archive(ctx: &Context<'_>, input: ArchiveCommunityInput) -> Result<ArchiveCommunityPayload> {
    let changes = Changes {
        status: Some(ContentStatus::Archived),
        ..Changes::default()
    };
    let community = save(ctx, &input.community_id, changes).await?;
    Ok(ArchiveCommunityPayload { community })
}

/// The parsed changes; `None` leaves a field as it is.
#[derive(Default)]
struct Changes {
    name: Option<String>,
    description: Option<Option<String>>,
    cover_url: Option<Option<String>>,
    join_url: Option<Option<String>>,
    status: Option<ContentStatus>,
    expected: ExpectedUpdatedAt,
}

impl Changes {
    fn apply(self, before: &CommunityDetails) -> CommunityDetails {
        let before = before.clone();
        CommunityDetails {
            name: self.name.unwrap_or(before.name),
            description: self.description.unwrap_or(before.description),
            cover_url: self.cover_url.unwrap_or(before.cover_url),
            join_url: self.join_url.unwrap_or(before.join_url),
            status: self.status.unwrap_or(before.status),
        }
    }
}

/// Changes the community, and records it if anything differs.
async fn save(ctx: &Context<'_>, id: &ID, changes: Changes) -> Result<Community> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let community = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let community = lock(conn, &staff, id).await?;
            changes.expected.check("community", community.updated_at)?;
            let details = changes.apply(&community.details);
            if details == community.details {
                return Ok(community);
            }
            let changed = community.update(conn, &details, moment.now).await?;
            let event = NewEvent::new(EventKind::CommunityUpdated).on(community.id);
            let event = event.with(json!({"status": details.status.as_str()}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(changed)
        })
        .await?;
    Ok(community.into())
}
