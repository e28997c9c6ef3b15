//! Announcements in the API: reading and writing them.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::api::connection::{Connection, Counted, Listed, by_id};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::title;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTime;
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AnnouncementId};
use crate::base::markdown::{self, MAX_BODY_CHARS};
use crate::base::page::{PageArgs, PageRequest};
use crate::communities::graphql::mutations::lock;
use crate::communities::model::Community;
use crate::communities::model::announcement as row;
use crate::communities::model::announcement::{AnnouncementText, AnnouncementsOf};

#[derive(Clone)]
pub(crate) struct Announcement(row::Announcement);

impl From<row::Announcement> for Announcement {
    fn from(announcement: row::Announcement) -> Self {
        Self(announcement)
    }
}

/// What staff announced to the members of a community.
#[Object]
impl Announcement {
    /// The id: `announcement_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.text.title
    }

    /// The text, in Markdown.
    async fn body(&self) -> &str {
        &self.0.text.body
    }

    /// The text as HTML without anything that runs or loads: it can be put into a page.
    async fn body_html(&self) -> String {
        markdown::to_html(&self.0.text.body)
    }

    /// Who wrote it: the id of a team member or API key. For staff with the scope `READ`.
    async fn author(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        Some(ctx.readable(&self.0.author[..]).map_err(Into::into))
    }

    /// When it was published.
    async fn published_at(&self) -> DateTime {
        DateTime(self.0.published_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Announcement {
    pub(super) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        community: &Community,
    ) -> Result<Connection<Self>> {
        let list = "announcements";
        let page = PageRequest::parse(list, &args)?;
        let of = AnnouncementsOf(community.id);
        let rows = ctx.loaders().lists().announcements.page(&of, &page).await?;
        let position = |row: &row::Announcement| by_id(row.id.0);
        Ok(Connection::new(list, rows, position, community.account_id, of))
    }
}

impl Listed for Announcement {
    type Of = AnnouncementsOf;
}

impl Counted for AnnouncementsOf {
    async fn count(&self, ctx: &Context<'_>, _account: AccountId) -> Result<i64> {
        ctx.loaders().lists().announcements.count(self).await
    }
}

#[derive(Default)]
pub(crate) struct AnnouncementMutations;

/// A new announcement.
#[derive(InputObject)]
pub(crate) struct CreateAnnouncementInput {
    /// The community.
    community_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: String,
    /// The text, in Markdown: 1 to 100,000 characters.
    body: String,
}

/// The published announcement.
#[derive(SimpleObject)]
pub(crate) struct CreateAnnouncementPayload {
    /// The announcement.
    announcement: Announcement,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateAnnouncementInput {
    /// The announcement.
    announcement_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: Option<String>,
    /// The text, in Markdown: 1 to 100,000 characters.
    body: Option<String>,
}

/// The changed announcement.
#[derive(SimpleObject)]
pub(crate) struct UpdateAnnouncementPayload {
    /// The announcement as it is now.
    announcement: Announcement,
}

/// The announcement to delete.
#[derive(InputObject)]
pub(crate) struct DeleteAnnouncementInput {
    /// The announcement.
    announcement_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteAnnouncementPayload {
    /// The id that the announcement had.
    deleted_announcement_id: ID,
}

#[Object]
impl AnnouncementMutations {
    /// Publishes an announcement to the members of a community. Needs the scope `CONTENT`.
    async fn create_announcement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The announcement.")] input: CreateAnnouncementInput,
    ) -> Option<GraphqlResult<CreateAnnouncementPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes an announcement. Needs the scope `CONTENT`.
    async fn update_announcement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateAnnouncementInput,
    ) -> Option<GraphqlResult<UpdateAnnouncementPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Deletes an announcement; it can't be undone. Needs the scope `CONTENT`.
    async fn delete_announcement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The announcement.")] input: DeleteAnnouncementInput,
    ) -> Option<GraphqlResult<DeleteAnnouncementPayload>> {
        mutate(delete(ctx, input)).await
    }
}

fn body(text: &str) -> Result<String> {
    let body = markdown::parse("input.body", text, MAX_BODY_CHARS)?;
    body.ok_or_else(|| Error::bad_input("input.body", "It can't be empty."))
}

async fn create(ctx: &Context<'_>, input: CreateAnnouncementInput) -> Result<CreateAnnouncementPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let text = AnnouncementText {
        title: title("input.title", &input.title)?,
        body: body(&input.body)?,
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let announcement = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let community = lock(conn, &staff, &input.community_id).await?;
            let created = row::Announcement::create(conn, &community, &text, staff.actor, &moment).await?;
            let event = NewEvent::new(EventKind::AnnouncementPublished).on(created.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(created)
        })
        .await?;
    Ok(CreateAnnouncementPayload {
        announcement: announcement.into(),
    })
}

/// Locks the community of an announcement that `input.announcementId` names, and reads the announcement.
async fn find_locked(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<row::Announcement> {
    let missing = || Error::not_found("input.announcementId", "announcement");
    let id: AnnouncementId = id.parse().map_err(|_| missing())?;
    let unlocked = row::Announcement::find_many(conn, staff.account, &[id])
        .await?
        .pop();
    let community = unlocked.ok_or_else(missing)?.community_id;
    Community::lock(conn, staff.account, community).await?;
    let found = row::Announcement::find_many(conn, staff.account, &[id])
        .await?
        .pop();
    found.ok_or_else(missing)
}

async fn update(ctx: &Context<'_>, input: UpdateAnnouncementInput) -> Result<UpdateAnnouncementPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let title = input
        .title
        .as_deref()
        .map(|text| title("input.title", text))
        .transpose()?;
    let body = input.body.as_deref().map(body).transpose()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let announcement = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let announcement = find_locked(conn, &staff, &input.announcement_id).await?;
            let before = announcement.text.clone();
            let text = AnnouncementText {
                title: title.unwrap_or(before.title),
                body: body.unwrap_or(before.body),
            };
            if text == announcement.text {
                return Ok(announcement);
            }
            let changed = announcement.update(conn, &text, moment.now).await?;
            let event = NewEvent::new(EventKind::CommunityUpdated).on(announcement.id);
            let event = event.with(json!({"action": "changed"}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(changed)
        })
        .await?;
    Ok(UpdateAnnouncementPayload {
        announcement: announcement.into(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteAnnouncementInput) -> Result<DeleteAnnouncementPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let announcement = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let announcement = find_locked(conn, &staff, &input.announcement_id).await?;
            announcement.delete(conn).await?;
            let event = NewEvent::new(EventKind::CommunityUpdated).on(announcement.id);
            let event = event.with(json!({"action": "deleted"}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(announcement)
        })
        .await?;
    Ok(DeleteAnnouncementPayload {
        deleted_announcement_id: ID(announcement.id.to_string()),
    })
}
