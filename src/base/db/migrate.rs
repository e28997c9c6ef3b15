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
use super::{Conn, Db, tls};
use crate::base::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The advisory lock of the instance that migrates: "vest" in ASCII.
const LOCK: i64 = 0x7665_7374;

/// How often, and how many times, others look whether it is free: half an hour.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 3_600;

#[derive(diesel::QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

impl Db {
    /// Runs what is missing and says its versions. Needs the multi-thread runtime. Where nothing is missing it writes nothing.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        if self.missing_migrations().await? == 0 {
            return Ok(Vec::new());
        }
        let mut conn = tls::connect(&self.source.url).await.map_err(Error::unavailable)?;
        lock(&mut conn).await?;
        let mut harness = AsyncMigrationHarness::new(conn);
        let done = harness
            .run_pending_migrations(MIGRATIONS)
            .map_err(Error::internal)?;
        Ok(done.iter().map(ToString::to_string).collect())
    }

    /// How many migrations this program knows that the database has not run.
    pub(crate) async fn missing_migrations(&self) -> Result<usize> {
        let (client, driver) = self.listen().await?;
        deadline::within(BACKGROUND, async {
            tokio::select! {
                missing = missing(&client) => missing.map_err(Error::unavailable),
                () = driver.for_each(async |_| ()) => Err(Error::unavailable("the connection was closed")),
            }
        })
        .await
    }
}

/// Asked for again and again: a statement that waits could not be told from a database that does not answer.
async fn lock(conn: &mut Conn) -> Result<()> {
    // A migration may take minutes: neither limit is for it.
    let set = conn.batch_execute("set statement_timeout = 0; set lock_timeout = 0");
    deadline::within(BACKGROUND, async { Ok(set.await?) }).await?;
    for _ in 0..LOOKS {
        let tried = diesel::sql_query(format!("select pg_try_advisory_lock({LOCK}) as locked"));
        let tried = tried.get_result::<Locked>(conn);
        if deadline::within(BACKGROUND, async { Ok(tried.await?) })
            .await?
            .locked
        {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(Error::unavailable("another instance is still running migrations"))
}

pub(crate) async fn missing(client: &Client) -> std::result::Result<usize, tokio_postgres::Error> {
    let there = "select to_regclass('__diesel_schema_migrations') is not null";
    let done: Vec<String> = if client.query_one(there, &[]).await?.get(0) {
        let rows = client
            .query("select version from __diesel_schema_migrations", &[])
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        Vec::new()
    };
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    let known = known
        .iter()
        .map(|migration| migration.name().version().to_string());
    Ok(known.filter(|version| !done.contains(version)).count())
}
