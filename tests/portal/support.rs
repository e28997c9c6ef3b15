//! How a test begins: `TestDb::new().await` for an empty, migrated database of its own, or `Office::open().await` for an
//! account on one, with a clock that stands still, a mailbox in memory and workers to start; `Desk::open().await` for the
//! schema of an office, asked without a network; `House::open().await` for a whole server.

mod cluster;
mod database;
mod desk;
mod house;
mod login;
mod office;
mod proxy;
mod sign_in;
mod socket;

use std::time::{Duration, Instant};

pub use database::TestDb;
pub use desk::Desk;
pub use house::{House, Tenant};
pub use office::{Office, mailed_link};
pub use proxy::Proxy;
pub use sign_in::TestSignIn;
pub use socket::Socket;

/// Waits until it is so.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !so().await {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{what}: not within 30 s"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
