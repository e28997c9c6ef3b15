//! A running postmaster, ours or left over, and how it ends.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use super::place::Place;
use super::{PrivatePostgresError, socket};

/// Fast shutdown ends sessions and writes a checkpoint; immediate leaves the rest to crash recovery.
const ENDINGS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(10)),
    (Signal::SIGQUIT, Duration::from_secs(6)),
    (Signal::SIGKILL, Duration::from_secs(3)),
];
/// Backends see by themselves that their postmaster is gone, unless a long computation keeps them from
/// looking.
const ORPHANS: [(Option<Signal>, Duration); 3] = [
    (None, Duration::from_millis(500)),
    (Some(Signal::SIGQUIT), Duration::from_secs(2)),
    (Some(Signal::SIGKILL), Duration::from_secs(2)),
];
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) enum Postmaster {
    Started(Started),
    Adopted(Pid, PathBuf),
}

/// A child of ours; told to stop when dropped.
#[derive(Debug)]
pub(super) struct Started(pub(super) Child);

impl Started {
    /// None once it was waited for: the number may be another's by then.
    fn pid(&self) -> Option<Pid> {
        self.0
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            let _gone = kill(pid, Signal::SIGINT);
        }
    }
}

impl Postmaster {
    pub(super) fn pid(&self) -> Option<Pid> {
        match self {
            Self::Started(started) => started.pid(),
            Self::Adopted(pid, cluster) => is_server_of(*pid, cluster).then_some(*pid),
        }
    }

    /// Waits for its end; may be given up and called again.
    pub(super) async fn ended(&mut self) -> String {
        match self {
            Self::Started(started) => match started.0.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            },
            Self::Adopted(..) => {
                while self.pid().is_some() {
                    sleep(LOOK_EVERY).await;
                }
                "no child of ours, so of unknown status".to_owned()
            }
        }
    }

    pub(super) async fn shut_down(&mut self) {
        for (signal, patience) in ENDINGS {
            let Some(pid) = self.pid() else { return };
            if signal != Signal::SIGINT {
                tracing::warn!(%signal, "the private PostgreSQL is slow to stop");
            }
            let _gone = kill(pid, signal);
            if timeout(patience, self.ended()).await.is_ok() {
                return;
            }
        }
    }
}

/// What a cluster's `postmaster.pid` says, where it speaks of a living postmaster.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: Pid,
    pub(super) socket: Option<PathBuf>,
}

pub(super) fn running(cluster: &Path) -> Result<Option<Running>, PrivatePostgresError> {
    let file = cluster.join("postmaster.pid");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PrivatePostgresError::io("read", &file)(error)),
    };
    let mut lines = text.lines();
    let pid = lines
        .next()
        .and_then(|line| line.trim().parse().ok())
        .filter(|pid| *pid > 1)
        .map(Pid::from_raw);
    let socket = lines
        .nth(3)
        .filter(|line| line.starts_with('/'))
        .map(PathBuf::from);
    Ok(pid
        .filter(|pid| is_server_of(*pid, cluster))
        .map(|pid| Running { pid, socket }))
}

/// Makes the way free for a new postmaster. The caller holds the lock and knows that none runs.
///
/// PostgreSQL refuses to start while a process of its user has the number in a left-over `postmaster.pid`,
/// whatever that process is. With no server process left the file can go; if one is overlooked (where `/proc`
/// tells us nothing), PostgreSQL still finds its shared memory in use and refuses.
pub(super) async fn clear_away(place: &Place, socket: &Path) {
    for (signal, patience) in ORPHANS {
        let deadline = Instant::now() + patience;
        let mut left = servers_of(place).await;
        if let Some(signal) = signal {
            for pid in &left {
                tracing::warn!(%pid, %signal, "a session outlived its PostgreSQL");
                let _gone = kill(*pid, signal);
            }
        }
        while !left.is_empty() && Instant::now() < deadline {
            sleep(LOOK_EVERY).await;
            left = servers_of(place).await;
        }
        if left.is_empty() {
            let lock = socket.join(format!("{}.lock", socket::FILE));
            for file in [
                place.cluster.join("postmaster.pid"),
                socket.join(socket::FILE),
                lock,
            ] {
                let _absent = fs::remove_file(file);
            }
            return;
        }
    }
}

/// Postmaster and backends alike: each works in the cluster's folder.
async fn servers_of(place: &Place) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let (mut found, mut hidden) = (Vec::new(), Vec::new());
    for pid in numbers.map(Pid::from_raw).filter(|pid| is_postgres(*pid)) {
        match works_in(pid, &place.cluster) {
            Some(true) => found.push(pid),
            Some(false) => {}
            None => hidden.push(pid),
        }
    }
    if !hidden.is_empty() {
        found.extend(revealed(place, &hidden).await);
    }
    found
}

/// The cluster's user may look at its own processes where a container's root may not.
async fn revealed(place: &Place, hidden: &[Pid]) -> Vec<Pid> {
    let mut command = place.account.command("/bin/sh");
    command.args([
        "-c",
        r#"for pid; do [ "/proc/$pid/cwd" -ef "$0" ] && echo "$pid"; done"#,
    ]);
    command
        .arg(&place.cluster)
        .args(hidden.iter().map(Pid::to_string));
    let said = command
        .output()
        .await
        .map(|output| output.stdout)
        .unwrap_or_default();
    String::from_utf8_lossy(&said)
        .lines()
        .filter_map(|line| line.parse().ok())
        .map(Pid::from_raw)
        .collect()
}

fn is_postgres(pid: Pid) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "postgres")
}

/// A number alone says nothing: the kernel gives it to the next process.
pub(super) fn is_server_of(pid: Pid, cluster: &Path) -> bool {
    works_in(pid, cluster).unwrap_or_else(|| was_started_for(pid, cluster))
}

/// None where nobody tells: no `/proc`, or root without the right to look (as containers have it).
fn works_in(pid: Pid, cluster: &Path) -> Option<bool> {
    if !Path::new("/proc/self/cwd").exists() {
        return None;
    }
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(cwd) => Some(cwd == cluster && is_postgres(pid)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        Err(_) => Some(false),
    }
}

/// By the command line, which only a postmaster keeps: backends write over theirs.
fn was_started_for(pid: Pid, cluster: &Path) -> bool {
    let folder = cluster.as_os_str().as_bytes();
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        return words[0].ends_with(b"postgres") && words.windows(2).any(|pair| pair == [b"-D", folder]);
    }
    let listed = Command::new("ps")
        .args(["-o", "command=", "-p", &pid.to_string()])
        .output();
    listed.is_ok_and(|output| {
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        line.contains("postgres -D ") && line.contains(&*cluster.to_string_lossy())
    })
}
