//! Changes many invitations: at once, by a bulk job, or as a dry run.

use async_graphql::{Context, ID};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::budget;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::actor::{Requester, Scope};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::bulk_jobs::model::item::payload;
use crate::bulk_jobs::model::{BulkJobKind, NewJob, Plan};
use crate::invitations::graphql::Invitation;
use crate::invitations::graphql::filter::InvitationFilter;
use crate::invitations::graphql::many::SkippedInvitation;
use crate::invitations::graphql::recipients::{MAX_DIRECT_RECIPIENTS, MAX_RECIPIENTS};
use crate::invitations::model as invitation;
use crate::invitations::model::recipients::Indexed;
use crate::invitations::model::selected::SelectedInvitations;
use crate::invitations::model::skipped::Skipped;
use crate::live::Topic;
use crate::services::Services;

/// What to do with the invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvitationChange {
    Resend,
    Cancel,
}

/// What was done, or would be.
#[derive(Default)]
pub(super) struct Changed {
    pub count: i32,
    pub invitations: Vec<Invitation>,
    pub skipped: Vec<SkippedInvitation>,
    pub bulk_job: Option<BulkJob>,
}

/// Invitations by id, or all that match a filter.
enum Selection {
    Named(Vec<String>),
    Matching(Box<invitation::InvitationFilter>),
}

/// A parsed request.
struct Request<'a> {
    services: &'a Services,
    account: AccountId,
    requester: Requester,
    moment: Moment,
    change: InvitationChange,
    selection: Selection,
}

/// What a transaction did.
enum Done {
    Now {
        changed: Vec<invitation::Invitation>,
        skipped: Vec<Skipped>,
        requested: Vec<Indexed<String>>,
    },
    Queued(bulk_job::BulkJob),
}

impl Selection {
    /// A filter by more than the status reveals what it matches, so it needs `READ`.
    fn parse(ctx: &Context<'_>, ids: Option<Vec<ID>>, filter: Option<InvitationFilter>) -> Result<Self> {
        if filter.as_ref().is_some_and(InvitationFilter::needs_read) {
            ctx.staff(Scope::Read).map_err(|error| error.at("input.filter"))?;
        }
        let ids: Vec<String> = ids.unwrap_or_default().into_iter().map(|id| id.0).collect();
        match filter {
            Some(_) if !ids.is_empty() => Err(Error::bad_input(
                "input.filter",
                "Pass a filter or ids, not both.",
            )),
            Some(filter) => Ok(Self::Matching(Box::new(filter.parse("input.filter")?))),
            None if ids.is_empty() => Err(Error::bad_input(
                "input",
                "Name at least one invitation: invitationIds or filter.",
            )),
            None if ids.len() > MAX_RECIPIENTS => {
                let message = format!("Name at most {MAX_RECIPIENTS} invitations at once, or use a filter.");
                Err(Error::bad_input("input.invitationIds", message))
            }
            None => Ok(Self::Named(ids)),
        }
    }
}

impl InvitationChange {
    pub(super) async fn of_many(
        self,
        ctx: &Context<'_>,
        ids: Option<Vec<ID>>,
        filter: Option<InvitationFilter>,
        dry_run: Option<bool>,
    ) -> Result<Changed> {
        let staff = ctx.staff(Scope::Invite)?;
        let services = ctx.services();
        let request = Request {
            services,
            account: staff.account,
            requester: ctx.requester(),
            moment: services.clock.moment(),
            change: self,
            selection: Selection::parse(ctx, ids, filter)?,
        };
        if dry_run == Some(true) {
            return request.preview(ctx).await;
        }
        let mut conn = services.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, &request.moment).await?;
                request.run(conn).await
            })
            .await?;
        Ok(request.changed(ctx, done))
    }

    fn job_kind(self) -> BulkJobKind {
        match self {
            Self::Resend => BulkJobKind::ResendInvitations,
            Self::Cancel => BulkJobKind::CancelInvitations,
        }
    }
}

impl Request<'_> {
    async fn run(&self, conn: &mut Conn) -> Result<Done> {
        let requested = self.next(conn, None, MAX_DIRECT_RECIPIENTS + 1).await?;
        if requested.len() > MAX_DIRECT_RECIPIENTS {
            self.queue(conn).await.map(Done::Queued)
        } else {
            self.apply(conn, requested).await
        }
    }

    /// The next invitations after `after`, at most `limit`; all that are named.
    async fn next(&self, conn: &mut Conn, after: Option<&str>, limit: usize) -> Result<Vec<Indexed<String>>> {
        let ids = match &self.selection {
            Selection::Named(_) if after.is_some() => Vec::new(),
            Selection::Named(ids) => ids.clone(),
            Selection::Matching(filter) => {
                let after = after.and_then(|id| id.parse().ok());
                let now = self.moment.now;
                let ids = invitation::Invitation::list_ids(conn, self.account, filter, after, limit, now);
                ids.await?.iter().map(ToString::to_string).collect()
            }
        };
        Ok(ids.into_iter().enumerate().collect())
    }

    async fn apply(&self, conn: &mut Conn, requested: Vec<Indexed<String>>) -> Result<Done> {
        let (moment, requester) = (&self.moment, &self.requester);
        let mut selected = SelectedInvitations::lock(conn, self.account, &requested).await?;
        if let Selection::Matching(filter) = &self.selection {
            selected
                .keep_matches(conn, self.account, filter, moment.now)
                .await?;
        }
        let changed = match self.change {
            InvitationChange::Resend => {
                let account = Account::find(conn, self.account).await?;
                selected.skip_unreachable(conn, account.id, moment.now).await?;
                let request = self.services.send_request(&account, requester);
                let invited = selected.invited();
                let resent = invitation::Invitation::resend(conn, &request, &invited, moment).await?;
                resent.map_err(|spent| spent.refusal(moment.now))?
            }
            InvitationChange::Cancel => {
                let chosen = selected.invitations();
                invitation::Invitation::cancel(conn, self.account, &chosen, requester, moment).await?
            }
        };
        Ok(Done::Now {
            changed,
            skipped: selected.skipped,
            requested,
        })
    }

    /// Creates the bulk job, with an item for each named invitation.
    async fn queue(&self, conn: &mut Conn) -> Result<bulk_job::BulkJob> {
        let account = self.account;
        let mut plan = Plan {
            section: PortalSection::Home.as_str().to_owned(),
            ..Plan::default()
        };
        let (items, total) = match &self.selection {
            Selection::Named(ids) => {
                let items = ids.iter().map(|id| payload("invitation", id)).collect();
                (items, ids.len())
            }
            Selection::Matching(filter) => {
                plan.invitations = Some((**filter).clone());
                let count = invitation::Invitation::count(conn, account, filter, self.moment.now).await?;
                (Vec::new(), usize::try_from(count).unwrap_or_default())
            }
        };
        let new = NewJob {
            kind: self.change.job_kind(),
            plan: &plan,
            total,
            items,
        };
        bulk_job::BulkJob::create(conn, account, new, &self.requester, &self.moment).await
    }

    /// Nudges what has changed, and shows it.
    fn changed(&self, ctx: &Context<'_>, done: Done) -> Changed {
        let live = &self.services.live;
        match done {
            Done::Queued(job) => {
                live.nudge(self.account, &[Topic::Jobs, Topic::Job(job.id)]);
                Changed {
                    count: job.total_count,
                    bulk_job: Some(job.into()),
                    ..Changed::default()
                }
            }
            Done::Now {
                changed,
                skipped,
                requested,
            } => {
                live.nudge(self.account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
                Changed {
                    count: i32::try_from(changed.len()).unwrap_or(i32::MAX),
                    invitations: changed.into_iter().map(Into::into).collect(),
                    skipped: SkippedInvitation::all(ctx, skipped, &requested),
                    bulk_job: None,
                }
            }
        }
    }

    /// What the request would do. Nothing is written.
    async fn preview(&self, ctx: &Context<'_>) -> Result<Changed> {
        let (mut conn, now) = (self.services.db.conn().await?, self.moment.now);
        let mut changed = Changed::default();
        let mut total = 0;
        let mut after: Option<String> = None;
        loop {
            let requested = self.next(&mut conn, after.as_deref(), 1_000).await?;
            let Some((_, last)) = requested.last() else { break };
            total += requested.len();
            let mut selected = SelectedInvitations::preview(&mut conn, self.account, &requested).await?;
            if self.change == InvitationChange::Resend {
                selected.skip_unreachable(&mut conn, self.account, now).await?;
            }
            changed.count += i32::try_from(selected.found.len()).unwrap_or(i32::MAX);
            if let Selection::Matching(_) = self.selection {
                let room = MAX_DIRECT_RECIPIENTS.saturating_sub(changed.skipped.len());
                selected.skipped.truncate(room);
            }
            let skipped = SkippedInvitation::all(ctx, selected.skipped, &requested);
            changed.skipped.extend(skipped);
            after = Some(last.clone());
        }
        // A job waits for the budget instead.
        if self.change == InvitationChange::Resend && total <= MAX_DIRECT_RECIPIENTS {
            let daily = self.services.settings.daily_messages;
            budget::check(&mut conn, self.account, changed.count, daily, now).await?;
        }
        Ok(changed)
    }
}
