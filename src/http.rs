//! How the world reaches Vestibule.
//!
//! - [`serve`] accepts connections and hands each request to poem's routes; [`serve::Running`] stops all of it in order.
//! - [`graphql`] is `POST` and `GET /graphql`, [`socket`] its WebSocket, [`graphql::events`] its event streams. All read a
//!   request with `graphql::params`, bring it before the [`gate`], and run it with `graphql::run::run`.
//! - [`credentials`] turns headers, cookies and `connection_init` payloads into a [`Presented`].
//!
//! A new transport: read the parameters, `Gate::prepare`, `Door::enter`, `run`, then frame each `Answer` of the stream.
//! The application stands behind [`Engine`], so that the transports can be tested with a small schema of their own.

pub mod access;
pub mod assets;
mod compress;
pub mod cors;
pub mod credentials;
pub mod gate;
pub mod graphql;
mod headers;
pub mod host;
pub mod limits;
pub mod metrics;
pub mod rates;
pub mod seats;
pub mod serve;
pub mod site;
pub mod socket;
pub mod uploads;
pub mod views;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::BoxStream;
use poem::Route;

use self::cors::Cors;
use self::graphql::Graphql;
use self::graphql::events::Events;
use self::graphql::run::Door;
use self::rates::{PerSecond, Rated, Rates};
use self::seats::SeatLimit;
use self::serve::Running;
use self::uploads::UploadLimits;
use crate::actor::Client;
use crate::auth::viewer::{Pass, Presented, Viewer};
use crate::error::Result;
use gate::Gate;
use graphql::once::OnceKey;
use graphql::shared::Groups;

/// What the transports need of the application.
pub trait Engine: Send + Sync + 'static {
    /// Checks a credential.
    fn enter(&self, presented: &Presented, client: &Client) -> impl Future<Output = Result<Pass>> + Send;

    /// Whether this mutation field takes a file from this viewer; asked before the file is read.
    fn authorize_upload(&self, field: &str, viewer: &Viewer) -> Result<()>;

    /// Resolves when the pass no longer holds: its end has come, or it was revoked. Never for an anonymous one.
    fn ended(&self, pass: &Pass) -> impl Future<Output = ()> + Send;

    /// Runs a query or a mutation; one that came with a key once, and answers a repeat as it did the first time.
    fn execute(
        &self,
        request: async_graphql::Request,
        pass: Pass,
        client: Client,
        once: Option<OnceKey>,
    ) -> impl Future<Output = async_graphql::Response> + Send;

    /// Runs a subscription. The document is validated with the first poll.
    fn stream(
        &self,
        request: async_graphql::Request,
        pass: Pass,
        client: Client,
    ) -> BoxStream<'static, async_graphql::Response>;

    fn settings(&self) -> &HttpSettings;

    /// What every document has to pass.
    fn gate(&self) -> &Gate;

    /// The streams that many share.
    fn groups(&self) -> &Arc<Groups>;
}

/// The routes of the transports. Inside of CORS, so that a page may read that it was too fast, and asking first is free.
pub fn transports<E: Engine>(engine: &Arc<E>, running: &Running, rates: Option<Rates>) -> Route {
    let origins = &engine.settings().allowed_origins;
    let door = Door {
        engine: Arc::clone(engine),
        running: running.clone(),
        rates: rates.clone(),
    };
    let graphql = Rated::new(Graphql::new(door.clone()), rates.clone());
    let events = Rated::new(Events::new(door), rates);
    Route::new()
        .at("/graphql", Cors::new(graphql, origins.clone()))
        .at("/graphql/stream", Cors::new(events, origins.clone()))
}

/// The settings of the transports.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Our own origins, as browsers write them: `https://portal.example`.
    pub origins: Vec<String>,
    /// The other origins whose pages may call us, with tokens.
    pub allowed_origins: Vec<String>,
    /// Whether the public URL is https: cookies are `__Host-` and `Secure` then.
    pub https: bool,
    /// How many bytes a JSON body may have.
    pub max_body: usize,
    /// How many bytes an uploaded file may have.
    pub max_upload: u64,
    /// How many uploads may be in flight.
    pub uploads: UploadLimits,
    /// Where uploaded files lie while their request runs.
    pub upload_dir: PathBuf,
    /// How long a JSON body may take, and how long an upload may stand still.
    pub body_wait: Duration,
    /// How long an upload may take in all.
    pub upload_wait: Duration,
    /// How many sockets and event streams one source may hold.
    pub seats: SeatLimit,
    /// How many requests one source may send; none: as many as it likes.
    pub rate: Option<PerSecond>,
    pub socket: SocketSettings,
    pub events: EventSettings,
}

/// The settings of an event stream.
#[derive(Clone, Debug)]
pub struct EventSettings {
    /// How often a sign of life is sent.
    pub keep_alive: Duration,
    /// While the client takes nothing of what is sent.
    pub stall: Duration,
}

/// The settings of a WebSocket.
#[derive(Clone, Debug)]
pub struct SocketSettings {
    /// How many bytes a message may have.
    pub max_message: usize,
    /// How many operations may run at a time.
    pub max_streams: usize,
    /// How long a client may wait with `connection_init`.
    pub init_wait: Duration,
    /// How often a ping is sent.
    pub ping_interval: Duration,
    /// After how many pings without any frame the peer is taken for gone.
    pub silent_pings: u32,
}

impl HttpSettings {
    /// The usual limits, for a server that is reached at `origin`.
    pub fn new(origin: impl Into<String>, upload_dir: impl Into<PathBuf>) -> Self {
        let origin = origin.into();
        Self {
            https: origin.starts_with("https://"),
            origins: vec![origin],
            allowed_origins: Vec::new(),
            max_body: 1 << 20,
            max_upload: 64 << 20,
            uploads: UploadLimits::default(),
            upload_dir: upload_dir.into(),
            body_wait: Duration::from_secs(30),
            upload_wait: Duration::from_secs(600),
            seats: SeatLimit::usual(false),
            rate: None,
            socket: SocketSettings::default(),
            events: EventSettings::default(),
        }
    }
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(12),
            stall: Duration::from_secs(30),
        }
    }
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            max_message: 256 << 10,
            max_streams: 50,
            init_wait: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            silent_pings: 2,
        }
    }
}

#[cfg(test)]
mod tests;
