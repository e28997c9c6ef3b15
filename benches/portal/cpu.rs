//! Processor time of the server and its database, from Linux' /proc: it is independent of other load on the machine.

use tokio_postgres::Client;

/// Milliseconds of processor time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub server: f64,
    pub database: f64,
}

impl Cpu {
    pub async fn now(server: u32, sql: &Client) -> Self {
        let row = sql
            .query_one("select pg_backend_pid()", &[])
            .await
            .expect("a process");
        let backend: i32 = row.get(0);
        let postmaster = stat(&backend.to_string()).map_or(0, |stat| stat.parent);
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let database = processes
            .filter_map(|entry| stat(entry.file_name().to_str()?))
            .filter(|stat| stat.parent == postmaster)
            .map(|stat| stat.millis);
        Self {
            server: stat(&server.to_string()).map_or(0.0, |stat| stat.millis),
            database: database.sum(),
        }
    }

    /// The time used since `before`, per item.
    pub fn since(self, before: Self, count: usize) -> String {
        format!(
            "{:.2} ms of the server's and {:.2} ms of the database's processors each",
            (self.server - before.server) / count as f64,
            (self.database - before.database) / count as f64
        )
    }
}

struct Stat {
    parent: u32,
    millis: f64,
}

fn stat(pid: &str) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may contain spaces, and ends with the last bracket.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        millis: ticks * 10.0,
    })
}
