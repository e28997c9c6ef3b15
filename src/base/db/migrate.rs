//! Migrations, run by one instance at a time.

use std::time::Duration;

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::StreamExt;
use tokio_postgres::Client;

use super::deadline;
use super::deadline::BACKGROUND;
use super::{Conn, Db, connect};
use crate::base::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The advisory lock of the instance that migrates: "vest" in ASCII.
const LOCK: i64 = 0x7665_7374;

/// How often other instances try to take the lock: for half an hour.
const LOCK_INTERVAL: Duration = Duration::from_millis(500);
const LOCK_ATTEMPTS: u32 = 3_600;

#[derive(diesel::QueryableByName)]
struct LockAttempt {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

impl Db {
    /// Runs the pending migrations and returns their versions. Needs the multi-thread runtime. Without pending migrations it
    /// writes nothing. Refuses a database that a newer program has migrated; a program that already runs on it keeps running.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        let applied = self.read(applied_migrations).await?;
        if let Some(unknown) = UnknownMigrations::among(&applied) {
            return Err(Error::unavailable(unknown));
        }
        if pending_count(&applied) == 0 {
            return Ok(Vec::new());
        }
        let mut conn = connect::connect(&self.state.url)
            .await
            .map_err(Error::unavailable)?;
        lock(&mut conn).await?;
        let mut harness = AsyncMigrationHarness::new(conn);
        let done = harness
            .run_pending_migrations(MIGRATIONS)
            .map_err(Error::internal)?;
        Ok(done.iter().map(ToString::to_string).collect())
    }

    /// Reads something on a connection of its own, outside the pool.
    pub(super) async fn read<T>(
        &self,
        query: impl AsyncFnOnce(&Client) -> std::result::Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        let (client, driver) = self.connect_listener().await?;
        deadline::within(BACKGROUND, async {
            tokio::select! {
                read = query(&client) => read.map_err(Error::unavailable),
                () = driver.for_each(async |_| ()) => Err(Error::unavailable("the connection was closed")),
            }
        })
        .await
    }
}

/// Migrations of a newer program.
#[derive(Debug, thiserror::Error)]
#[error(
    "It has migrations that this program, Vestibule {}, does not know: {}. A newer version has run them: use that version. \
     To go back, restore a backup that was made before the upgrade",
    env!("CARGO_PKG_VERSION"),
    .0.join(", ")
)]
pub(crate) struct UnknownMigrations(Vec<String>);

impl UnknownMigrations {
    pub(crate) fn among(applied: &[String]) -> Option<Self> {
        let known = known_migrations();
        let mut unknown: Vec<String> = applied
            .iter()
            .filter(|version| !known.contains(version))
            .cloned()
            .collect();
        unknown.sort();
        (!unknown.is_empty()).then_some(Self(unknown))
    }
}

fn known_migrations() -> Vec<String> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    known
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect()
}

/// Polls for the lock: a statement that waits for it could not be told from a database that does not answer.
async fn lock(conn: &mut Conn) -> Result<()> {
    // A migration may take minutes, so it has neither limit.
    let set = conn.batch_execute("set statement_timeout = 0; set lock_timeout = 0");
    deadline::within(BACKGROUND, async { Ok(set.await?) }).await?;
    for _ in 0..LOCK_ATTEMPTS {
        let attempt = diesel::sql_query(format!("select pg_try_advisory_lock({LOCK}) as locked"));
        let attempt = attempt.get_result::<LockAttempt>(conn);
        if deadline::within(BACKGROUND, async { Ok(attempt.await?) })
            .await?
            .locked
        {
            return Ok(());
        }
        tokio::time::sleep(LOCK_INTERVAL).await;
    }
    Err(Error::unavailable("another instance is still running migrations"))
}

/// The versions of the migrations that the database has run.
pub(crate) async fn applied_migrations(
    client: &Client,
) -> std::result::Result<Vec<String>, tokio_postgres::Error> {
    let table_exists = "select to_regclass('__diesel_schema_migrations') is not null";
    if !client.query_one(table_exists, &[]).await?.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let versions = "select version from __diesel_schema_migrations order by version";
    let rows = client.query(versions, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The number of migrations that this program knows and the database has not run.
pub(crate) fn pending_count(applied: &[String]) -> usize {
    let known = known_migrations();
    known.iter().filter(|version| !applied.contains(version)).count()
}
