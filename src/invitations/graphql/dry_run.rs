//! What sending invitations or login emails, or changing contacts, would do. Nothing is written.

use async_graphql::Context;

use crate::accounts::model::budget;
use crate::api::context::ContextExt;
use crate::base::actor::Staff;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::invitations::graphql::recipients::{MAX_DIRECT_RECIPIENTS, Recipients, SkippedRecipient};
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Indexed, RequestedRecipient, ResolvedRecipients};
use crate::invitations::model::skipped::Skipped;
use crate::magic_links::model::login_email;
use crate::services::Services;

/// What would be done with the recipients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Preview<'a> {
    Invite,
    LoginEmail,
    Change(&'a BulkChange),
}

impl Preview<'_> {
    fn sends(self) -> bool {
        match self {
            Self::Invite | Self::LoginEmail => true,
            Self::Change(_) => false,
        }
    }
}

/// How many recipients would be messaged or changed, and which would be skipped, at most 100 for a filter. Nothing is written.
pub(crate) async fn dry_run(
    ctx: &Context<'_>,
    staff: &Staff,
    recipients: &Recipients,
    action: Preview<'_>,
) -> Result<(i32, Vec<SkippedRecipient>)> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let mut count = 0;
    let mut skipped = Vec::new();
    let mut after = None;
    match recipients {
        Recipients::Named(_) => {
            let requested = recipients.requested();
            let (ready, ineligible) = preview(services, &mut conn, staff, &requested, action).await?;
            // A job waits for the budget instead.
            if action.sends() && !recipients.needs_job() {
                let (daily, now) = (services.settings.daily_messages, services.clock.now());
                budget::check(&mut conn, staff.account, ready, daily, now).await?;
            }
            return Ok((ready, SkippedRecipient::all(ctx, ineligible, &requested)));
        }
        Recipients::Matching(filter) => loop {
            let ids = Contact::list_ids(&mut conn, staff.account, filter, after, 1_000).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let requested = RequestedRecipient::by_id(&ids);
            let (ready, mut ineligible) = preview(services, &mut conn, staff, &requested, action).await?;
            count += ready;
            ineligible.truncate(MAX_DIRECT_RECIPIENTS.saturating_sub(skipped.len()));
            skipped.extend(SkippedRecipient::all(ctx, ineligible, &requested));
        },
    }
    Ok((count, skipped))
}

/// How many of these recipients would be messaged or changed, and which would be skipped.
async fn preview(
    services: &Services,
    conn: &mut Conn,
    staff: &Staff,
    requested: &[Indexed<RequestedRecipient>],
    action: Preview<'_>,
) -> Result<(i32, Vec<Skipped>)> {
    let moment = services.clock.moment();
    let create = matches!(action, Preview::Invite);
    let mut resolved = ResolvedRecipients::preview(conn, staff.account, requested, create, &moment).await?;
    match action {
        Preview::Invite => {
            Invitation::skip_ineligible(conn, staff.account, &mut resolved, moment.now).await?
        }
        Preview::LoginEmail => {
            login_email::skip_ineligible(conn, staff.account, &mut resolved, moment.now).await?
        }
        Preview::Change(change) => change.skip_ineligible(&mut resolved),
    }
    resolved.skipped.sort_by_key(|skipped| skipped.index);
    let count = i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX);
    Ok((count, resolved.skipped))
}
