//! A database for one test, copied from the migrated one and dropped with the test.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};
use vestibule::base::db::Db;

use super::cluster::{Cluster, TEMPLATE};

static CREATED_COUNT: AtomicU32 = AtomicU32::new(0);

pub struct TestDatabase {
    pub db: Db,
    pub url: String,
    /// `None` if it is not ours to drop.
    name: Option<String>,
    client: Client,
}

impl TestDatabase {
    pub async fn new() -> Self {
        Self::copy_of(TEMPLATE).await
    }

    /// Without tables.
    pub async fn empty() -> Self {
        Self::copy_of("template1").await
    }

    async fn copy_of(template: &str) -> Self {
        let cluster = Cluster::get();
        let name = format!("test_{}", CREATED_COUNT.fetch_add(1, Ordering::Relaxed));
        let statement = format!("create database {name} template {template}");
        run(&cluster.url_for("vestibule"), &statement).await;
        let mut database = Self::at(&cluster.url_for(&name)).await;
        database.name = Some(name);
        database
    }

    /// An existing one, of any server.
    pub async fn at(url: &str) -> Self {
        Self {
            db: Db::new(url, 10).expect("a pool"),
            client: connect(url).await,
            url: url.to_owned(),
            name: None,
        }
    }

    fn name(&self) -> &str {
        self.name.as_deref().expect("a database of the cluster")
    }

    /// Runs statements on a separate connection, as from `psql`.
    pub async fn run(&self, statements: &str) {
        self.client.batch_execute(statements).await.expect(statements);
    }

    /// The single number that the query returns.
    pub async fn number(&self, query: &str) -> i64 {
        self.client.query_one(query, &[]).await.expect(query).get(0)
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, query: &str) -> Vec<Option<String>> {
        let rows = self.client.query(query, &[]).await.expect(query);
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Ends all connections to the database and refuses new ones until `come_back`. This handle's own connection stays
    /// closed.
    pub async fn refuse_connections(&self) {
        let maintenance = connect(&Cluster::get().url_for("vestibule")).await;
        let name = self.name();
        for statement in [
            format!("alter database {name} with allow_connections false"),
            format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' and backend_type = 'client backend'"
            ),
        ] {
            maintenance.batch_execute(&statement).await.expect("it goes away");
        }
    }

    pub async fn accept_connections(&self) {
        let statement = format!("alter database {} with allow_connections true", self.name());
        run(&Cluster::get().url_for("vestibule"), &statement).await;
    }

    /// A separate connection, for locks and transactions.
    pub async fn client(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        let cluster = Cluster::get();
        let url = cluster.url_for("vestibule");
        let drop = format!("drop database {name} with (force)");
        cluster.runtime().spawn(async move { run(&url, &drop).await });
    }
}

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("PostgreSQL answers");
    tokio::spawn(connection);
    client
}

pub async fn run(url: &str, statements: &str) {
    connect(url)
        .await
        .batch_execute(statements)
        .await
        .expect(statements);
}
