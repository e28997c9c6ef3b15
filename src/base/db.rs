//! Access to PostgreSQL: the pool, transactions, migrations. [`schema`] lists the tables.

mod clock;
mod connect;
pub mod deadline;
mod identity;
pub(crate) mod inventory;
pub(crate) mod lateral;
mod metrics;
pub(crate) mod migrate;
pub(crate) mod parts;
pub(crate) mod pool;
pub mod probe;
pub(crate) mod quota;
pub(crate) mod replica;
#[rustfmt::skip]
pub(crate) mod schema;
pub mod sql;
pub(crate) mod sqlstate;
mod statement_span;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool::managed::{Pool, PoolError};
use diesel::pg::Pg;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};

use crate::base::error::{Error, Result};
pub(crate) use clock::clock_offset;
pub(crate) use identity::identity;
pub(crate) use metrics::DatabaseMetrics;
use pool::{ConnectionManager, PoolState, PooledConnection, build_pool};
use probe::LastProbe;
use quota::{Tenant, TenantQuota, TenantQuotas};
use replica::Replica;

/// The connection that models take.
pub type Conn = AsyncPgConnection;

/// A connection, or a shared reference to one. Independent statements over the same connection can be joined (`try_join!`, each
/// with a `&mut &Conn` of its own): they are sent at once, and PostgreSQL runs them in the order they were sent.
pub trait AnyConn: AsyncConnectionCore<Backend = Pg> + Send {}

impl<C: AsyncConnectionCore<Backend = Pg> + Send> AnyConn for C {}

/// How long a request waits for a connection before it fails with `UNAVAILABLE`.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(3);

/// Limits that PostgreSQL enforces on every connection, in milliseconds. `lock_timeout` and
/// `idle_in_transaction_session_timeout` also end the transactions of an instance that was cut off, whose locks would block the
/// others.
const SESSION_OPTIONS: &str = "-c statement_timeout=30000 -c lock_timeout=4000 \
                               -c idle_in_transaction_session_timeout=4000 -c timezone=UTC -c application_name=vestibule";

#[derive(Clone)]
pub struct Db {
    pool: Pool<ConnectionManager>,
    state: Arc<PoolState>,
    probe: Arc<LastProbe>,
    quotas: Arc<TenantQuotas>,
    replica: Option<Arc<Replica>>,
    pub metrics: DatabaseMetrics,
}

/// Hosts, ports and database name of a connection string, without its secrets.
pub(crate) fn address_of(url: &str) -> String {
    let Ok(config) = url.parse::<tokio_postgres::Config>() else {
        return String::new();
    };
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| {
        let port = ports.get(index).or(ports.first()).unwrap_or(&5432);
        match host {
            tokio_postgres::config::Host::Tcp(name) => format!("{name}:{port}"),
            tokio_postgres::config::Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("{hosts}/{}", config.get_dbname().unwrap_or_default())
}

impl Db {
    /// Creates the pool; connections are opened on demand.
    pub fn new(url: &str, connection_count: usize) -> Result<Self> {
        let state = Arc::new(PoolState::new(url.into()));
        Ok(Self {
            pool: build_pool(Arc::clone(&state), connection_count, CHECKOUT_TIMEOUT)?,
            state,
            probe: Arc::default(),
            metrics: DatabaseMetrics::default(),
            quotas: Arc::new(TenantQuotas::new(connection_count)),
            replica: None,
        })
    }

    /// A connection. The caller opens one transaction around the verbs of one operation: `conn.transaction(async |conn| …)`.
    pub async fn conn(&self) -> Result<PooledConnection> {
        let _timer = self.metrics.start_pool_wait();
        let permit = quota::acquire(CHECKOUT_TIMEOUT).await?;
        let inner = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(_) | PoolError::Backend(_) => Error::unavailable(error),
            other => Error::internal(other),
        })?;
        Ok(PooledConnection::new(inner, Arc::clone(&self.state), permit))
    }

    /// The quota of the pool that a tenant's requests share.
    pub(crate) fn quota(&self, tenant: Tenant) -> TenantQuota {
        self.quotas.get(tenant)
    }

    /// A connection outside the pool, with its notifications: for `LISTEN`.
    pub(crate) async fn connect_listener(&self) -> Result<(tokio_postgres::Client, connect::Notifications)> {
        connect::connect_listener(&self.state.url)
            .await
            .map_err(Error::unavailable)
    }

    /// A connection outside the pool, for work that must go on while the pool is exhausted.
    pub(crate) async fn connect_unpooled(&self) -> Result<Conn> {
        connect::connect(&self.state.url)
            .await
            .map_err(Error::unavailable)
    }

    /// Statements started since the pool was created, including `BEGIN` and `COMMIT`.
    pub fn statement_count(&self) -> u64 {
        self.state.statement_count.load(Ordering::Relaxed)
    }

    pub(crate) fn pool_status(&self) -> deadpool::Status {
        self.pool.status()
    }

    pub fn close(&self) {
        self.pool.close();
        if let Some(replica) = &self.replica {
            replica.close();
        }
    }
}
