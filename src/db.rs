//! The way to PostgreSQL: one pool, its transactions, its migrations. Which tables there are says [`schema`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::PoolError;
use diesel::connection::InstrumentationEvent;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::FutureExt;

use crate::error::{Error, Result};

pub mod embedded;
mod migrate;
#[rustfmt::skip]
pub mod schema;
pub mod text;
mod tls;

/// What models take.
pub type Conn = AsyncPgConnection;

/// How long a request waits for a connection before it is told `UNAVAILABLE`.
const CHECKOUT: Duration = Duration::from_secs(3);

/// Limits that PostgreSQL keeps for every connection of ours, in milliseconds.
const SESSION: &str = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 \
                       -c timezone=UTC -c application_name=vestibule";

#[derive(Clone)]
pub struct Db {
    pool: Pool<Conn>,
    url: Arc<str>,
    statement_count: Arc<AtomicU64>,
}

impl Db {
    /// Makes the pool; connections are opened when they are needed.
    pub fn new(url: &str, connection_count: usize) -> Result<Self> {
        let statement_count = Arc::new(AtomicU64::new(0));
        let mut config = ManagerConfig::default();
        // A connection that failed is seen without a query; asking each time costs a round trip.
        config.recycling_method = RecyclingMethod::Fast;
        let counter = Arc::clone(&statement_count);
        config.custom_setup = Box::new(move |url| open(url.to_owned(), Arc::clone(&counter)).boxed());
        let pool = Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
            .max_size(connection_count)
            .wait_timeout(Some(CHECKOUT))
            .create_timeout(Some(CHECKOUT))
            .recycle_timeout(Some(CHECKOUT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            pool,
            url: url.into(),
            statement_count,
        })
    }

    /// A connection. Around the verbs of one operation the caller opens one transaction: `conn.transaction(async |conn| …)`.
    pub async fn conn(&self) -> Result<Object<Conn>> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(_) | PoolError::Backend(_) => Error::unavailable(error),
            other => Error::internal(other),
        })
    }

    /// A connection outside the pool, with its driver: for `LISTEN`.
    pub async fn listen(&self) -> Result<(tokio_postgres::Client, tls::Notifications)> {
        tls::connect_listening(&self.url)
            .await
            .map_err(Error::unavailable)
    }

    /// Statements started since the pool was made, `BEGIN` and `COMMIT` among them.
    pub fn statement_count(&self) -> u64 {
        self.statement_count.load(Ordering::Relaxed)
    }

    /// Connections open, and of those idle.
    pub fn pool_size(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size, status.available)
    }

    pub fn close(&self) {
        self.pool.close();
    }
}

async fn open(url: String, statement_count: Arc<AtomicU64>) -> ConnectionResult<Conn> {
    let mut conn = tls::connect(&url)
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            statement_count.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok(conn)
}
