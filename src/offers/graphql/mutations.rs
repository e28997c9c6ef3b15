//! Creating, changing and archiving offers.

use async_graphql::{
    Context, ID, InputObject, MaybeUndefined, Object, Result as GraphqlResult, SimpleObject,
};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::access::model::{ContentStatus, Item};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::{ExpectedUpdatedAt, change, description, optional, title};
use crate::api::mutation::mutate;
use crate::api::scalars::DateTimeText;
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::OfferId;
use crate::offers::graphql::Offer;
use crate::offers::graphql::items::{check_items, parse_communities, parse_courses};
use crate::offers::model as offer;
use crate::offers::model::OfferDetails;

const MAX_DAYS: i32 = 36_500;

#[derive(Default)]
pub(crate) struct OfferMutations;

/// A new offer.
#[derive(InputObject)]
pub(crate) struct CreateOfferInput {
    /// The title: one line of 1 to 200 characters.
    title: String,
    /// What it is, in Markdown: at most 10,000 characters.
    description: Option<String>,
    /// When its contents open at the earliest.
    starts_at: Option<DateTimeText>,
    /// How many days a grant lasts, from its start or from when the contents open, whichever is later: 1 to 36,500; for ever by default.
    duration_days: Option<i32>,
    /// Whether the portal lists its contents before they open; by default it does.
    lists_before_start: Option<bool>,
    /// The courses in it: at most 100.
    course_ids: Option<Vec<ID>>,
    /// The communities in it: at most 100.
    community_ids: Option<Vec<ID>>,
    /// Whether it can be granted; a draft by default. Only an offer with contents can be published.
    status: Option<ContentStatus>,
}

/// The created offer.
#[derive(SimpleObject)]
pub(crate) struct CreateOfferPayload {
    /// The offer.
    offer: Offer,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateOfferInput {
    /// The offer.
    offer_id: ID,
    /// The title: one line of 1 to 200 characters.
    title: Option<String>,
    /// What it is, in Markdown: at most 10,000 characters; `null` for nothing.
    description: MaybeUndefined<String>,
    /// When its contents open at the earliest; `null`: with each grant.
    starts_at: MaybeUndefined<DateTimeText>,
    /// How many days a grant lasts, from its start or from when the contents open, whichever is later: 1 to 36,500; `null`: for ever. For later grants.
    duration_days: MaybeUndefined<i32>,
    /// Whether the portal lists its contents before they open.
    lists_before_start: Option<bool>,
    /// All courses in it: at most 100. Its holders lose those that are not named.
    course_ids: Option<Vec<ID>>,
    /// All communities in it: at most 100. Its holders lose those that are not named.
    community_ids: Option<Vec<ID>>,
    /// Whether it can be granted. Only an offer with contents can be published.
    status: Option<ContentStatus>,
    /// The offer's `updatedAt` as the caller last read it. If it has changed since, nothing is changed, and the error is `CONFLICT`.
    expected_updated_at: Option<DateTimeText>,
}

/// The changed offer.
#[derive(SimpleObject)]
pub(crate) struct UpdateOfferPayload {
    /// The offer as it is now.
    offer: Offer,
}

/// The offer to put away.
#[derive(InputObject)]
pub(crate) struct ArchiveOfferInput {
    /// The offer.
    offer_id: ID,
}

/// The archived offer.
#[derive(SimpleObject)]
pub(crate) struct ArchiveOfferPayload {
    /// The offer as it is now.
    offer: Offer,
}

#[Object]
impl OfferMutations {
    /// Creates an offer. Needs the scope `CONTENT`.
    async fn create_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: CreateOfferInput,
    ) -> Option<GraphqlResult<CreateOfferPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes an offer. What its holders may open changes at once. Needs the scope `CONTENT`.
    async fn update_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateOfferInput,
    ) -> Option<GraphqlResult<UpdateOfferPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Puts an offer away: it can't be granted any more, and those who have it keep it. Needs the scope `CONTENT`.
    async fn archive_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: ArchiveOfferInput,
    ) -> Option<GraphqlResult<ArchiveOfferPayload>> {
        mutate(archive(ctx, input)).await
    }
}

fn starts_at(text: &DateTimeText) -> Result<Option<DateTime<Utc>>> {
    text.clone().parse("input.startsAt").map(Some)
}

fn days(days: &i32) -> Result<Option<i32>> {
    if (1..=MAX_DAYS).contains(days) {
        return Ok(Some(*days));
    }
    Err(Error::bad_input(
        "input.durationDays",
        "It must be between 1 and 36,500.",
    ))
}

fn check_contents(details: &OfferDetails, items: &[Item]) -> Result<()> {
    if details.status == ContentStatus::Published && items.is_empty() {
        let message = "There is nothing in the offer: add a course or a community before it is published.";
        return Err(Error::bad_input("input.courseIds", message));
    }
    Ok(())
}

async fn create(ctx: &Context<'_>, input: CreateOfferInput) -> Result<CreateOfferPayload> {
    let staff = ctx.staff(Scope::Content)?;
    let details = OfferDetails {
        title: title("input.title", &input.title)?,
        description: optional(input.description.as_deref(), description)?,
        starts_at: optional(input.starts_at.as_ref(), starts_at)?,
        duration_days: optional(input.duration_days.as_ref(), days)?,
        lists_before_start: input.lists_before_start.unwrap_or(true),
        status: input.status.unwrap_or(ContentStatus::Draft),
    };
    let mut items = parse_courses(&input.course_ids.unwrap_or_default())?;
    items.extend(parse_communities(&input.community_ids.unwrap_or_default())?);
    check_contents(&details, &items)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let offer = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            check_items(conn, staff.account, &items).await?;
            let offer = offer::Offer::create(conn, staff.account, &details, &moment).await?;
            offer.set_items(conn, &items).await?;
            let event = NewEvent::new(EventKind::OfferCreated).on(offer.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(offer)
        })
        .await?;
    Ok(CreateOfferPayload { offer: offer.into() })
}

/// Locks the offer that `input.offerId` names.
async fn lock(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<offer::Offer> {
    let missing = || Error::not_found("input.offerId", "offer");
    let id: OfferId = id.parse().map_err(|_| missing())?;
    offer::Offer::lock(conn, staff.account, id)
        .await?
        .ok_or_else(missing)
}

async fn update(ctx: &Context<'_>, input: UpdateOfferInput) -> Result<UpdateOfferPayload> {
    let title = input.title.as_deref().map(|text| title("input.title", text));
    let changes = Changes {
        title: title.transpose()?,
        description: change(&input.description, |text| description(text))?,
        starts_at: change(&input.starts_at, starts_at)?,
        duration_days: change(&input.duration_days, days)?,
        lists_before_start: input.lists_before_start,
        status: input.status,
        courses: input.course_ids.as_deref().map(parse_courses).transpose()?,
        communities: input
            .community_ids
            .as_deref()
            .map(parse_communities)
            .transpose()?,
        expected: ExpectedUpdatedAt::parse(input.expected_updated_at)?,
    };
    let offer = save(ctx, &input.offer_id, changes).await?;
    Ok(UpdateOfferPayload { offer })
}

async fn archive(ctx: &Context<'_>, input: ArchiveOfferInput) -> Result<ArchiveOfferPayload> {
    let changes = Changes {
        status: Some(ContentStatus::Archived),
        ..Changes::default()
    };
    let offer = save(ctx, &input.offer_id, changes).await?;
    Ok(ArchiveOfferPayload { offer })
}

/// The parsed changes; `None` leaves a field as it is.
#[derive(Default)]
struct Changes {
    title: Option<String>,
    description: Option<Option<String>>,
    starts_at: Option<Option<DateTime<Utc>>>,
    duration_days: Option<Option<i32>>,
    lists_before_start: Option<bool>,
    status: Option<ContentStatus>,
    courses: Option<Vec<Item>>,
    communities: Option<Vec<Item>>,
    expected: ExpectedUpdatedAt,
}

impl Changes {
    fn details(&self, before: &OfferDetails) -> OfferDetails {
        let before = before.clone();
        OfferDetails {
            title: self.title.clone().unwrap_or(before.title),
            description: self.description.clone().unwrap_or(before.description),
            starts_at: self.starts_at.unwrap_or(before.starts_at),
            duration_days: self.duration_days.unwrap_or(before.duration_days),
            lists_before_start: self.lists_before_start.unwrap_or(before.lists_before_start),
            status: self.status.unwrap_or(before.status),
        }
    }

    fn items(&self, before: &[Item]) -> Vec<Item> {
        let kept = |is_kept: fn(&Item) -> bool| before.iter().copied().filter(is_kept).collect();
        let courses = self
            .courses
            .clone()
            .unwrap_or_else(|| kept(|item| item.course().is_some()));
        let communities = self.communities.clone();
        let communities = communities.unwrap_or_else(|| kept(|item| item.community().is_some()));
        [courses, communities].concat()
    }
}

/// Changes the offer and its contents, and records it if anything differs.
async fn save(ctx: &Context<'_>, id: &ID, changes: Changes) -> Result<Offer> {
    let staff = ctx.staff(Scope::Content)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let offer = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let offer = lock(conn, &staff, id).await?;
            changes.expected.check("offer", offer.updated_at)?;
            let mut held = offer::Offer::items(conn, staff.account, &[offer.id]).await?;
            let before = held.remove(&offer.id).unwrap_or_default();
            let (details, items) = (changes.details(&offer.details), changes.items(&before));
            let same_items = items.len() == before.len() && items.iter().all(|item| before.contains(item));
            if details == offer.details && same_items {
                return Ok(offer);
            }
            check_items(conn, staff.account, &items).await?;
            check_contents(&details, &items)?;
            let changed = offer.update(conn, &details, moment.now).await?;
            offer.set_items(conn, &items).await?;
            let event = NewEvent::new(EventKind::OfferUpdated).on(offer.id);
            let event = event.with(json!({"status": details.status.as_str()}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(changed)
        })
        .await?;
    Ok(offer.into())
}
