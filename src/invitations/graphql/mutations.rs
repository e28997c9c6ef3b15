//! Inviting, resending, cancelling.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::{Scope, Staff};
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::InvitationId;
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model::BulkJobKind;
use crate::contacts::graphql::input::{ContactFilter, ContactSelection};
use crate::contacts::model::Contact;
use crate::invitations::graphql::dry_run::{Preview, dry_run};
use crate::invitations::graphql::recipients::{Recipients, SkippedRecipient};
use crate::invitations::graphql::{Invitation, parse_note};
use crate::invitations::model as invitation;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::SkipReason;
use crate::invitations::model::{InvitationStatus, SendRequest};
use crate::live::Topic;
use crate::messages::model::suppression::Suppression;
use crate::services::Services;

#[derive(Default)]
pub(crate) struct InvitationMutations;

/// The contacts to invite: existing contacts and new addresses together, or every contact that matches a filter.
#[derive(InputObject)]
pub(crate) struct InviteContactsInput {
    /// Contacts to invite, by id.
    contact_ids: Option<Vec<ID>>,
    /// Addresses to invite, such as `anna@example.com` or `Anna Smith <anna@example.com>` (RFC 5322); those that are new
    /// become contacts, with that name. At most 20,000 with the ids together.
    emails: Option<Vec<String>>,
    /// Every contact that matches, instead of ids and addresses. Becomes a bulk job. Anything but `portalStatus` in it needs
    /// the scope `READ` too.
    filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids, addresses and filter. Needs the scope `READ` too.
    smart_list_id: Option<ID>,
    /// Where the invitation leads. Default: `HOME`.
    section: Option<PortalSection>,
    /// A personal note in the email, plain text of at most 1,000 characters.
    note: Option<String>,
    /// Only reports what would happen: nothing is created and nothing is sent.
    dry_run: Option<bool>,
}

/// The outcome of inviting, for each recipient.
#[derive(SimpleObject)]
pub(crate) struct InviteContactsPayload {
    /// The invitations that were sent, in the order of the input. Empty with `dryRun` and with a bulk job.
    invitations: Vec<Invitation>,
    /// Who was not invited, and why. With a bulk job: see its items.
    skipped: Vec<SkippedRecipient>,
    /// How many are invited, or would be with `dryRun`.
    count: i32,
    /// The job that does it, for more than 100 recipients or a filter.
    bulk_job: Option<BulkJob>,
}

/// The invitation to send again.
#[derive(InputObject)]
pub(crate) struct ResendInvitationInput {
    /// The invitation's id.
    invitation_id: ID,
}

/// The invitation with its new link on the way, or the reason why it was not sent.
#[derive(SimpleObject)]
pub(crate) struct ResendInvitationPayload {
    /// The invitation, with the same id as before.
    invitation: Invitation,
    /// Why nothing was sent, and the invitation and its link stay as they were; null if it was sent.
    skipped: Option<SkippedRecipient>,
}

/// The invitation to cancel.
#[derive(InputObject)]
pub(crate) struct CancelInvitationInput {
    /// The invitation's id.
    invitation_id: ID,
}

/// The cancelled invitation.
#[derive(SimpleObject)]
pub(crate) struct CancelInvitationPayload {
    /// The invitation, now cancelled: its links no longer work.
    invitation: Invitation,
}

#[Object]
impl InvitationMutations {
    /// Invites contacts to the portal by email. Each is invited or skipped with a reason; one bad address never fails the
    /// rest. For up to 100 recipients the response holds the invitations, for more a bulk job. Needs the scope `INVITE`.
    async fn invite_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The recipients, and what they are invited to.")] input: InviteContactsInput,
    ) -> Option<GraphqlResult<InviteContactsPayload>> {
        mutate(invite(ctx, input)).await
    }

    /// Sends an invitation again: same id, new link; the old link then says that it was replaced. Needs the scope
    /// `INVITE`.
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: ResendInvitationInput,
    ) -> Option<GraphqlResult<ResendInvitationPayload>> {
        mutate(resend(ctx, input)).await
    }

    /// Cancels an open or expired invitation: its links stop working and the contact counts as not invited. Needs the scope
    /// `INVITE`.
    async fn cancel_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: CancelInvitationInput,
    ) -> Option<GraphqlResult<CancelInvitationPayload>> {
        mutate(cancel(ctx, input)).await
    }
}

async fn invite(ctx: &Context<'_>, input: InviteContactsInput) -> Result<InviteContactsPayload> {
    let staff = ctx.staff(Scope::Invite)?;
    let recipients = Recipients::selected(
        ctx,
        "input",
        ContactSelection {
            contact_ids: input.contact_ids,
            emails: input.emails,
            filter: input.filter,
            smart_list_id: input.smart_list_id,
        },
    )
    .await?;
    let note = parse_note(input.note)?;
    let section = input.section.unwrap_or(PortalSection::Home);
    let services = ctx.services();
    if input.dry_run == Some(true) {
        let (count, skipped) = dry_run(ctx, &staff, &recipients, Preview::Invite).await?;
        return Ok(InviteContactsPayload {
            invitations: Vec::new(),
            skipped,
            count,
            bulk_job: None,
        });
    }
    if recipients.needs_job() {
        let plan = recipients.plan(section, note);
        let job = recipients
            .start_job(ctx, &staff, BulkJobKind::Invite, &plan)
            .await?;
        let count = job.total_count;
        return Ok(InviteContactsPayload {
            invitations: Vec::new(),
            skipped: Vec::new(),
            count,
            bulk_job: Some(job.into()),
        });
    }
    let (invitations, skipped) = invite_now(ctx, &staff, &recipients, section, note.as_deref()).await?;
    services
        .live
        .nudge(staff.account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
    let count = i32::try_from(invitations.len()).unwrap_or(i32::MAX);
    Ok(InviteContactsPayload {
        invitations,
        skipped,
        count,
        bulk_job: None,
    })
}

async fn invite_now(
    ctx: &Context<'_>,
    staff: &Staff,
    recipients: &Recipients,
    section: PortalSection,
    note: Option<&str>,
) -> Result<(Vec<Invitation>, Vec<SkippedRecipient>)> {
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let requested = recipients.requested();
    let mut conn = services.db.conn().await?;
    let (invitations, resolved) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::find(conn, staff.account).await?;
            let mut resolved =
                ResolvedRecipients::resolve(conn, staff.account, &requested, true, &moment).await?;
            let request = SendRequest {
                note,
                section,
                ..services.send_request(&account, &requester)
            };
            let issued = invitation::Invitation::issue(conn, &request, &mut resolved, &moment).await?;
            Ok((issued.map_err(|spent| spent.refusal(moment.now))?, resolved))
        })
        .await?;
    Ok((
        invitations.into_iter().map(Into::into).collect(),
        SkippedRecipient::all(ctx, resolved.skipped, &requested),
    ))
}

/// Locks the invitation's contact; an error if the invitation can be neither resent nor cancelled.
async fn lock_invitation(
    services: &Services,
    conn: &mut Conn,
    staff: &Staff,
    id: &ID,
) -> Result<(invitation::Invitation, Contact)> {
    let missing = || Error::not_found("input.invitationId", "invitation");
    let id: InvitationId = id.parse().map_err(|_| missing())?;
    let found = invitation::Invitation::find(conn, staff.account, id)
        .await?
        .ok_or_else(missing)?;
    let contact = Contact::lock(conn, staff.account, found.contact_id)
        .await?
        .ok_or_else(missing)?;
    // It may have changed while this transaction waited for the contact's row.
    let current = invitation::Invitation::find(conn, staff.account, id)
        .await?
        .ok_or_else(missing)?;
    let refusal = match current.status(services.clock.now()) {
        InvitationStatus::Accepted => Some("This invitation was accepted already."),
        _ if contact.joined_at.is_some() => {
            Some("This contact has joined already. Send a login email instead.")
        }
        _ if contact.revoked_at.is_some() => Some("This contact's access was revoked. Restore it first."),
        _ => None,
    };
    match refusal {
        Some(message) => Err(Error::new(Code::Conflict, message).at("input.invitationId")),
        None => Ok((current, contact)),
    }
}

async fn resend(ctx: &Context<'_>, input: ResendInvitationInput) -> Result<ResendInvitationPayload> {
    let staff = ctx.staff(Scope::Invite)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (invitation, skipped) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let account = Account::find(conn, staff.account).await?;
            let (invitation, contact) = lock_invitation(services, conn, &staff, &input.invitation_id).await?;
            if contact.email.is_none() {
                let message = "This contact has no email address to send to.";
                return Err(Error::new(Code::Conflict, message).at("input.invitationId"));
            }
            if Suppression::holds(conn, &contact, moment.now).await? {
                let skipped = SkippedRecipient::contact(ctx, &contact, SkipReason::Suppressed);
                return Ok((invitation, Some(skipped)));
            }
            let request = services.send_request(&account, &requester);
            let invited = [(&invitation, &contact)];
            let resent = invitation::Invitation::resend(conn, &request, &invited, &moment).await?;
            let resent = resent.map_err(|spent| spent.refusal(moment.now))?;
            Ok((resent.into_iter().next().unwrap_or(invitation), None))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
    Ok(ResendInvitationPayload {
        invitation: invitation.into(),
        skipped,
    })
}

async fn cancel(ctx: &Context<'_>, input: CancelInvitationInput) -> Result<CancelInvitationPayload> {
    let staff = ctx.staff(Scope::Invite)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let cancelled = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (found, _) = lock_invitation(services, conn, &staff, &input.invitation_id).await?;
            let cancelled =
                invitation::Invitation::cancel(conn, staff.account, &[&found], &requester, &moment).await?;
            Ok(cancelled.into_iter().next().unwrap_or(found))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Counts, Topic::Activity]);
    Ok(CancelInvitationPayload {
        invitation: cancelled.into(),
    })
}
