//! All jobs of an account, watched together.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt, Stream, StreamExt};

use crate::base::db::deadline;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, BulkJobId};
use crate::bulk_jobs::graphql::BulkJob;
use crate::bulk_jobs::model as bulk_job;
use crate::services::Services;

/// A job may be created and end between two reads: each read covers this much time before the previous one, in case the clocks of
/// the instances differ.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);

/// What is compared to find out whether a job has changed.
type State = (bulk_job::BulkJobStatus, i32, Option<String>);

fn state_of(job: &bulk_job::BulkJob) -> State {
    (job.status, job.done_count, job.last_error.clone())
}

/// The watched jobs of an account, and what was sent of each last.
pub(super) struct AllJobsWatch {
    services: Arc<Services>,
    account: AccountId,
    since: DateTime<Utc>,
    read_at: DateTime<Utc>,
    sent: HashMap<BulkJobId, State>,
    /// Changed and not sent yet.
    pending: VecDeque<bulk_job::BulkJob>,
    failed: bool,
}

impl AllJobsWatch {
    pub(super) fn new(services: Arc<Services>, account: AccountId) -> Self {
        let now = services.clock.now();
        Self {
            services,
            account,
            since: now,
            read_at: now,
            sent: HashMap::new(),
            pending: VecDeque::new(),
            failed: false,
        }
    }

    /// The next job that has changed. Jobs that wait to be sent are read again after each change, so none is sent in an old state.
    pub(super) async fn next(
        &mut self,
        changes: &mut (impl Stream<Item = ()> + Send + Unpin),
    ) -> Option<Result<BulkJob>> {
        while !self.failed {
            let changed = if self.pending.is_empty() {
                changes.next().await?;
                true
            } else {
                matches!(changes.next().now_or_never(), Some(Some(())))
            };
            if changed && let Err(error) = self.refresh().await {
                self.failed = true;
                return Some(Err(error));
            }
            if let Some(job) = self.pending.pop_front() {
                self.sent.insert(job.id, state_of(&job));
                return Some(Ok(job.into()));
            }
        }
        None
    }

    /// Reads what may have changed. An unavailable database counts as no change.
    async fn refresh(&mut self) -> Result<()> {
        let (now, known) = (self.services.clock.now(), self.known());
        let since = self.since.max(self.read_at - OVERLAP);
        let found = deadline::within(deadline::REQUEST, async {
            let mut conn = self.services.db.conn().await?;
            bulk_job::BulkJob::watched(&mut conn, self.account, since, &known).await
        });
        let jobs = match found.await {
            Ok(jobs) => jobs,
            Err(error) if error.code == Code::Unavailable => return Ok(()),
            Err(error) => return Err(error),
        };
        self.read_at = now;
        let ids: HashSet<BulkJobId> = jobs.iter().map(|job| job.id).collect();
        self.sent.retain(|id, _| ids.contains(id));
        let changed = |job: &bulk_job::BulkJob| self.sent.get(&job.id) != Some(&state_of(job));
        let mut pending: Vec<_> = jobs.into_iter().filter(changed).collect();
        // A job that changes all the time must not keep others from being sent.
        let places: HashMap<BulkJobId, usize> = self.pending.iter().map(|job| job.id).zip(0..).collect();
        pending.sort_by_key(|job| places.get(&job.id).copied().unwrap_or(usize::MAX));
        self.pending = pending.into();
        Ok(())
    }

    /// The jobs to read in any case: those that had not ended, and those that wait to be sent.
    fn known(&self) -> Vec<BulkJobId> {
        let sent = self.sent.iter().filter(|(_, (status, ..))| !status.ended());
        let pending = self.pending.iter().map(|job| job.id);
        sent.map(|(id, _)| *id).chain(pending).collect()
    }
}
