//! A request to send, as it was understood: shown, done at once, or given to a bulk job.

use std::collections::HashMap;

use async_graphql::Context;
use diesel_async::AsyncConnection;

use super::input::SendMessageInput;
use super::schedule::Schedule;
use super::{SendMessagePayload, SkippedCount};
use crate::accounts::model::{Account, budget};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::actor::Staff;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MailingId};
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, NewJob, Plan};
use crate::contacts::graphql::input::ContactSelection;
use crate::contacts::model::list::Filter;
use crate::invitations::graphql::recipients::{Recipients, SkippedRecipient};
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::{SkipReason, Skipped};
use crate::live::Topic;
use crate::mailings::model::audience::Audience;
use crate::mailings::model::counts::AudienceCounts;
use crate::mailings::model::send::{MailingRequest, send, skip_ineligible};
use crate::mailings::model::{Mailing, NewMailing};
use crate::messages::model::Message;
use crate::templates::content::PartProblem;
use crate::templates::graphql::problem::TemplateProblem;

pub(super) struct SendRequest {
    account: AccountId,
    moment: Moment,
    new: NewMailing,
    problems: Vec<PartProblem>,
    recipients: Recipients,
    /// None: the request names the recipients.
    audience: Option<Audience>,
    schedule: Schedule,
}

impl SendRequest {
    pub(super) async fn parse(
        ctx: &Context<'_>,
        account: AccountId,
        input: SendMessageInput,
    ) -> Result<Self> {
        let services = ctx.services();
        let moment = services.clock.moment();
        let schedule = Schedule::parse(&input, moment.now)?;
        let mut conn = services.db.conn().await?;
        let (new, checked) = input.content(&mut conn, account).await?;
        if new.uses_login_url {
            Account::find(&mut conn, account).await?.check_links()?;
        }
        drop(conn);
        let audience = audience(&input.selection)?;
        Ok(Self {
            account,
            moment,
            new,
            problems: checked.problems,
            recipients: Recipients::selected(ctx, "input.selection", input.selection).await?,
            audience,
            schedule,
        })
    }

    pub(super) fn needs_job(&self) -> bool {
        self.recipients.needs_job() || self.schedule.needs_job()
    }

    /// What would happen.
    pub(super) async fn preview(self, ctx: &Context<'_>) -> Result<SendMessagePayload> {
        let mut conn = ctx.services().db.conn().await?;
        if let Recipients::Matching(filter) = &self.recipients {
            let counts = self.counts(&mut conn, filter).await?;
            return Ok(self.payload(ctx, counts));
        }
        let (requested, moment) = (self.recipients.requested(), &self.moment);
        let mut resolved =
            ResolvedRecipients::preview(&mut conn, self.account, &requested, false, moment).await?;
        let audience = (self.account, self.new.channel, self.new.marketing);
        skip_ineligible(&mut conn, audience, &mut resolved, moment.now).await?;
        let outcome = Outcome::of(resolved);
        // A job waits for the budget instead.
        if !self.needs_job() {
            let daily = ctx.services().settings.daily_messages;
            budget::check(&mut conn, self.account, outcome.count, daily, moment.now).await?;
        }
        Ok(self.payload(ctx, outcome))
    }

    async fn counts(&self, conn: &mut Conn, filter: &Filter) -> Result<Outcome> {
        let now = self.moment.now;
        let kind = (self.new.channel, self.new.marketing);
        let counts = AudienceCounts::read(conn, self.account, filter, kind, now).await?;
        Ok(Outcome {
            count: i32::try_from(counts.ready).unwrap_or(i32::MAX),
            skipped_counts: counts.skipped,
            ..Outcome::default()
        })
    }

    /// Queues the messages.
    pub(super) async fn send(self, ctx: &Context<'_>) -> Result<SendMessagePayload> {
        let (services, requester, moment) = (ctx.services(), ctx.requester(), &self.moment);
        let requested = self.recipients.requested();
        let mut conn = services.db.conn().await?;
        let (messages, resolved) = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, moment).await?;
                let mut resolved =
                    ResolvedRecipients::resolve(conn, self.account, &requested, false, moment).await?;
                let author = (requester.actor, moment);
                let mailing = Mailing::create(conn, self.account, &self.new, author).await?;
                let request = MailingRequest {
                    mailing: &mailing,
                    requester: &requester,
                    bulk_job: None,
                    daily_messages: services.settings.daily_messages,
                };
                let sent = send(conn, request, &mut resolved, moment).await?;
                Ok((sent.map_err(|spent| spent.refusal(moment.now))?, resolved))
            })
            .await?;
        services
            .live
            .nudge(self.account, &[Topic::Activity, Topic::Messages]);
        let outcome = Outcome {
            messages,
            ..Outcome::of(resolved)
        };
        Ok(self.payload(ctx, outcome))
    }

    /// Creates the bulk job.
    pub(super) async fn start_job(self, ctx: &Context<'_>, staff: &Staff) -> Result<SendMessagePayload> {
        let (services, requester, moment) = (ctx.services(), ctx.requester(), &self.moment);
        let mut conn = services.db.conn().await?;
        let job = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, moment).await?;
                let author = (requester.actor, moment);
                let mailing = Mailing::create(conn, self.account, &self.new, author).await?;
                let new = NewJob {
                    kind: BulkJobKind::Message,
                    plan: &self.plan(mailing.id),
                    total: self.recipients.total(conn, staff).await?,
                    items: self.recipients.payloads(),
                };
                BulkJob::create(conn, self.account, new, &requester, moment).await
            })
            .await?;
        services
            .live
            .nudge(self.account, &[Topic::Jobs, Topic::Job(job.id)]);
        let outcome = Outcome {
            count: job.total_count,
            job: Some(job),
            ..Outcome::default()
        };
        Ok(self.payload(ctx, outcome))
    }

    fn plan(&self, mailing: MailingId) -> Plan {
        Plan {
            mailing: Some(mailing.to_string()),
            audience: self.audience.clone(),
            starts_at: self.schedule.send_at,
            per_minute: self.schedule.per_minute,
            ..Plan::default()
        }
    }

    fn payload(self, ctx: &Context<'_>, outcome: Outcome) -> SendMessagePayload {
        let requested = self.recipients.requested();
        let mut skipped_counts: Vec<SkippedCount> = outcome
            .skipped_counts
            .into_iter()
            .map(|(reason, count)| SkippedCount {
                reason,
                count: i32::try_from(count).unwrap_or(i32::MAX),
            })
            .collect();
        skipped_counts.sort_by_key(|one| one.reason.as_str());
        SendMessagePayload {
            count: outcome.count,
            messages: outcome.messages.into_iter().map(Into::into).collect(),
            skipped: SkippedRecipient::all(ctx, outcome.skipped, &requested),
            skipped_counts,
            bulk_job: outcome.job.map(Into::into),
            problems: TemplateProblem::list(self.problems),
        }
    }
}

/// What was done, or would be.
#[derive(Default)]
struct Outcome {
    count: i32,
    messages: Vec<Message>,
    skipped: Vec<Skipped>,
    skipped_counts: Vec<(SkipReason, i64)>,
    job: Option<BulkJob>,
}

impl Outcome {
    fn of(resolved: ResolvedRecipients) -> Self {
        let mut counts: HashMap<&str, (SkipReason, i64)> = HashMap::new();
        for one in &resolved.skipped {
            let entry = counts.entry(one.reason.as_str()).or_insert((one.reason, 0));
            entry.1 += 1;
        }
        Self {
            count: i32::try_from(resolved.contacts.len()).unwrap_or(i32::MAX),
            skipped: resolved.skipped,
            skipped_counts: counts.into_values().collect(),
            ..Self::default()
        }
    }
}

/// What finds the recipients when a job begins. `selected` checks that it names them in one way only.
fn audience(selection: &ContactSelection) -> Result<Option<Audience>> {
    if let Some(id) = &selection.smart_list_id {
        return Ok(Some(Audience::SmartList(id.to_string())));
    }
    let Some(filter) = &selection.filter else {
        return Ok(None);
    };
    let conditions = filter
        .conditions()
        .map_err(|error| error.at("input.selection.filter"))?;
    Ok(Some(Audience::Matching(conditions.into_json())))
}
