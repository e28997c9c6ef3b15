//! Granting and revoking, for one contact or many.

mod types;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

use self::types::{
    AssignCoursesInput, AssignCoursesPayload, GrantOfferInput, GrantOfferPayload, RevokeAccessGrantInput,
    RevokeAccessGrantPayload, RevokeOfferInput, RevokeOfferPayload, UpdateCommunityAccessInput,
    UpdateCommunityAccessPayload,
};
use crate::access::model::Target;
use crate::access::model::change::{AccessChange, revoked_event};
use crate::access::model::grant::{AccessGrant, GrantOrigin};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTimeText;
use crate::base::actor::Scope;
use crate::base::audit::record;
use crate::base::error::{Error, Result};
use crate::base::ids::{CommunityId, CourseId, GrantId, OfferId};
use crate::contacts::graphql::bulk_changes::{Changed, Request};
use crate::contacts::graphql::input::{ContactSelection, parse_time};
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::invitations::graphql::recipients::Recipients;
use crate::live::Topic;

/// The most courses or communities to add, or to remove, in one request.
const MAX_TARGETS: usize = 20;

#[derive(Default)]
pub(crate) struct GrantMutations;

#[Object]
impl GrantMutations {
    /// Grants an offer. A contact who has it keeps the earlier start and the later end, unless the input says when: so a repeat
    /// prolongs and never shortens. More than 100 contacts become a bulk job. Needs the scope `CONTACTS`.
    async fn grant_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer, and who gets it.")] input: GrantOfferInput,
    ) -> Option<GraphqlResult<GrantOfferPayload>> {
        mutate(grant_offer(ctx, input)).await
    }

    /// Revokes an offer. What other grants give stays open, and progress is kept. More than 100 contacts become a bulk job. Needs
    /// the scope `CONTACTS`.
    async fn revoke_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer, and who loses it.")] input: RevokeOfferInput,
    ) -> Option<GraphqlResult<RevokeOfferPayload>> {
        mutate(revoke_offer(ctx, input)).await
    }

    /// Grants courses and revokes others, in one step, as `grantOffer` does. Needs the scope `CONTACTS`.
    async fn assign_courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose courses, and which.")] input: AssignCoursesInput,
    ) -> Option<GraphqlResult<AssignCoursesPayload>> {
        mutate(assign_courses(ctx, input)).await
    }

    /// Grants communities and revokes others, in one step, as `grantOffer` does. Needs the scope `CONTACTS`.
    async fn update_community_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose communities, and which.")] input: UpdateCommunityAccessInput,
    ) -> Option<GraphqlResult<UpdateCommunityAccessPayload>> {
        mutate(update_community_access(ctx, input)).await
    }

    /// Revokes one grant. A second time changes nothing. Needs the scope `CONTACTS`.
    async fn revoke_access_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The grant.")] input: RevokeAccessGrantInput,
    ) -> Option<GraphqlResult<RevokeAccessGrantPayload>> {
        mutate(revoke_grant(ctx, input)).await
    }
}

async fn grant_offer(ctx: &Context<'_>, input: GrantOfferInput) -> Result<GrantOfferPayload> {
    ctx.staff(Scope::Contacts)?;
    let (starts_at, ends_at) = parse_dates(input.starts_at, input.ends_at)?;
    let change = AccessChange {
        add: vec![parse_offer(&input.offer_id)?],
        starts_at,
        ends_at,
        ..AccessChange::default()
    };
    let selection = Recipients::selected(ctx, "input.selection", input.selection).await?;
    Ok(run(ctx, change, selection, input.dry_run).await?.into())
}

async fn revoke_offer(ctx: &Context<'_>, input: RevokeOfferInput) -> Result<RevokeOfferPayload> {
    ctx.staff(Scope::Contacts)?;
    let change = AccessChange {
        remove: vec![parse_offer(&input.offer_id)?],
        ..AccessChange::default()
    };
    let selection = Recipients::selected(ctx, "input.selection", input.selection).await?;
    Ok(run(ctx, change, selection, input.dry_run).await?.into())
}

async fn assign_courses(ctx: &Context<'_>, input: AssignCoursesInput) -> Result<AssignCoursesPayload> {
    ctx.staff(Scope::Contacts)?;
    let parse = |id: &ID| id.parse::<CourseId>().ok().map(Target::Course);
    let add = parse_targets("input.add", "course", input.add, parse)?;
    let remove = parse_targets("input.remove", "course", input.remove, parse)?;
    let change = parse_change(add, remove, input.starts_at, input.ends_at)?;
    let selection = Box::pin(one_or_many(ctx, input.contact_id, input.selection)).await?;
    Ok(run(ctx, change, selection, input.dry_run).await?.into())
}

async fn update_community_access(
    ctx: &Context<'_>,
    input: UpdateCommunityAccessInput,
) -> Result<UpdateCommunityAccessPayload> {
    ctx.staff(Scope::Contacts)?;
    let parse = |id: &ID| id.parse::<CommunityId>().ok().map(Target::Community);
    let add = parse_targets("input.add", "community", input.add, parse)?;
    let remove = parse_targets("input.remove", "community", input.remove, parse)?;
    let change = parse_change(add, remove, input.starts_at, input.ends_at)?;
    let selection = Box::pin(one_or_many(ctx, input.contact_id, input.selection)).await?;
    Ok(run(ctx, change, selection, input.dry_run).await?.into())
}

async fn run(
    ctx: &Context<'_>,
    change: AccessChange,
    recipients: Recipients,
    dry_run: Option<bool>,
) -> Result<Changed> {
    let staff = ctx.staff(Scope::Contacts)?;
    let request = Request {
        recipients,
        change: BulkChange::Grants(change),
        dry_run: dry_run == Some(true),
    };
    request.run(ctx, &staff).await
}

async fn revoke_grant(ctx: &Context<'_>, input: RevokeAccessGrantInput) -> Result<RevokeAccessGrantPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["grant", "target"])?;
    let missing = || Error::not_found("input.grantId", "grant");
    let id: GrantId = input.grant_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let grant = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let found = AccessGrant::find_many(conn, staff.account, &[id]).await?.pop();
            let contact = found.ok_or_else(missing)?.contact_id;
            Contact::lock(conn, staff.account, contact).await?;
            let found = AccessGrant::find_many(conn, staff.account, &[id]).await?.pop();
            let grant = found.ok_or_else(missing)?;
            let Some(target) = grant.target().filter(|_| grant.revoked_at.is_none()) else {
                return Ok(grant);
            };
            let revoked = grant.revoke(conn, moment.now).await?;
            let event = revoked_event(contact, target);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(revoked)
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(RevokeAccessGrantPayload { grant: grant.into() })
}

fn parse_offer(id: &ID) -> Result<Target> {
    let missing = |_| Error::not_found("input.offerId", "offer");
    Ok(Target::Offer(id.parse::<OfferId>().map_err(missing)?))
}

/// The targets of a list, each named once.
fn parse_targets(
    field: &str,
    what: &str,
    ids: Option<Vec<ID>>,
    parse: impl Fn(&ID) -> Option<Target>,
) -> Result<Vec<Target>> {
    let ids = ids.unwrap_or_default();
    if ids.len() > MAX_TARGETS {
        return Err(Error::bad_input(
            field,
            format!("Name at most {MAX_TARGETS} at once."),
        ));
    }
    let mut targets = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let field = || format!("{field}.{index}");
        let target = parse(id).ok_or_else(|| Error::not_found(field(), what))?;
        if targets.contains(&target) {
            return Err(Error::bad_input(field(), "It is named twice."));
        }
        targets.push(target);
    }
    Ok(targets)
}

fn parse_change(
    add: Vec<Target>,
    remove: Vec<Target>,
    starts_at: Option<DateTimeText>,
    ends_at: Option<DateTimeText>,
) -> Result<AccessChange> {
    if add.is_empty() && remove.is_empty() {
        return Err(Error::bad_input("input.add", "Name what to add or to remove."));
    }
    if let Some(index) = remove.iter().position(|target| add.contains(target)) {
        let message = "It is also among those to add.";
        return Err(Error::bad_input(format!("input.remove.{index}"), message));
    }
    let (starts_at, ends_at) = parse_dates(starts_at, ends_at)?;
    Ok(AccessChange {
        add,
        remove,
        starts_at,
        ends_at,
        origin: GrantOrigin::Direct,
    })
}

/// The start and the end, as far as the input says.
type Dates = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn parse_dates(starts_at: Option<DateTimeText>, ends_at: Option<DateTimeText>) -> Result<Dates> {
    let starts_at = parse_time("input.startsAt", starts_at)?;
    let ends_at = parse_time("input.endsAt", ends_at)?;
    if starts_at
        .zip(ends_at)
        .is_some_and(|(starts, ends)| ends <= starts)
    {
        return Err(Error::bad_input(
            "input.endsAt",
            "It must be later than the start.",
        ));
    }
    Ok((starts_at, ends_at))
}

async fn one_or_many(
    ctx: &Context<'_>,
    one: Option<ID>,
    many: Option<ContactSelection>,
) -> Result<Recipients> {
    match (one, many) {
        (Some(id), None) => {
            let selection = ContactSelection {
                contact_ids: Some(vec![id]),
                ..ContactSelection::default()
            };
            Recipients::selected(ctx, "input", selection).await
        }
        (None, Some(selection)) => Recipients::selected(ctx, "input.selection", selection).await,
        _ => Err(Error::bad_input(
            "input.selection",
            "Pass contactId or selection.",
        )),
    }
}
