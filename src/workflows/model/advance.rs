//! Takes runs that are due through their step: those of one version at one step together, in one transaction.
//!
//! The transaction is the lease: other workers skip the rows that it locks, and a crash undoes the step with everything that it did.
//! Runs are locked before their contacts, and whoever deletes a contact does it the other way round: so a contact that is locked is
//! left for later, never waited for.

mod act;
mod rows;
mod wait;

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::definition::{Action, Step};
use super::run::{WorkflowRun, WorkflowStepOutcome};
use super::version::WorkflowVersion;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MessageId, WorkflowId, WorkflowRunId};
use crate::contacts::model::Contact;
use crate::templates::trigger::WorkflowTrigger;

pub(crate) use self::wait::next_local_time;

/// Runs of one transaction.
const MAX_RUNS: i64 = 200;

/// Runs of a version that are due at the same step, and that no other worker has. They are not empty.
pub(crate) struct DueRuns {
    pub account: AccountId,
    pub workflow: WorkflowId,
    version: i32,
    step_key: String,
    /// Each of another contact. Both rows are locked.
    runs: Vec<(WorkflowRun, Contact)>,
}

/// A step, and the runs that it is for.
struct StepOfRuns {
    account: AccountId,
    workflow: WorkflowId,
    version: WorkflowVersion,
    step: Step,
    runs: Vec<(WorkflowRun, Contact)>,
}

/// What a step made of a run.
struct StepResult {
    /// Its index among the runs.
    index: usize,
    outcome: Option<WorkflowStepOutcome>,
    reason: Option<String>,
    message: Option<MessageId>,
    then: Then,
}

/// What follows.
enum Then {
    /// None: the run is complete.
    Next(Option<String>),
    Wait {
        until: DateTime<Utc>,
        event: Option<WorkflowTrigger>,
    },
    /// The step has not begun.
    Later { at: DateTime<Utc>, reason: &'static str },
}

/// What was found to do.
pub(crate) enum Claim {
    Nothing,
    /// All contacts of the runs of this account that are due next are locked by others.
    Busy(AccountId),
    Runs(DueRuns),
}

impl DueRuns {
    /// The runs that have been due for longest, but none of these accounts.
    pub(crate) async fn claim(conn: &mut Conn, served: &[AccountId], now: DateTime<Utc>) -> Result<Claim> {
        let Some(first) = rows::first_due(conn, served, now).await? else {
            return Ok(Claim::Nothing);
        };
        let due = rows::due_at_same_step(conn, &first, MAX_RUNS, now).await?;
        Self::take(conn, due).await
    }

    /// This run, if it is due.
    pub(crate) async fn claim_one(
        conn: &mut Conn,
        id: (AccountId, WorkflowRunId),
        now: DateTime<Utc>,
    ) -> Result<Claim> {
        let due = rows::find_due(conn, id, now).await?;
        Self::take(conn, due.into_iter().collect()).await
    }

    /// Locks the contacts of runs that are locked.
    async fn take(conn: &mut Conn, mut due: Vec<WorkflowRun>) -> Result<Claim> {
        let Some(first) = due.first().cloned() else {
            return Ok(Claim::Nothing);
        };
        let mut seen = HashSet::new();
        due.retain(|run| seen.insert(run.contact_id));
        let ids: Vec<_> = due.iter().map(|run| run.contact_id).collect();
        let contacts = Contact::lock_available(conn, first.account_id, &ids).await?;
        let with_contact = due.into_iter().filter_map(|run| {
            let contact = contacts.iter().find(|contact| contact.id == run.contact_id)?;
            Some((run, contact.clone()))
        });
        let runs: Vec<(WorkflowRun, Contact)> = with_contact.collect();
        if runs.is_empty() {
            return Ok(Claim::Busy(first.account_id));
        }
        Ok(Claim::Runs(Self {
            account: first.account_id,
            workflow: first.workflow_id,
            version: first.version,
            step_key: first.step_key,
            runs,
        }))
    }

    pub(crate) fn ids(&self) -> Vec<WorkflowRunId> {
        self.runs.iter().map(|(run, _)| run.id).collect()
    }

    /// Runs the step.
    pub(crate) async fn advance(self, conn: &mut Conn, daily_messages: i64, moment: &Moment) -> Result<()> {
        let key = (self.workflow, self.version);
        let version = WorkflowVersion::find(conn, self.account, key).await?;
        let version = version.ok_or_else(|| Error::internal("a run without a version"))?;
        let step = version.definition()?.step(&self.step_key).cloned();
        let step = StepOfRuns {
            account: self.account,
            workflow: self.workflow,
            step: step.ok_or_else(|| Error::internal("a run at a step that its version doesn't have"))?,
            version,
            runs: self.runs,
        };
        step.advance(conn, daily_messages, moment).await
    }
}

impl StepOfRuns {
    async fn advance(&self, conn: &mut Conn, daily_messages: i64, moment: &Moment) -> Result<()> {
        let results = match &self.step.action {
            Action::Wait(wait) => self.wait(conn, wait, moment.now).await?,
            Action::SendEmail(_) | Action::SendMarketingEmail(_) | Action::SendSms(_) => {
                self.send(conn, daily_messages, moment).await?
            }
            Action::Branch { conditions, .. } => self.branch(conn, conditions, moment.now).await?,
            Action::AddTags(tags) => self.change_tags(conn, (tags, &[]), moment).await?,
            Action::RemoveTags(tags) => self.change_tags(conn, (&[], tags), moment).await?,
            Action::GrantOffer(_) | Action::AssignCourse(_) | Action::AddToCommunity(_) => {
                self.change_access(conn, true, moment).await?
            }
            Action::RevokeOffer(_) => self.change_access(conn, false, moment).await?,
            Action::Stop => self.all(WorkflowStepOutcome::Done, None),
        };
        self.save(conn, &results, moment.now).await
    }

    /// The same for all runs.
    fn all(&self, outcome: WorkflowStepOutcome, next: Option<&String>) -> Vec<StepResult> {
        let one = |index| StepResult::done(index, outcome, next);
        (0..self.runs.len()).map(one).collect()
    }
}

impl StepResult {
    fn done(index: usize, outcome: WorkflowStepOutcome, next: Option<&String>) -> Self {
        Self {
            index,
            outcome: Some(outcome),
            reason: None,
            message: None,
            then: Then::Next(next.cloned()),
        }
    }
}
