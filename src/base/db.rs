//! The way to PostgreSQL: one pool, its transactions, its migrations. Which tables there are says [`schema`].

pub mod deadline;
pub(crate) mod held;
pub(crate) mod lateral;
mod metrics;
mod migrate;
pub mod probe;
#[rustfmt::skip]
pub(crate) mod schema;
pub(crate) mod share;
pub(crate) mod sqlstate;
pub mod text;
mod tls;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool::managed::{Pool, PoolError};
use diesel::pg::Pg;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};

use crate::base::error::{Error, Result};
use held::{Connections, Held, Source};
pub(crate) use metrics::DatabaseMetrics;
use probe::LastProbe;
use share::{Share, Shares, Tenant};

/// What models take.
pub type Conn = AsyncPgConnection;

/// A connection, or a shared one. Verbs that take it may be joined (`try_join!`, each over a `&mut &Conn` of its own): what does not wait for one
/// another goes to PostgreSQL in one go, and is done there in the order in which it was sent.
pub trait Wire: AsyncConnectionCore<Backend = Pg> + Send {}

impl<C: AsyncConnectionCore<Backend = Pg> + Send> Wire for C {}

/// How long a request waits for a connection before it is told `UNAVAILABLE`.
const CHECKOUT: Duration = Duration::from_secs(3);

/// Limits that PostgreSQL keeps for every connection of ours, in milliseconds. The last two end what an instance that was cut
/// off has begun: a transaction that waits for its next statement holds locks which all the others wait for.
const SESSION: &str = "-c statement_timeout=30000 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=4000 \
                       -c timezone=UTC -c application_name=vestibule";

#[derive(Clone)]
pub struct Db {
    pool: Pool<Connections>,
    source: Arc<Source>,
    probe: Arc<LastProbe>,
    shares: Arc<Shares>,
    pub metrics: DatabaseMetrics,
}

/// Where a connection string leads: hosts, ports and name, nothing secret.
pub(crate) fn address_of(url: &str) -> String {
    let Ok(config) = url.parse::<tokio_postgres::Config>() else {
        return String::new();
    };
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(place, host)| {
        let port = ports.get(place).or(ports.first()).unwrap_or(&5432);
        match host {
            tokio_postgres::config::Host::Tcp(name) => format!("{name}:{port}"),
            tokio_postgres::config::Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("{hosts}/{}", config.get_dbname().unwrap_or_default())
}

impl Db {
    /// Makes the pool; connections are opened when they are needed.
    pub fn new(url: &str, connection_count: usize) -> Result<Self> {
        let source = Arc::new(Source::new(url.into()));
        let pool = Pool::builder(Connections(Arc::clone(&source)))
            .max_size(connection_count)
            .wait_timeout(Some(CHECKOUT))
            .create_timeout(Some(CHECKOUT))
            .recycle_timeout(Some(CHECKOUT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            pool,
            source,
            probe: Arc::default(),
            metrics: DatabaseMetrics::default(),
            shares: Arc::new(Shares::new(connection_count)),
        })
    }

    /// A connection. Around the verbs of one operation the caller opens one transaction: `conn.transaction(async |conn| …)`.
    pub async fn conn(&self) -> Result<Held> {
        let _waiting = self.metrics.waiting();
        let place = share::place(CHECKOUT).await?;
        let line = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(_) | PoolError::Backend(_) => Error::unavailable(error),
            other => Error::internal(other),
        })?;
        Ok(Held::new(line, Arc::clone(&self.source), place))
    }

    /// The part of the pool that a tenant's requests may occupy.
    pub(crate) fn share(&self, tenant: Tenant) -> Share {
        self.shares.of(tenant)
    }

    /// A connection outside the pool, with its driver: for `LISTEN`.
    pub(crate) async fn listen(&self) -> Result<(tokio_postgres::Client, tls::Notifications)> {
        tls::connect_listening(&self.source.url)
            .await
            .map_err(Error::unavailable)
    }

    /// A connection outside the pool, for what must go on while the pool is exhausted.
    pub(crate) async fn apart(&self) -> Result<Conn> {
        tls::connect(&self.source.url).await.map_err(Error::unavailable)
    }

    /// Statements started since the pool was made, `BEGIN` and `COMMIT` among them.
    pub fn statement_count(&self) -> u64 {
        self.source.statement_count.load(Ordering::Relaxed)
    }

    pub(crate) fn pool_status(&self) -> deadpool::Status {
        self.pool.status()
    }

    pub fn close(&self) {
        self.pool.close();
    }
}

/// The database's own time, to compare ours with.
pub(crate) async fn server_clock(conn: &mut Conn) -> Result<chrono::DateTime<chrono::Utc>> {
    use diesel::IntoSql;
    use diesel_async::RunQueryDsl;
    Ok(
        diesel::select(diesel::dsl::now.into_sql::<diesel::sql_types::Timestamptz>())
            .get_result(conn)
            .await?,
    )
}
