//! One private PostgreSQL for all tests of a process, with a migrated database as the template.
//!
//! Tests and their runtimes end in any order, so the server has its own runtime. A shell holds the other end of a pipe: when
//! the process ends for any reason, the pipe closes, and the shell stops the server and removes its folder.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;

use embedded_postgres::{EmbeddedPostgres, Options};
use tokio::runtime::{Builder, Handle, Runtime};
use vestibule::base::db::Db;

pub const TEMPLATE: &str = "template_portal";

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    std::thread::spawn(Cluster::start)
        .join()
        .expect("PostgreSQL starts")
});

pub struct Cluster {
    postgres: EmbeddedPostgres,
    runtime: Runtime,
    _until_we_end: ChildStdin,
}

/// `$1` is the cluster, `$2` the folder with all files, `$3` the folder of the socket.
const CLEANUP_SCRIPT: &str = r#"
trap '' INT TERM HUP
read _nothing
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
    kill -QUIT "$pid"
    for _try in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$2" "$1"
rm -f "$3"/.s.PGSQL.5432*
rmdir "$3"
"#;

impl Cluster {
    pub fn get() -> &'static Self {
        &CLUSTER
    }

    pub fn url_for(&self, database: &str) -> String {
        self.postgres.url_for(database)
    }

    pub fn directory(&self) -> &Path {
        self.postgres.cluster()
    }

    /// Outlives every test.
    pub fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-tests-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        // As root, PostgreSQL's user must be able to enter.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("it is ours");
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let postgres = runtime.block_on(serve(&folder));
        let until_we_end = spawn_cleanup(&postgres, &folder).expect("a shell starts");
        runtime.block_on(create_template(&postgres));
        Self {
            postgres,
            runtime,
            _until_we_end: until_we_end,
        }
    }
}

async fn serve(folder: &Path) -> EmbeddedPostgres {
    let options = Options {
        name: "vestibule".to_owned(),
        data_dir: folder.to_owned(),
        durable: false,
        max_connections: 200,
    };
    EmbeddedPostgres::start(options).await.expect("PostgreSQL starts")
}

async fn create_template(postgres: &EmbeddedPostgres) {
    super::database::run(postgres.url(), &format!("create database {TEMPLATE}")).await;
    let db = Db::new(&postgres.url_for(TEMPLATE), 1).expect("a pool");
    db.migrate().await.expect("the migrations run");
    db.close();
}

fn spawn_cleanup(postgres: &EmbeddedPostgres, folder: &Path) -> io::Result<ChildStdin> {
    let mut shell = Command::new("/bin/sh")
        .args(["-c", CLEANUP_SCRIPT, "undertaker"])
        .args([postgres.cluster(), folder, &socket_of(postgres.url())])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // So that Ctrl-C does not end it before the tests.
        .process_group(0)
        .spawn()?;
    shell
        .stdin
        .take()
        .ok_or_else(|| io::Error::other("the shell has no pipe"))
}

fn socket_of(url: &str) -> PathBuf {
    url.split(' ')
        .find_map(|part| part.strip_prefix("host="))
        .map(PathBuf::from)
        .expect("a socket's folder in the address")
}
