//! Sending what staff wrote to one or many contacts.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::{Account, budget};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TemplateId};
use crate::contacts::graphql::input::ContactSelection;
use crate::invitations::graphql::recipients::{Recipients, SkippedRecipient};
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::{SkipReason, Skipped};
use crate::live::Topic;
use crate::mailings::model::send::{MailingRequest, send, skip_ineligible};
use crate::mailings::model::{Mailing, NewMailing};
use crate::messages::graphql::Message;
use crate::messages::model::Channel;
use crate::templates::content::{CheckedContent, parse};
use crate::templates::fields::{LOGIN_URL, Usage};
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model::version::{TemplateContent, TemplateFormat};
use crate::templates::model::{Template, TemplateStatus};

#[derive(Default)]
pub(crate) struct MailingMutations;

/// What to send, and to whom.
#[derive(InputObject)]
pub(crate) struct SendMessageInput {
    /// The recipients: at most 100, by id or address.
    selection: ContactSelection,
    /// How it is delivered.
    channel: Channel,
    /// The template, as it says now; without one, `format` and `body` are needed, and for an email `subject`.
    template_id: Option<ID>,
    /// How it is written.
    format: Option<TemplateFormat>,
    /// The subject of an email.
    subject: Option<String>,
    /// The body.
    body: Option<String>,
    /// An email's own text part; without one, it is made from the body.
    text: Option<String>,
    /// Only reports what would happen: nothing is sent.
    dry_run: Option<bool>,
}

/// How many recipients are skipped for a reason.
#[derive(SimpleObject)]
pub(crate) struct SkippedCount {
    /// The reason.
    reason: SkipReason,
    /// How many.
    count: i32,
}

/// The outcome of sending, for each recipient.
#[derive(SimpleObject)]
pub(crate) struct SendMessagePayload {
    /// How many are sent, or would be with `dryRun`.
    count: i32,
    /// The messages that were queued, in the order of the input. Empty with `dryRun`.
    messages: Vec<Message>,
    /// The recipients who don't get one, and why.
    skipped: Vec<SkippedRecipient>,
    /// How many recipients are skipped, by reason.
    skipped_counts: Vec<SkippedCount>,
    /// What the author should know although it was sent.
    problems: Vec<TemplateProblem>,
}

#[Object]
impl MailingMutations {
    /// Sends an email or a text message to contacts, with the values of each. The login URL is a link of its own for each message, created
    /// when the message is sent. Needs the scope `INVITE`.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send, and to whom.")] input: SendMessageInput,
    ) -> Option<GraphqlResult<SendMessagePayload>> {
        mutate(send_message(ctx, input)).await
    }
}

async fn send_message(ctx: &Context<'_>, input: SendMessageInput) -> Result<SendMessagePayload> {
    let staff = ctx.staff(Scope::Invite)?;
    ctx.require_read_if_selected(&["messages", "address"])?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (new, checked) = content(&mut conn, staff.account, &input).await?;
    if new.uses_login_url {
        Account::find(&mut conn, staff.account).await?.check_links()?;
    }
    let recipients = Recipients::selected(ctx, "input.selection", input.selection).await?;
    if recipients.needs_job() {
        return Err(Error::bad_input(
            "input.selection",
            "Name at most 100 recipients.",
        ));
    }
    let requested = recipients.requested();
    let daily_messages = services.settings.daily_messages;
    let dry_run = input.dry_run == Some(true);
    let (messages, resolved) = if dry_run {
        let mut resolved =
            ResolvedRecipients::preview(&mut conn, staff.account, &requested, false, &moment).await?;
        skip_ineligible(&mut conn, (staff.account, new.channel), &mut resolved, moment.now).await?;
        let count = i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX);
        budget::check(&mut conn, staff.account, count, daily_messages, moment.now).await?;
        (Vec::new(), resolved)
    } else {
        conn.transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let mut resolved =
                ResolvedRecipients::resolve(conn, staff.account, &requested, false, &moment).await?;
            let mailing = Mailing::create(conn, staff.account, &new, (requester.actor, &moment)).await?;
            let request = MailingRequest {
                mailing: &mailing,
                requester: &requester,
                daily_messages,
            };
            let sent = send(conn, request, &mut resolved, &moment).await?;
            Ok((sent.map_err(|spent| spent.refusal(moment.now))?, resolved))
        })
        .await?
    };
    if !dry_run {
        (services.live).nudge(staff.account, &[Topic::Activity, Topic::Messages]);
    }
    Ok(SendMessagePayload {
        count: i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX),
        messages: messages.into_iter().map(Into::into).collect(),
        skipped_counts: counts(&resolved.skipped),
        skipped: SkippedRecipient::all(ctx, resolved.skipped, &requested),
        problems: TemplateProblem::list(checked.problems),
    })
}

fn counts(skipped: &[Skipped]) -> Vec<SkippedCount> {
    let mut counts: HashMap<&str, SkippedCount> = HashMap::new();
    for one in skipped {
        let entry = counts.entry(one.reason.as_str()).or_insert(SkippedCount {
            reason: one.reason,
            count: 0,
        });
        entry.count += 1;
    }
    let mut counts: Vec<SkippedCount> = counts.into_values().collect();
    counts.sort_by_key(|one| one.reason.as_str());
    counts
}

/// The content of the input, or of the template that it names; checked.
async fn content(
    conn: &mut Conn,
    account: AccountId,
    input: &SendMessageInput,
) -> Result<(NewMailing, CheckedContent)> {
    let (content, template) = match &input.template_id {
        Some(id) => template(conn, account, id, input).await?,
        None => (written(input)?, None),
    };
    let usage = Usage {
        channel: input.channel,
        triggers: &[],
    };
    let content = content.with_own_names();
    let checked = content.check(usage).await?.refuse_errors()?;
    let new = NewMailing {
        channel: input.channel,
        uses_login_url: checked.uses(LOGIN_URL),
        content,
        template,
    };
    Ok((new, checked))
}

fn written(input: &SendMessageInput) -> Result<TemplateContent> {
    let format = input
        .format
        .ok_or_else(|| Error::bad_input("input.format", "Pass it, or templateId."))?;
    let body = input.body.as_deref().unwrap_or_default();
    parse(
        input.channel,
        format,
        (input.subject.as_deref(), body, input.text.as_deref()),
    )
}

async fn template(
    conn: &mut Conn,
    account: AccountId,
    id: &ID,
    input: &SendMessageInput,
) -> Result<(TemplateContent, Option<(TemplateId, i32)>)> {
    const FIELD: &str = "input.templateId";
    if input.format.is_some() || input.subject.is_some() || input.body.is_some() || input.text.is_some() {
        return Err(Error::bad_input(FIELD, "Pass a template or a content, not both."));
    }
    let missing = || Error::not_found(FIELD, "template");
    let id: TemplateId = id.parse().map_err(|_| missing())?;
    let found = Template::find_many(conn, account, &[id])
        .await?
        .pop()
        .ok_or_else(missing)?;
    if found.row.status != TemplateStatus::Active {
        return Err(Error::bad_input(FIELD, "This template was archived."));
    }
    if found.row.channel != input.channel {
        return Err(Error::bad_input(FIELD, "This template is for another channel."));
    }
    Ok((found.content, Some((id, found.row.version))))
}
