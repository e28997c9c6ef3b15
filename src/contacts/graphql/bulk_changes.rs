//! Changing many contacts at once: their tags, or their access to the portal.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Scope, Staff};
use crate::base::error::{Error, Result};
use crate::base::plain_text;
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model::{BulkJobKind, Plan};
use crate::contacts::graphql::access::MAX_REASON_CHARS;
use crate::contacts::graphql::input::{ContactFilter, ContactSelection, parse_tags};
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::invitations::graphql::dry_run::{Preview, dry_run};
use crate::invitations::graphql::recipients::{MAX_DIRECT_RECIPIENTS, Recipients, SkippedRecipient};
use crate::invitations::model::recipients::{Indexed, RequestedRecipient, ResolvedRecipients};
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct BulkChangeMutations;

/// Which contacts get and lose which tags.
#[derive(InputObject)]
pub(crate) struct UpdateContactTagsInput {
    /// The contacts, by id.
    contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    smart_list_id: Option<ID>,
    /// Tags to add to those that a contact has: at most 50, each at most 50 characters.
    add: Option<Vec<String>>,
    /// Tags to remove, in exactly this letter case: at most 50.
    remove: Option<Vec<String>>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// Whose access to revoke, and why.
#[derive(InputObject)]
pub(crate) struct RevokePortalAccessForManyInput {
    /// The contacts, by id.
    contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    smart_list_id: Option<ID>,
    /// Why, for the audit log alone: one line of at most 500 characters. It stays there when a contact is deleted, so name no
    /// one in it.
    reason: Option<String>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// Whose access to restore.
#[derive(InputObject)]
pub(crate) struct RestorePortalAccessForManyInput {
    /// The contacts, by id.
    contact_ids: Option<Vec<ID>>,
    /// Every contact that matches, instead of ids. Anything but `portalStatus` in it needs the scope `READ` too.
    filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids and filter. Needs the scope `READ` too.
    smart_list_id: Option<ID>,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// The outcome of a change of many contacts.
pub(crate) struct Changed {
    pub count: i32,
    pub bulk_job: Option<BulkJob>,
    pub skipped: Vec<SkippedRecipient>,
}

/// The payload of a change of many contacts.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            /// The number of contacts that have the requested state now, or would have it with `dryRun`; with a bulk job, the
            /// number of contacts that it goes through.
            count: i32,
            /// The job that does it, for more than 100 contacts.
            bulk_job: Option<$crate::bulk_jobs::graphql::BulkJob>,
            /// The contacts that were skipped, and why. With a bulk job: see its items.
            skipped: Vec<$crate::invitations::graphql::recipients::SkippedRecipient>,
        }

        impl From<$crate::contacts::graphql::bulk_changes::Changed> for $name {
            fn from(changed: $crate::contacts::graphql::bulk_changes::Changed) -> Self {
                let $crate::contacts::graphql::bulk_changes::Changed { count, bulk_job, skipped } = changed;
                Self { count, bulk_job, skipped }
            }
        }
    };
}

pub(crate) use payload;

payload! {
    /// The contacts whose tags were changed.
    UpdateContactTagsPayload
}
payload! {
    /// The contacts whose access was revoked.
    RevokePortalAccessForManyPayload
}
payload! {
    /// The contacts whose access was restored.
    RestorePortalAccessForManyPayload
}

#[Object]
impl BulkChangeMutations {
    /// Adds tags to contacts and removes others, in one step. Up to 100 contacts are changed at once, all or none of them;
    /// more become a bulk job. Needs the scope `CONTACTS`.
    async fn update_contact_tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contacts, and which tags.")] input: UpdateContactTagsInput,
    ) -> Option<GraphqlResult<UpdateContactTagsPayload>> {
        mutate(update_tags(ctx, input)).await
    }

    /// Does what `revokePortalAccess` does for many contacts: up to 100 at once, all or none of them; more become a bulk job.
    /// Needs the scope `CONTACTS`.
    async fn revoke_portal_access_for_many(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose access, and why.")] input: RevokePortalAccessForManyInput,
    ) -> Option<GraphqlResult<RevokePortalAccessForManyPayload>> {
        mutate(revoke(ctx, input)).await
    }

    /// Does what `restorePortalAccess` does for many contacts: up to 100 at once, all or none of them; more become a bulk job.
    /// Needs the scope `CONTACTS`.
    async fn restore_portal_access_for_many(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose access.")] input: RestorePortalAccessForManyInput,
    ) -> Option<GraphqlResult<RestorePortalAccessForManyPayload>> {
        mutate(restore(ctx, input)).await
    }
}

async fn select(
    ctx: &Context<'_>,
    contact_ids: Option<Vec<ID>>,
    filter: Option<ContactFilter>,
    smart_list_id: Option<ID>,
) -> Result<Recipients> {
    let selection = ContactSelection {
        contact_ids,
        emails: None,
        filter,
        smart_list_id,
    };
    Recipients::selected(ctx, "input", selection).await
}

async fn update_tags(ctx: &Context<'_>, input: UpdateContactTagsInput) -> Result<UpdateContactTagsPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let recipients = select(ctx, input.contact_ids, input.filter, input.smart_list_id).await?;
    let parse = |field: &str, tags: Option<Vec<String>>| {
        let given = tags.filter(|tags| !tags.is_empty());
        given.map_or(Ok(Vec::new()), |tags| parse_tags(field, tags))
    };
    let add = parse("input.add", input.add)?;
    let remove = parse("input.remove", input.remove)?;
    if add.is_empty() && remove.is_empty() {
        return Err(Error::bad_input("input.add", "Name a tag to add or to remove."));
    }
    if let Some(index) = remove.iter().position(|tag| add.contains(tag)) {
        let message = "This tag is also among those to add.";
        return Err(Error::bad_input(format!("input.remove.{index}"), message));
    }
    let request = Request {
        recipients,
        change: BulkChange::Tags { add, remove },
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, &staff).await?.into())
}

async fn revoke(
    ctx: &Context<'_>,
    input: RevokePortalAccessForManyInput,
) -> Result<RevokePortalAccessForManyPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let line = |reason: &String| plain_text::line("input.reason", reason, MAX_REASON_CHARS);
    let request = Request {
        recipients: select(ctx, input.contact_ids, input.filter, input.smart_list_id).await?,
        change: BulkChange::RevokeAccess {
            reason: input.reason.as_ref().map(line).transpose()?.flatten(),
        },
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, &staff).await?.into())
}

async fn restore(
    ctx: &Context<'_>,
    input: RestorePortalAccessForManyInput,
) -> Result<RestorePortalAccessForManyPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let request = Request {
        recipients: select(ctx, input.contact_ids, input.filter, input.smart_list_id).await?,
        change: BulkChange::RestoreAccess,
        dry_run: input.dry_run == Some(true),
    };
    Ok(request.run(ctx, &staff).await?.into())
}

/// A parsed input.
pub(crate) struct Request {
    pub recipients: Recipients,
    pub change: BulkChange,
    pub dry_run: bool,
}

impl Request {
    pub(crate) async fn run(&self, ctx: &Context<'_>, staff: &Staff) -> Result<Changed> {
        if self.dry_run {
            self.check(ctx, staff).await?;
            let (count, skipped) =
                dry_run(ctx, staff, &self.recipients, Preview::Change(&self.change)).await?;
            return Ok(Changed {
                count,
                bulk_job: None,
                skipped,
            });
        }
        match self.direct_contacts(ctx, staff).await? {
            Some(contacts) => self.change_now(ctx, staff, &contacts).await,
            None => {
                self.check(ctx, staff).await?;
                self.start_job(ctx, staff).await
            }
        }
    }

    async fn check(&self, ctx: &Context<'_>, staff: &Staff) -> Result<()> {
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        self.change
            .check(&mut conn, staff.account, &services.clock.moment())
            .await
    }

    /// The contacts of a request that needs no job.
    async fn direct_contacts(
        &self,
        ctx: &Context<'_>,
        staff: &Staff,
    ) -> Result<Option<Vec<Indexed<RequestedRecipient>>>> {
        let Recipients::Matching(filter) = &self.recipients else {
            return Ok((!self.recipients.needs_job()).then(|| self.recipients.requested()));
        };
        let mut conn = ctx.services().db.conn().await?;
        let limit = MAX_DIRECT_RECIPIENTS + 1;
        let ids = Contact::list_ids(&mut conn, staff.account, filter, None, limit).await?;
        Ok((ids.len() <= MAX_DIRECT_RECIPIENTS).then(|| RequestedRecipient::by_id(&ids)))
    }

    async fn change_now(
        &self,
        ctx: &Context<'_>,
        staff: &Staff,
        contacts: &[Indexed<RequestedRecipient>],
    ) -> Result<Changed> {
        let services = ctx.services();
        let (moment, requester, account) = (services.clock.moment(), ctx.requester(), staff.account);
        let mut conn = services.db.conn().await?;
        let (resolved, ended) = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, &moment).await?;
                let mut resolved =
                    ResolvedRecipients::resolve(conn, account, contacts, false, &moment).await?;
                if let Recipients::Matching(filter) = &self.recipients {
                    resolved.keep_matches(conn, account, filter).await?;
                }
                let change = self
                    .change
                    .apply(conn, account, &mut resolved, &requester, &moment);
                let ended = change.await?;
                Ok((resolved, ended))
            })
            .await?;
        services.live.nudge_sessions_ended(account, ended);
        services.live.nudge(account, &[Topic::Counts, Topic::Activity]);
        Ok(Changed {
            count: i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX),
            bulk_job: None,
            skipped: SkippedRecipient::all(ctx, resolved.skipped, contacts),
        })
    }

    async fn start_job(&self, ctx: &Context<'_>, staff: &Staff) -> Result<Changed> {
        let kind = match self.change {
            BulkChange::Tags { .. } => BulkJobKind::Tag,
            BulkChange::RevokeAccess { .. } | BulkChange::RestoreAccess => BulkJobKind::Access,
            BulkChange::Grants(_) => BulkJobKind::Grant,
        };
        let plan = Plan {
            change: Some(self.change.clone()),
            ..self.recipients.plan(PortalSection::Home, None)
        };
        let job = self.recipients.start_job(ctx, staff, kind, &plan).await?;
        Ok(Changed {
            count: job.total_count,
            bulk_job: Some(job.into()),
            skipped: Vec::new(),
        })
    }
}
