//! Granting and revoking, for one contact or many.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

use crate::access::graphql::grant::AccessGrant;
use crate::access::model::Target;
use crate::access::model::change::{AccessChange, revoked_event};
use crate::access::model::grant::AccessGrant as Row;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTimeText;
use crate::base::actor::Scope;
use crate::base::audit::record;
use crate::base::error::{Error, Result};
use crate::base::ids::{CommunityId, CourseId, GrantId, OfferId};
use crate::bulk_jobs::graphql::BulkJob;
use crate::contacts::graphql::bulk_changes::{Changed, Request};
use crate::contacts::graphql::input::{ContactSelection, parse_time};
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::invitations::graphql::recipients::{Recipients, SkippedRecipient};
use crate::live::Topic;

/// The most courses or communities in one request.
const MAX_TARGETS: usize = 50;

#[derive(Default)]
pub(crate) struct GrantMutations;

/// Who gets an offer.
#[derive(InputObject)]
pub(crate) struct GrantOfferInput {
    /// The offer. It must be published.
    offer_id: ID,
    /// The contacts.
    selection: ContactSelection,
    /// When it starts; now by default.
    starts_at: Option<DateTimeText>,
    /// When it ends; by default after the offer's duration, or never.
    ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// Who loses an offer.
#[derive(InputObject)]
pub(crate) struct RevokeOfferInput {
    /// The offer.
    offer_id: ID,
    /// The contacts.
    selection: ContactSelection,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// Which courses contacts get and lose.
#[derive(InputObject)]
pub(crate) struct AssignCoursesInput {
    /// One contact, instead of `selection`.
    contact_id: Option<ID>,
    /// The contacts, instead of `contactId`.
    selection: Option<ContactSelection>,
    /// Courses to grant: at most 50.
    add: Option<Vec<ID>>,
    /// Courses whose own grants to revoke: at most 50. An offer may still open them.
    remove: Option<Vec<ID>>,
    /// When the added ones start; now by default.
    starts_at: Option<DateTimeText>,
    /// When the added ones end; never by default.
    ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// Which communities contacts get and lose.
#[derive(InputObject)]
pub(crate) struct UpdateCommunityAccessInput {
    /// One contact, instead of `selection`.
    contact_id: Option<ID>,
    /// The contacts, instead of `contactId`.
    selection: Option<ContactSelection>,
    /// Communities to grant: at most 50.
    add: Option<Vec<ID>>,
    /// Communities whose own grants to revoke: at most 50. An offer may still open them.
    remove: Option<Vec<ID>>,
    /// When the added ones start; now by default.
    starts_at: Option<DateTimeText>,
    /// When the added ones end; never by default.
    ends_at: Option<DateTimeText>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// The grant to revoke.
#[derive(InputObject)]
pub(crate) struct RevokeAccessGrantInput {
    /// The grant.
    grant_id: ID,
}

/// The grant after the change.
#[derive(SimpleObject)]
pub(crate) struct RevokeAccessGrantPayload {
    /// The revoked grant. Other grants of the contact may still open the same things.
    grant: AccessGrant,
}

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            /// The number of contacts that have the requested state now, or would have it with `dryRun`; with a bulk job, the
            /// number of contacts that it goes through.
            count: i32,
            /// The job that does it, for more than 100 contacts.
            bulk_job: Option<BulkJob>,
            /// The contacts that were skipped, and why. With a bulk job: see its items.
            skipped: Vec<SkippedRecipient>,
        }

        impl From<Changed> for $name {
            fn from(changed: Changed) -> Self {
                let Changed { count, bulk_job, skipped } = changed;
                Self { count, bulk_job, skipped }
            }
        }
    };
}

payload! {
    /// Who has the offer now.
    GrantOfferPayload
}
payload! {
    /// Who has the offer no longer.
    RevokeOfferPayload
}
payload! {
    /// Whose courses were changed.
    AssignCoursesPayload
}
payload! {
    /// Whose communities were changed.
    UpdateCommunityAccessPayload
}

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
    let (starts_at, ends_at) = parse_dates(ctx, input.starts_at, input.ends_at)?;
    let change = AccessChange {
        add: vec![parse_offer(&input.offer_id)?],
        remove: Vec::new(),
        starts_at,
        ends_at,
    };
    let selection = Recipients::selected(ctx, input.selection)?;
    let request = Grants {
        change,
        selection,
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, |_| "input.offerId".to_owned()).await?.into())
}

async fn revoke_offer(ctx: &Context<'_>, input: RevokeOfferInput) -> Result<RevokeOfferPayload> {
    ctx.staff(Scope::Contacts)?;
    let change = AccessChange {
        remove: vec![parse_offer(&input.offer_id)?],
        ..AccessChange::default()
    };
    let selection = Recipients::selected(ctx, input.selection)?;
    let request = Grants {
        change,
        selection,
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, |_| "input.offerId".to_owned()).await?.into())
}

async fn assign_courses(ctx: &Context<'_>, input: AssignCoursesInput) -> Result<AssignCoursesPayload> {
    ctx.staff(Scope::Contacts)?;
    let parse = |id: &str| id.parse::<CourseId>().ok().map(Target::Course);
    let (add, remove) = parse_targets(input.add, input.remove, "course", parse)?;
    let (starts_at, ends_at) = parse_dates(ctx, input.starts_at, input.ends_at)?;
    let request = Grants {
        change: AccessChange {
            add,
            remove,
            starts_at,
            ends_at,
        },
        selection: one_or_many(ctx, input.contact_id, input.selection)?,
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, field_of).await?.into())
}

async fn update_community_access(
    ctx: &Context<'_>,
    input: UpdateCommunityAccessInput,
) -> Result<UpdateCommunityAccessPayload> {
    ctx.staff(Scope::Contacts)?;
    let parse = |id: &str| id.parse::<CommunityId>().ok().map(Target::Community);
    let (add, remove) = parse_targets(input.add, input.remove, "community", parse)?;
    let (starts_at, ends_at) = parse_dates(ctx, input.starts_at, input.ends_at)?;
    let request = Grants {
        change: AccessChange {
            add,
            remove,
            starts_at,
            ends_at,
        },
        selection: one_or_many(ctx, input.contact_id, input.selection)?,
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, field_of).await?.into())
}

async fn revoke_grant(ctx: &Context<'_>, input: RevokeAccessGrantInput) -> Result<RevokeAccessGrantPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let missing = || Error::not_found("input.grantId", "grant");
    let id: GrantId = input.grant_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let grant = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let found = Row::find_many(conn, staff.account, &[id]).await?.pop();
            let contact = found.ok_or_else(missing)?.contact_id;
            Contact::lock(conn, staff.account, contact).await?;
            let found = Row::find_many(conn, staff.account, &[id]).await?.pop();
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

/// A parsed input.
struct Grants {
    change: AccessChange,
    selection: Recipients,
    dry_run: bool,
}

/// A target of the input, by its place in the list of those to add or to remove.
#[derive(Clone, Copy)]
enum Place {
    Add(usize),
    Remove(usize),
}

fn field_of(place: Place) -> String {
    match place {
        Place::Add(index) => format!("input.add.{index}"),
        Place::Remove(index) => format!("input.remove.{index}"),
    }
}

impl Grants {
    async fn run(self, ctx: &Context<'_>, field: impl Fn(Place) -> String) -> Result<Changed> {
        let staff = ctx.staff(Scope::Contacts)?;
        let mut conn = ctx.services().db.conn().await?;
        let (add, remove) = (|at| field(Place::Add(at)), |at| field(Place::Remove(at)));
        self.change.check(&mut conn, staff.account, add, remove).await?;
        drop(conn);
        let request = Request {
            recipients: self.selection,
            change: BulkChange::Grants(self.change),
            dry_run: self.dry_run,
        };
        let changed = request.run(ctx, &staff).await?;
        ctx.services().live.nudge(staff.account, &[Topic::Activity]);
        Ok(changed)
    }
}

fn parse_offer(id: &ID) -> Result<Target> {
    let missing = |_| Error::not_found("input.offerId", "offer");
    Ok(Target::Offer(id.parse::<OfferId>().map_err(missing)?))
}

/// Both lists, with each target once.
fn parse_targets(
    add: Option<Vec<ID>>,
    remove: Option<Vec<ID>>,
    what: &str,
    parse: impl Fn(&str) -> Option<Target>,
) -> Result<(Vec<Target>, Vec<Target>)> {
    let list = |name: &str, ids: Option<Vec<ID>>| {
        let ids = ids.unwrap_or_default();
        let field = format!("input.{name}");
        if ids.len() > MAX_TARGETS {
            return Err(Error::bad_input(
                field,
                format!("Name at most {MAX_TARGETS} at once."),
            ));
        }
        let mut targets = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let target = parse(id).ok_or_else(|| Error::not_found(format!("{field}.{index}"), what))?;
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Ok(targets)
    };
    let (add, remove) = (list("add", add)?, list("remove", remove)?);
    if add.is_empty() && remove.is_empty() {
        let message = format!("Name a {what} to add or to remove.");
        return Err(Error::bad_input("input.add", message));
    }
    if let Some(index) = remove.iter().position(|target| add.contains(target)) {
        let message = "It is also among those to add.";
        return Err(Error::bad_input(format!("input.remove.{index}"), message));
    }
    Ok((add, remove))
}

fn parse_dates(
    ctx: &Context<'_>,
    starts_at: Option<DateTimeText>,
    ends_at: Option<DateTimeText>,
) -> Result<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)> {
    let starts_at = parse_time("input.startsAt", starts_at)?;
    let ends_at = parse_time("input.endsAt", ends_at)?;
    let starts = starts_at.unwrap_or_else(|| ctx.services().clock.now());
    if ends_at.is_some_and(|ends| ends <= starts) {
        return Err(Error::bad_input(
            "input.endsAt",
            "It must be later than the start.",
        ));
    }
    Ok((starts_at, ends_at))
}

fn one_or_many(ctx: &Context<'_>, one: Option<ID>, many: Option<ContactSelection>) -> Result<Recipients> {
    match (one, many) {
        (Some(id), None) => Recipients::parse(ctx, Some(vec![id]), None, None),
        (None, Some(selection)) => Recipients::selected(ctx, selection),
        _ => Err(Error::bad_input(
            "input.selection",
            "Pass contactId or selection.",
        )),
    }
}
