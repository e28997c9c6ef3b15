//! What a backup has to know of a database before it is dumped, and of the one that it is restored into.

use tokio_postgres::Client;

use super::{Db, migrate};
use crate::base::error::Result;

/// Relations outside of PostgreSQL's own schemas, without those of extensions.
const RELATIONS: &str = "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') \
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')";

const SERVER: &str = "select current_setting('server_version'), current_setting('server_version_num')::integer, \
                      pg_database_size(current_database())";

#[derive(Debug)]
pub(crate) struct Inventory {
    /// As in `15.18 (Debian 15.18-0+deb12u1)`.
    pub postgres: String,
    pub postgres_major: u32,
    pub migrations: Vec<String>,
    pub size_bytes: u64,
    pub empty: bool,
}

impl Db {
    pub(crate) async fn inventory(&self) -> Result<Inventory> {
        self.read(take).await
    }
}

async fn take(client: &Client) -> std::result::Result<Inventory, tokio_postgres::Error> {
    let server = client.query_one(SERVER, &[]).await?;
    let relation_count: i64 = client.query_one(RELATIONS, &[]).await?.get(0);
    Ok(Inventory {
        postgres: server.get(0),
        postgres_major: server.get::<_, i32>(1).unsigned_abs() / 10_000,
        migrations: migrate::applied_migrations(client).await?,
        size_bytes: server.get::<_, i64>(2).unsigned_abs(),
        empty: relation_count == 0,
    })
}
