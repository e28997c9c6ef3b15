//! The worker's loops: one makes runs of events and takes runs from step to step, another one checks the triggers that depend on time.

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

/// What an attempt found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Busy,
    Work,
}

pub(crate) async fn run(worker: Arc<Worker>, stop: CancellationToken) {
    let mut backoff = Backoff::new();
    while !stop.is_cancelled() {
        let turn = Box::pin(catch_panic(worker.run_workflows()));
        match turn.await {
            Ok(Found::Work) => backoff.reset(),
            Ok(Found::Busy) => tokio::time::sleep(BUSY_WAIT).await,
            Ok(Found::Nothing) => {
                worker.idle(worker.parts.live.workflows_due(), &stop).await;
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

    /// Takes the next events, and takes the next runs through their step.
    async fn run_workflows(&self) -> Result<Found> {
        let entered = deadline::within(deadline::BACKGROUND, self.enter()).await?;
        let advanced = self.advance_next().await?;
        Ok(match advanced {
            Found::Nothing | Found::Busy if entered => Found::Work,
            advanced => advanced,
        })
    }

    async fn enter(&self) -> Result<bool> {
        let moment = self.parts.clock.moment();
        let mut conn = self.parts.db.conn().await?;
        let entered = conn
            .transaction(async |conn| enter_next(conn, &moment).await)
            .await?;
        drop(conn);
        let Some(entered) = entered else { return Ok(false) };
        for workflow in entered.workflows {
            self.parts
                .live
                .nudge(entered.account, &[Topic::Workflow(workflow)]);
        }
        Ok(true)
    }

    async fn advance_next(&self) -> Result<Found> {
        let (result, batch) = self.try_advance(None).await;
        let Some(batch) = batch else { return result };
        match result {
            Err(error) if error.code == Code::Unavailable => return Err(error),
            Err(error) if batch.runs.len() == 1 => self.record_failure(&batch, &error).await?,
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
            match self.try_advance(Some((batch.account, *id))).await {
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
    async fn try_advance(&self, only: Option<(AccountId, WorkflowRunId)>) -> (Result<Found>, Option<Batch>) {
        let moment = self.parts.clock.moment();
        let mut batch = None;
        let daily_messages = self.parts.daily_messages;
        let work = async {
            let mut conn = self.parts.db.conn().await?;
            conn.transaction(async |conn| -> Result<Found> {
                let due = match DueRuns::claim(conn, only, moment.now).await? {
                    Claim::Nothing => return Ok(Found::Nothing),
                    Claim::Busy => return Ok(Found::Busy),
                    Claim::Runs(due) => due,
                };
                batch = Some(Batch {
                    account: due.account,
                    workflow: due.workflow,
                    runs: due.ids(),
                });
                let span = trace::turn_span("workflow batch", None, Some(due.runs.len()));
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
        for id in &batch.runs {
            conn.transaction(async |conn| {
                let failure = (&reason[..], may_pass(error));
                WorkflowRun::record_failure(conn, (batch.account, *id), failure, now).await
            })
            .await?;
        }
        Ok(())
    }
}

/// Whether a retry may succeed. What a step asks for and can't be done, such as granting an archived offer, stays so.
fn may_pass(error: &Error) -> bool {
    let of_step = matches!(error.code, Code::BadUserInput | Code::NotFound | Code::Conflict);
    !of_step || error.retry_after.is_some()
}
