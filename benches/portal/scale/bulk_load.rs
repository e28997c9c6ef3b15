//! How a fill is made fast: settings of the bench's own database, and indexes that are built at its end.

use futures_util::StreamExt;
use futures_util::stream;
use tokio_postgres::config::Config;
use tokio_postgres::{Client, NoTls};

/// What gets most of the rows.
const TABLES: &str = "'{contacts,invitations,access_grants}'::regclass[]";
const BEGIN: [&str; 4] = [
    "alter system set autovacuum = off",
    "alter system set max_wal_size = '2GB'",
    "alter system set checkpoint_timeout = '1h'",
    "select pg_reload_conf()",
];
const END: [&str; 3] = ["alter system reset all", "select pg_reload_conf()", "checkpoint"];

pub struct BulkLoad {
    config: Config,
    sql: Client,
    rebuild: Rebuild,
}

/// The statements that create what was dropped.
struct Rebuild {
    constraints: Vec<String>,
    indexes: Vec<String>,
}

impl BulkLoad {
    /// Drops the indexes other than the primary keys.
    pub async fn begin(database: &str) -> Self {
        let mut config: Config = database.parse().expect("a connection string");
        config.user("postgres");
        config.options("-c synchronous_commit=off -c maintenance_work_mem=1GB -c work_mem=256MB");
        let sql = connect(&config).await;
        run(&sql, &BEGIN).await;
        let rebuild = Rebuild {
            constraints: drop_all(
                &sql,
                &format!(
                    "select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
                         format('alter table %s drop constraint %I', conrelid::regclass, conname)
                     from pg_constraint where contype = 'u' and conrelid = any({TABLES})"
                ),
            )
            .await,
            indexes: drop_all(
                &sql,
                &format!(
                    "select pg_get_indexdef(indexrelid), format('drop index %s', indexrelid::regclass) from pg_index
                     where indrelid = any({TABLES}) and not indisprimary
                     order by pg_get_indexdef(indexrelid) like '%USING gin%' desc"
                ),
            )
            .await,
        };
        Self { config, sql, rebuild }
    }

    /// Another connection: the triggers spread the counts over 16 rows by the number of the backend.
    pub async fn connect(&self) -> Client {
        connect(&self.config).await
    }

    /// Builds the indexes, collects the statistics and resets the settings.
    pub async fn end(self) {
        for statement in &self.rebuild.constraints {
            run(&self.sql, &[statement]).await;
        }
        let built = stream::iter(&self.rebuild.indexes).map(async |statement: &String| {
            run(&self.connect().await, &[statement]).await;
        });
        built.buffer_unordered(2).collect::<()>().await;
        run(&self.sql, &["vacuum analyze"]).await;
        run(&self.sql, &END).await;
    }
}

async fn connect(config: &Config) -> Client {
    let (sql, driver) = config.connect(NoTls).await.expect("the database");
    tokio::spawn(driver);
    sql
}

async fn run(sql: &Client, statements: &[&str]) {
    for statement in statements {
        sql.batch_execute(statement).await.expect(statement);
    }
}

/// Executes the second column of each row of the query. Returns the first one.
async fn drop_all(sql: &Client, query: &str) -> Vec<String> {
    let mut created = Vec::new();
    for row in sql.query(query, &[]).await.expect("definitions") {
        run(sql, &[row.get(1)]).await;
        created.push(row.get(0));
    }
    created
}
