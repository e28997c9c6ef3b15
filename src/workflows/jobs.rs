//! The worker's loops: one makes runs of events, one takes runs from step to step, and one checks the triggers that depend on time.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncConnection;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::base::db::deadline;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, WorkflowId, WorkflowRunId};
use crate::base::trace;
use crate::live::Topic;
use crate::worker::Worker;
use crate::worker::backoff::{Backoff, catch_panic};
use crate::workflows::model::advance::{Claim, DueRuns};
use crate::workflows::model::enter::enter_next;
use crate::workflows::model::run::WorkflowRun;
use crate::workflows::model::timed;

/// After contacts were locked by others.
const BUSY_WAIT: Duration = Duration::from_millis(50);
/// Between two looks at what is queued: many requests share one.
const BATCH_INTERVAL: Duration = Duration::from_millis(25);

/// The most accounts that wait for another turn; the order begins anew then.
const MAX_SERVED: usize = 1_000;

/// What an attempt found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Busy(AccountId),
    Work,
}

/// What to take on.
#[derive(Clone, Copy)]
enum Next<'a> {
    /// The runs that have been due for longest, but none of these accounts.
    But(&'a [AccountId]),
    Run(AccountId, WorkflowRunId),
}

/// The accounts that had their turn: all others with something to do come before them. So none waits for the many runs of another.
#[derive(Default)]
struct Served(Vec<AccountId>);

impl Served {
    fn add(&mut self, account: AccountId) {
        if self.0.len() == MAX_SERVED {
            self.0.clear();
        }
        self.0.push(account);
    }

    /// Begins a new round; false if none was served.
    fn clear(&mut self) -> bool {
        !std::mem::take(&mut self.0).is_empty()
    }
}

/// What a loop does.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Makes runs of events.
    Enter,
    /// Takes runs through their steps.
    Advance,
}

/// Takes turns until `stop`; without anything to do, it waits.
pub(crate) async fn run(worker: Arc<Worker>, work: Work, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    let mut served = Served::default();
    let mut due = worker.parts.live.workflows_due();
    while !stop.is_cancelled() {
        let turn = Box::pin(catch_panic(worker.take_turn(work, &mut served)));
        match turn.await {
            Ok(Found::Work) => backoff.reset(),
            Ok(Found::Busy(_)) => tokio::time::sleep(BUSY_WAIT).await,
            Ok(Found::Nothing) => {
                worker.idle(due.changed(), &stop).await;
                tokio::time::sleep(BATCH_INTERVAL).await;
            }
            Err(error) => backoff.after(&error, &stop).await,
        }
    }
}

pub(crate) async fn run_timers(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    while !stop.is_cancelled() {
        let turn = Box::pin(catch_panic(deadline::within(
            deadline::BACKGROUND,
            worker.check_timer(),
        )));
        match turn.await {
            Ok(true) => backoff.reset(),
            Ok(false) => worker.idle(std::future::pending::<()>(), &stop).await,
            Err(error) => backoff.after(&error, &stop).await,
        }
    }
}

/// A batch of runs that was taken on.
struct Batch {
    account: AccountId,
    workflow: WorkflowId,
    runs: Vec<WorkflowRunId>,
}

impl Worker {
    async fn check_timer(&self) -> Result<bool> {
        let now = self.parts.clock.now();
        let mut conn = self.parts.db.conn().await?;
        let checked = conn.transaction(async |conn| timed::check_next(conn, now).await);
        checked.await
    }

    async fn take_turn(&self, work: Work, served: &mut Served) -> Result<Found> {
        match work {
            Work::Enter => self.enter_next(served).await,
            Work::Advance => self.advance_next(served).await,
        }
    }

    /// Makes runs of the next events.
    async fn enter_next(&self, served: &mut Served) -> Result<Found> {
        let moment = self.parts.clock.moment();
        let work = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| enter_next(conn, &served.0, &moment).await)
                .await
        };
        let Some(entered) = deadline::within(deadline::BACKGROUND, work).await? else {
            return Ok(if served.clear() {
                Found::Work
            } else {
                Found::Nothing
            });
        };
        served.add(entered.account);
        let Some(workflows) = entered.workflows else {
            return Ok(Found::Busy(entered.account));
        };
        for workflow in workflows {
            self.parts
                .live
                .nudge(entered.account, &[Topic::Workflow(workflow)]);
        }
        Ok(Found::Work)
    }

    /// Takes the next runs through their step.
    async fn advance_next(&self, served: &mut Served) -> Result<Found> {
        let (result, batch) = self.try_advance(Next::But(&served.0)).await;
        let Some(batch) = batch else {
            let found = result?;
            if let Found::Busy(account) = found {
                served.add(account);
            }
            return Ok(match found {
                Found::Nothing if served.clear() => Found::Work,
                found => found,
            });
        };
        served.add(batch.account);
        match result {
            Err(error) if error.code == Code::Unavailable => return Err(error),
            Err(error) if batch.runs.len() == 1 || !may_pass(&error) => {
                self.record_failure(&batch, &error).await?
            }
            // Which of the runs failed is found out one by one.
            Err(_) => self.advance_each(&batch).await?,
            Ok(_) => {}
        }
        let topics = [
            Topic::Counts,
            Topic::Activity,
            Topic::Messages,
            Topic::Workflow(batch.workflow),
        ];
        self.parts.live.nudge(batch.account, &topics);
        Ok(Found::Work)
    }

    async fn advance_each(&self, batch: &Batch) -> Result<()> {
        for id in &batch.runs {
            match self.try_advance(Next::Run(batch.account, *id)).await {
                (Ok(_), _) => {}
                (Err(error), Some(one)) if error.code != Code::Unavailable => {
                    self.record_failure(&one, &error).await?;
                }
                (Err(error), _) => return Err(error),
            }
        }
        Ok(())
    }

    /// One transaction. Returns also which runs it took on, whether it succeeded or not.
    async fn try_advance(&self, next: Next<'_>) -> (Result<Found>, Option<Batch>) {
        let moment = self.parts.clock.moment();
        let mut batch = None;
        let daily_messages = self.parts.daily_messages;
        let work = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| -> Result<Found> {
                let claim = match next {
                    Next::But(served) => DueRuns::claim(conn, served, moment.now).await?,
                    Next::Run(account, id) => DueRuns::claim_one(conn, (account, id), moment.now).await?,
                };
                let due = match claim {
                    Claim::Nothing => return Ok(Found::Nothing),
                    Claim::Busy(account) => return Ok(Found::Busy(account)),
                    Claim::Runs(due) => due,
                };
                let runs = due.ids();
                let span = trace::turn_span("workflow batch", None, Some(runs.len()));
                batch = Some(Batch {
                    account: due.account,
                    workflow: due.workflow,
                    runs,
                });
                due.advance(conn, daily_messages, &moment)
                    .instrument(span)
                    .await?;
                Ok(Found::Work)
            })
            .await
        };
        let result = deadline::within(deadline::BACKGROUND, work).await;
        (result, batch)
    }

    async fn record_failure(&self, batch: &Batch, error: &Error) -> Result<()> {
        let now = self.parts.clock.now();
        let reason = error.report().message;
        let mut conn = self.parts.db.conn().await?;
        conn.transaction(async |conn| {
            if !may_pass(error) {
                return WorkflowRun::fail(conn, batch.account, &batch.runs, &reason, now).await;
            }
            for id in &batch.runs {
                WorkflowRun::retry(conn, (batch.account, *id), &reason, now).await?;
            }
            Ok(())
        })
        .await
    }
}

/// Whether a retry may succeed. What a step asks for and can't be done, such as granting an archived offer, stays so.
fn may_pass(error: &Error) -> bool {
    let of_step = matches!(error.code, Code::BadUserInput | Code::NotFound | Code::Conflict);
    !of_step || error.retry_after.is_some()
}
