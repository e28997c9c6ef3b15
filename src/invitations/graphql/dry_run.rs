//! What sending invitations or login emails would do. Nothing is written.

use async_graphql::Context;

use crate::api::context::ContextExt;
use crate::base::actor::Staff;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::bulk_jobs::model::BulkJobKind;
use crate::contacts::model::Contact;
use crate::invitations::graphql::recipients::{MAX_DIRECT_RECIPIENTS, Recipients, SkippedRecipient};
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Indexed, RequestedRecipient, ResolvedRecipients, Skipped};
use crate::magic_links::model::login_email;
use crate::services::Services;

/// How many recipients would get a message, and which would be skipped, at most 100 for a filter. Nothing is written.
pub(crate) async fn dry_run(
    ctx: &Context<'_>,
    staff: &Staff,
    recipients: &Recipients,
    kind: BulkJobKind,
) -> Result<(i32, Vec<SkippedRecipient>)> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let mut count = 0;
    let mut skipped = Vec::new();
    let mut after = None;
    match recipients {
        Recipients::Named(_) => {
            let requested = recipients.requested();
            let (ready, ineligible) = preview(services, &mut conn, staff, &requested, kind).await?;
            return Ok((ready, SkippedRecipient::all(ctx, ineligible, &requested)));
        }
        Recipients::Matching(filter) => loop {
            let ids = Contact::list_ids(&mut conn, staff.account, filter, after, 1_000).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let requested: Vec<_> = ids
                .iter()
                .map(|id: &ContactId| RequestedRecipient::Id(id.to_string()))
                .enumerate()
                .collect();
            let (ready, mut ineligible) = preview(services, &mut conn, staff, &requested, kind).await?;
            count += ready;
            ineligible.truncate(MAX_DIRECT_RECIPIENTS.saturating_sub(skipped.len()));
            skipped.extend(SkippedRecipient::all(ctx, ineligible, &requested));
        },
    }
    Ok((count, skipped))
}

/// How many of these recipients would get a message, and which would be skipped.
async fn preview(
    services: &Services,
    conn: &mut Conn,
    staff: &Staff,
    requested: &[Indexed<RequestedRecipient>],
    kind: BulkJobKind,
) -> Result<(i32, Vec<Skipped>)> {
    let moment = services.clock.moment();
    let create = kind == BulkJobKind::Invite;
    let mut resolved = ResolvedRecipients::preview(conn, staff.account, requested, create, &moment).await?;
    match kind {
        BulkJobKind::Invite => {
            Invitation::skip_ineligible(conn, staff.account, &mut resolved, moment.now).await?
        }
        BulkJobKind::LoginEmail
        | BulkJobKind::ResendInvitations
        | BulkJobKind::CancelInvitations
        | BulkJobKind::Import
        | BulkJobKind::Access
        | BulkJobKind::Message => {
            login_email::skip_ineligible(conn, staff.account, &mut resolved, moment.now).await?
        }
    }
    resolved.skipped.sort_by_key(|skipped| skipped.index);
    let count = i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX);
    Ok((count, resolved.skipped))
}
