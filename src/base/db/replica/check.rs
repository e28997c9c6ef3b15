//! Checks the replica each second, with a connection of its own to each of the two servers.

use std::error::Error as _;
use std::mem::discriminant;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{sleep, timeout};

use super::primary_log::PrimaryLog;
use super::server_state::{Required, ServerState};
use super::{Replica, ReplicaProblem};
use crate::base::clock::Clock;
use crate::base::db::{Conn, Db, connect};
use crate::base::error::{Error, Result};

/// What is read there is at most this old, and the time between two checks.
pub(crate) const MAX_LAG: TimeDelta = TimeDelta::seconds(5);

const INTERVAL: Duration = Duration::from_secs(1);

const TIMEOUT: Duration = Duration::from_secs(2);

/// Kept from one check to the next.
#[derive(Default)]
struct Check {
    primary: Option<Conn>,
    standby: Option<Conn>,
    log: PrimaryLog,
}

struct Checked {
    usable: Result<Required, ReplicaProblem>,
    /// `None` if there is nothing to compare.
    lag: Option<TimeDelta>,
}

impl Db {
    /// Checks the replica for as long as it is polled. Returns at once if there is none.
    pub(crate) async fn watch_replica(self, clock: Clock) {
        let Some(replica) = &self.replica else { return };
        let (mut check, mut last) = (Check::default(), Err(ReplicaProblem::Unchecked));
        loop {
            let Checked { usable, lag } = check.run(&self, replica, &clock).await;
            log_change(&last, &usable);
            last.clone_from(&usable);
            let seconds = lag.map_or(f64::NAN, |lag| lag.as_seconds_f64());
            self.metrics.replica_lag.set(seconds);
            self.metrics
                .replica_usable
                .set(f64::from(u8::from(usable.is_ok())));
            replica.set_usable(usable);
            sleep(INTERVAL).await;
        }
    }

    /// Checks the replica once, and waits for it if it is behind; `None` if there is none.
    pub(crate) async fn check_replica(&self, clock: &Clock) -> Option<Result<(), ReplicaProblem>> {
        let replica = self.replica.as_ref()?;
        let mut check = Check::default();
        let begun_at = clock.now();
        loop {
            let checked = check.run(self, replica, clock).await.usable;
            if checked != Err(ReplicaProblem::Behind) || clock.now() - begun_at > MAX_LAG {
                return Some(checked.map(drop));
            }
            sleep(INTERVAL).await;
        }
    }
}

impl Check {
    async fn run(&mut self, db: &Db, replica: &Replica, clock: &Clock) -> Checked {
        match self.read(db, replica, clock).await {
            Ok(standby) => self.compare(&standby, clock.now()),
            Err(problem) => Checked {
                usable: Err(problem),
                lag: None,
            },
        }
    }

    /// The state of the standby, after that of the primary was added to the log.
    async fn read(
        &mut self,
        db: &Db,
        replica: &Replica,
        clock: &Clock,
    ) -> Result<ServerState, ReplicaProblem> {
        let primary = state(&mut self.primary, &db.state.url).await;
        let primary = primary.and_then(|state| match state.read_only {
            true => Err("it is read-only".to_owned()),
            false => Ok(state),
        });
        let primary = primary.map_err(|cause| {
            // With several hosts, another one may be the primary now.
            self.primary = None;
            ReplicaProblem::NoPrimary(cause)
        })?;
        self.log.add(clock.now(), &primary);
        let standby = state(&mut self.standby, &replica.state.url).await;
        standby.map_err(ReplicaProblem::Unreachable)
    }

    fn compare(&mut self, standby: &ServerState, now: DateTime<Utc>) -> Checked {
        let required = self.log.required(MAX_LAG, now).ok_or(ReplicaProblem::Behind);
        let usable = required.and_then(|required| standby.check_replica(&required).map(|()| required));
        let comparable = matches!(usable, Ok(_) | Err(ReplicaProblem::Behind));
        if !comparable {
            // The address may lead to another server next time.
            self.standby = None;
        }
        Checked {
            lag: comparable.then(|| self.log.lag(standby.position, now)),
            usable,
        }
    }
}

/// The state of a server, or why it can't be read.
async fn state(conn: &mut Option<Conn>, url: &str) -> Result<ServerState, String> {
    let read = async {
        let conn = match conn {
            Some(conn) => conn,
            None => conn.insert(connect::connect(url).await.map_err(Error::unavailable)?),
        };
        ServerState::read(conn).await
    };
    let state = match timeout(TIMEOUT, read).await {
        Ok(state) => state.map_err(|error| {
            error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string)
        }),
        Err(_) => Err(format!("no response within {TIMEOUT:?}")),
    };
    if state.is_err() {
        *conn = None;
    }
    state
}

/// Says once why the replica isn't used, and once that it is again.
fn log_change(last: &Result<Required, ReplicaProblem>, now: &Result<Required, ReplicaProblem>) {
    match (last, now) {
        (Err(last), Err(problem)) if discriminant(last) == discriminant(problem) => {}
        (_, Err(problem)) => {
            let cause = problem.to_string();
            tracing::warn!(
                cause,
                "the replica of DATABASE_READ_URL is not used; the primary is read"
            );
        }
        (Err(_), Ok(_)) => tracing::info!("the replica of DATABASE_READ_URL is used"),
        (Ok(_), Ok(_)) => {}
    }
}
