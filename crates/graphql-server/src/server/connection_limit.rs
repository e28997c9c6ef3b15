//! Limits the open connections. Further ones get a 503, up to a number at a time.

use std::sync::{Arc, Once};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Reserve of open files besides connections: the database's, uploads, the log.
const OTHER_FILES: usize = 256;

/// How many are refused with a response at a time; the others are closed without one.
const MAX_REFUSALS: usize = 256;

const SERVICE_UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

pub(super) struct ConnectionLimit {
    free: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

impl ConnectionLimit {
    pub(super) fn new(max_connections: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(effective_limit(max_connections, open_files()))),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
        }
    }

    /// The stream with its permit; `None` if the limit is reached.
    pub(super) fn admit(&self, stream: TcpStream) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some((stream, permit));
        }
        if let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(Duration::from_secs(1), refuse(stream)).await;
                drop(permit);
            });
        }
        None
    }
}

/// The limit, reduced to what the open files allow: without a free one, a connection could not even be refused.
fn effective_limit(max_connections: usize, files: usize) -> usize {
    // A process may run several servers, such as one for metrics.
    static WARNED: Once = Once::new();
    let limit = files.saturating_sub(OTHER_FILES).max(files / 2);
    if limit < max_connections {
        WARNED.call_once(|| {
            tracing::warn!(
                wanted = max_connections,
                possible = limit,
                "the limit on open files is low: fewer connections are possible (raise ulimit -n)"
            );
        });
    }
    max_connections.min(limit)
}

/// The limit of open files, after raising it to the hard limit.
fn open_files() -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return OTHER_FILES * 2;
    };
    let raised = setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
    let files = if raised { hard } else { soft };
    // The semaphore's own maximum.
    usize::try_from(files)
        .unwrap_or(usize::MAX)
        .min(Semaphore::MAX_PERMITS)
}

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(SERVICE_UNAVAILABLE).await?;
    stream.shutdown().await?;
    // Unread data would reset the connection before the client has the response.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_reduced_to_what_open_files_allow() {
        assert_eq!(effective_limit(20_000, 1 << 20), 20_000);
        assert_eq!(effective_limit(20_000, 1024), 768);
        assert_eq!(effective_limit(20_000, 300), 150);
        assert_eq!(effective_limit(2, 1024), 2);
    }

    #[test]
    fn the_limit_of_open_files_is_raised_to_the_hard_limit() {
        let files = open_files();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
        assert_eq!(soft, hard);
        assert!(files > OTHER_FILES);
    }
}
