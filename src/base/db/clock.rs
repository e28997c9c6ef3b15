//! Compares this machine's clock with the database's: instances share the database, so this finds clocks that differ from each other.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::IntoSql;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use tokio::time::sleep;

use super::{Conn, Db, deadline};
use crate::base::clock::Clock;
use crate::base::error::Result;

/// Beyond this, other instances may judge what this one issues wrongly.
const MAX_OFFSET: TimeDelta = TimeDelta::seconds(5);

const INTERVAL: Duration = Duration::from_secs(60);

/// How much our clock is ahead of the database's.
pub(crate) async fn clock_offset(conn: &mut Conn, clock: &Clock) -> Result<TimeDelta> {
    let sent_at = clock.now();
    let theirs: DateTime<Utc> = diesel::select(diesel::dsl::now.into_sql::<Timestamptz>())
        .get_result(conn)
        .await?;
    let ours = sent_at + (clock.now() - sent_at) / 2;
    Ok(ours - theirs)
}

impl Db {
    /// Compares the clocks each minute, for as long as it is polled.
    pub(crate) async fn watch_clock(self, clock: Clock) {
        let mut warned = false;
        loop {
            let read = async { clock_offset(&mut self.connect_unpooled().await?, &clock).await };
            let offset = Box::pin(deadline::within(deadline::BACKGROUND, read)).await.ok();
            let seconds = offset.map(|offset| offset.as_seconds_f64());
            self.metrics.clock_offset.set(seconds.unwrap_or(f64::NAN));
            if let Some(offset) = offset {
                let off = offset.abs() > MAX_OFFSET;
                if off && !warned {
                    let message = "the clock of this machine differs from the database's: turn on time synchronisation on both";
                    tracing::warn!(ahead_by_seconds = seconds, "{message}");
                }
                warned = off;
            }
            sleep(INTERVAL).await;
        }
    }
}
