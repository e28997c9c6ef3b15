//! Revoking a contact's access to the portal, and restoring it.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::plain_text;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::mutations::lock_contact;
use crate::contacts::model as contact;
use crate::live::Topic;

/// The most characters of a reason.
pub(crate) const MAX_REASON_CHARS: usize = 500;

#[derive(Default)]
pub(crate) struct AccessMutations;

/// Whose access to revoke, and why.
#[derive(InputObject)]
pub(crate) struct RevokePortalAccessInput {
    /// The contact's id.
    contact_id: ID,
    /// Why, for the audit log alone: one line of at most 500 characters. It stays there when the contact is deleted, so
    /// name no one in it.
    reason: Option<String>,
}

/// The contact whose access was revoked.
#[derive(SimpleObject)]
pub(crate) struct RevokePortalAccessPayload {
    /// The contact after the change.
    contact: Contact,
}

/// Whose access to restore.
#[derive(InputObject)]
pub(crate) struct RestorePortalAccessInput {
    /// The contact's id.
    contact_id: ID,
}

/// The contact whose access was restored.
#[derive(SimpleObject)]
pub(crate) struct RestorePortalAccessPayload {
    /// The contact after the change.
    contact: Contact,
}

#[Object]
impl AccessMutations {
    /// Revokes a contact's access to the portal: their sessions and subscriptions end at once, their links stop working, and
    /// unsent messages are cancelled. A second time changes nothing. Needs the scope `CONTACTS`.
    async fn revoke_portal_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose access, and why.")] input: RevokePortalAccessInput,
    ) -> Option<GraphqlResult<RevokePortalAccessPayload>> {
        mutate(revoke(ctx, input)).await
    }

    /// Restores a contact's access: they can sign in again. What was ended stays ended; an invitation that is still open is
    /// sent again by `resendInvitation`. A second time changes nothing. Needs the scope `CONTACTS`.
    async fn restore_portal_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose access.")] input: RestorePortalAccessInput,
    ) -> Option<GraphqlResult<RestorePortalAccessPayload>> {
        mutate(restore(ctx, input)).await
    }
}

async fn revoke(ctx: &Context<'_>, input: RevokePortalAccessInput) -> Result<RevokePortalAccessPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["contact", "tags"])?;
    let line = |reason: &String| plain_text::line("input.reason", reason, MAX_REASON_CHARS);
    let reason = input.reason.as_ref().map(line).transpose()?.flatten();
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (contact, ended) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = lock_contact(conn, &staff, &input.contact_id).await?;
            let (account, ids, reason) = (staff.account, [contact.id], reason.as_deref());
            let revoked = contact::Contact::revoke_access(conn, account, &ids, reason, &requester, &moment);
            let (mut revoked, ended) = revoked.await?;
            Ok((revoked.pop().unwrap_or(contact), ended))
        })
        .await?;
    services.live.nudge_sessions_ended(staff.account, ended);
    services.live.nudge(staff.account, &[Topic::Counts]);
    Ok(RevokePortalAccessPayload {
        contact: Contact::changed(contact, Vec::new()),
    })
}

async fn restore(ctx: &Context<'_>, input: RestorePortalAccessInput) -> Result<RestorePortalAccessPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["contact", "tags"])?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let contact = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = lock_contact(conn, &staff, &input.contact_id).await?;
            let (account, ids) = (staff.account, [contact.id]);
            let restored = contact::Contact::restore_access(conn, account, &ids, &requester, &moment);
            Ok(restored.await?.pop().unwrap_or(contact))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Counts, Topic::Activity]);
    Ok(RestorePortalAccessPayload {
        contact: Contact::changed(contact, Vec::new()),
    })
}
