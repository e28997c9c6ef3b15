//! Fixtures: `TestDatabase::new().await` is an empty, migrated database; `TestAccount::open().await` an account with a
//! manual clock, a mailbox in memory and workers to start; `TestApi::open().await` the schema of an account without a
//! network; `TestServer::open().await` a whole server. `PostgresServer::primary().await` is a PostgreSQL to stop, and `standby()` its copy.

mod account;
mod api;
mod browser;
mod cluster;
mod database;
mod dns;
mod login;
mod nats;
mod postgres_server;
mod proxy;
mod server;
mod sign_in;
mod socket;
mod twilio;

use std::time::{Duration, Instant};

pub use account::{TestAccount, TestWorker, mailed_link};
pub use api::TestApi;
pub use browser::TestBrowser;
pub use database::TestDatabase;
pub use dns::{DnsBehaviour, TestDns};
pub use nats::TestNats;
pub use postgres_server::PostgresServer;
pub use proxy::Proxy;
pub use server::{SecondServer, Tenant, TestServer};
pub use sign_in::TestSignIn;
pub use socket::Socket;
pub use twilio::{Callback, PUBLIC_URL, Refusal, TestTwilio, provider_id};

/// Waits until the condition holds.
pub async fn wait_until(event: &str, mut condition: impl AsyncFnMut() -> bool) {
    let started_at = Instant::now();
    while !condition().await {
        assert!(
            started_at.elapsed() < Duration::from_secs(30),
            "{event}: not within 30 s"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
