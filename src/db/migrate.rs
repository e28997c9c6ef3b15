//! Migrations, run by one instance at a time.

use diesel_async::{AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, tls};
use crate::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The advisory lock that instances which start together wait on: "vest" in ASCII.
const LOCK: i64 = 0x7665_7374;

impl Db {
    /// Runs what is missing and says its versions. Needs the multi-thread runtime.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        let mut conn = tls::connect(&self.url).await.map_err(Error::unavailable)?;
        // Another instance may be at work for minutes: neither limit is for this.
        conn.batch_execute("set statement_timeout = 0; set lock_timeout = 0")
            .await?;
        diesel::sql_query(format!("select pg_advisory_lock({LOCK})"))
            .execute(&mut conn)
            .await?;
        let mut harness = AsyncMigrationHarness::new(conn);
        let done = harness
            .run_pending_migrations(MIGRATIONS)
            .map_err(Error::internal)?;
        Ok(done.iter().map(ToString::to_string).collect())
    }

    /// How many migrations this program knows that the database has not run.
    pub async fn pending_migrations(&self) -> Result<usize> {
        let conn = tls::connect(&self.url).await.map_err(Error::unavailable)?;
        let mut harness = AsyncMigrationHarness::new(conn);
        Ok(harness
            .pending_migrations(MIGRATIONS)
            .map_err(Error::internal)?
            .len())
    }
}
