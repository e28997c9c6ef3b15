//! Login emails that staff send.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model::BulkJobKind;
use crate::contacts::graphql::input::{ContactFilter, ContactSelection};
use crate::invitations::graphql::dry_run::{Preview, dry_run};
use crate::invitations::graphql::recipients::{Recipients, SkippedRecipient};
use crate::invitations::model::SendRequest;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::live::Topic;
use crate::magic_links::model::login_email;
use crate::messages::graphql::Message;

#[derive(Default)]
pub(crate) struct LoginEmailMutations;

/// The recipients of a login email: contacts by id and by address together, or every contact that matches a filter.
#[derive(InputObject)]
pub(crate) struct SendLoginEmailsInput {
    /// Contacts, by id.
    contact_ids: Option<Vec<ID>>,
    /// Addresses of contacts, such as `anna@example.com` or `Anna Smith <anna@example.com>` (RFC 5322). An address that belongs to
    /// no contact is skipped with `NOT_FOUND`.
    emails: Option<Vec<String>>,
    /// Every contact that matches, instead of ids and addresses. Becomes a bulk job. Anything but `portalStatus` in it needs the scope
    /// `READ` too.
    filter: Option<ContactFilter>,
    /// Every contact that is in this smart list now, instead of ids, addresses and filter. Needs the scope `READ` too.
    smart_list_id: Option<ID>,
    /// Where the button leads. Default: `HOME`.
    section: Option<PortalSection>,
    /// Only reports what would happen: nothing is sent.
    dry_run: Option<bool>,
}

/// The outcome of sending login emails, for each recipient.
#[derive(SimpleObject)]
pub(crate) struct SendLoginEmailsPayload {
    /// The emails that were queued, in the order of the input. Empty with `dryRun` and with a bulk job.
    messages: Vec<Message>,
    /// The recipients who don't get one, and why. With a bulk job: see its items.
    skipped: Vec<SkippedRecipient>,
    /// How many are sent, or would be with `dryRun`.
    count: i32,
    /// The job that does it, for more than 100 recipients or a filter.
    bulk_job: Option<BulkJob>,
}

#[Object]
impl LoginEmailMutations {
    /// Emails contacts a button that signs them in once within 24 hours. For up to 100 recipients the response holds the
    /// messages, for more a bulk job. `CONFLICT` if signing in by link is turned off. Needs the scope `INVITE`.
    async fn send_login_emails(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The recipients and the destination.")] input: SendLoginEmailsInput,
    ) -> Option<GraphqlResult<SendLoginEmailsPayload>> {
        mutate(send(ctx, input)).await
    }
}

async fn send(ctx: &Context<'_>, input: SendLoginEmailsInput) -> Result<SendLoginEmailsPayload> {
    let staff = ctx.staff(Scope::Invite)?;
    ctx.require_read_if_selected(&["messages", "address"])?;
    let services = ctx.services();
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
    let section = input.section.unwrap_or(PortalSection::Home);
    let mut conn = services.db.conn().await?;
    let account = Account::find(&mut conn, staff.account).await?;
    account.check_links()?;
    drop(conn);
    if input.dry_run == Some(true) {
        let (count, skipped) = dry_run(ctx, &staff, &recipients, Preview::LoginEmail).await?;
        return Ok(SendLoginEmailsPayload {
            messages: Vec::new(),
            skipped,
            count,
            bulk_job: None,
        });
    }
    if recipients.needs_job() {
        let plan = recipients.plan(section, None);
        let job = recipients
            .start_job(ctx, &staff, BulkJobKind::LoginEmail, &plan)
            .await?;
        let count = job.total_count;
        return Ok(SendLoginEmailsPayload {
            messages: Vec::new(),
            skipped: Vec::new(),
            count,
            bulk_job: Some(job.into()),
        });
    }
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let requested = recipients.requested();
    let mut conn = services.db.conn().await?;
    let (messages, resolved) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let mut resolved =
                ResolvedRecipients::resolve(conn, staff.account, &requested, false, &moment).await?;
            let request = SendRequest {
                section,
                ..services.send_request(&account, &requester)
            };
            let sent = login_email::send(conn, &request, &mut resolved, &moment).await?;
            Ok((sent.map_err(|spent| spent.refusal(moment.now))?, resolved))
        })
        .await?;
    services
        .live
        .nudge(staff.account, &[Topic::Activity, Topic::Messages]);
    let count = i32::try_from(messages.len()).unwrap_or(i32::MAX);
    let messages = messages.into_iter().map(Into::into).collect();
    Ok(SendLoginEmailsPayload {
        messages,
        skipped: SkippedRecipient::all(ctx, resolved.skipped, &requested),
        count,
        bulk_job: None,
    })
}
