//! Sending what staff wrote to one or many contacts.

pub(crate) mod input;
mod request;
mod schedule;
mod subscription;

use async_graphql::{Context, Object, Result as GraphqlResult, SimpleObject};

use crate::api::context::ContextExt;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::bulk_jobs::graphql::BulkJob;
use crate::invitations::graphql::recipients::SkippedRecipient;
use crate::invitations::model::skipped::SkipReason;
use crate::mailings::graphql::input::SendMessageInput;
use crate::mailings::graphql::request::SendRequest;
use crate::mailings::graphql::subscription::{
    UpdateSubscriptionInput, UpdateSubscriptionPayload, update_subscription,
};
use crate::messages::graphql::Message;
use crate::templates::graphql::problem::TemplateProblem;

#[derive(Default)]
pub(crate) struct MailingMutations;

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
    /// How many are sent, or would be with `dryRun`. With a bulk job: how many recipients it has now.
    count: i32,
    /// The messages that were queued, in the order of the input. Empty with `dryRun` and with a bulk job.
    messages: Vec<Message>,
    /// The named recipients who don't get one, and why. With a bulk job: see its items.
    skipped: Vec<SkippedRecipient>,
    /// How many recipients are skipped, by reason. Also with `dryRun` for a filter or a smart list, where phone numbers are judged by
    /// their form alone.
    skipped_counts: Vec<SkippedCount>,
    /// The job that sends them: for a filter, a smart list, more than 100 recipients, and with `sendAt` or `perMinute`.
    bulk_job: Option<BulkJob>,
    /// What the author should know although it was sent.
    problems: Vec<TemplateProblem>,
}

#[Object]
impl MailingMutations {
    /// Sends an email or a text message to contacts, with the values of each. The login URL is a link of its own for each message, created
    /// when the message is sent. Up to 100 named recipients get it at once; otherwise a bulk job sends it. Needs the scope `INVITE`.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send, to whom, and when.")] input: SendMessageInput,
    ) -> Option<GraphqlResult<SendMessagePayload>> {
        mutate(send_message(ctx, input)).await
    }

    /// Subscribes a contact to marketing emails, or unsubscribes them: as they asked for, not by email. A repeat has no further effect.
    /// Needs the scope `CONTACTS`.
    async fn update_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: UpdateSubscriptionInput,
    ) -> Option<GraphqlResult<UpdateSubscriptionPayload>> {
        mutate(update_subscription(ctx, input)).await
    }
}

async fn send_message(ctx: &Context<'_>, input: SendMessageInput) -> Result<SendMessagePayload> {
    let staff = ctx.staff(Scope::Invite)?;
    ctx.require_read_if_selected(&["messages", "address"])?;
    let dry_run = input.dry_run == Some(true);
    let request = SendRequest::parse(ctx, staff.account, input).await?;
    match (dry_run, request.needs_job()) {
        (true, _) => request.preview(ctx).await,
        (false, true) => request.start_job(ctx, &staff).await,
        (false, false) => request.send(ctx).await,
    }
}
