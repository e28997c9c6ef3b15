//! The settings of the transports.

use std::path::PathBuf;
use std::time::Duration;

use crate::deadline;
use crate::rate_limit::RateLimit;
use crate::socket_limit::SocketLimit;
use crate::upload_limit::UploadLimits;

/// The settings of a [`Gateway`](crate::Gateway).
#[derive(Clone)]
pub struct GatewaySettings {
    /// A form needs one of these headers, which a page of another origin can't send without a preflight request.
    pub preflight_headers: &'static [&'static str],
    /// Maximum bytes of a JSON body.
    pub max_body: usize,
    /// Maximum bytes of an uploaded file.
    pub max_upload: u64,
    /// Maximum number of uploads in flight.
    pub uploads: UploadLimits,
    /// Directory of uploaded files while their request runs.
    pub upload_dir: PathBuf,
    /// Time limit for a JSON body, and for each read of an upload.
    pub body_timeout: Duration,
    /// Time limit for a whole upload.
    pub upload_timeout: Duration,
    /// How long an operation waits for its backend; see [`deadline`].
    pub request_deadline: Duration,
    /// The same for an operation with a file.
    pub upload_deadline: Duration,
    /// Maximum number of sockets and event streams per source.
    pub socket_limit: SocketLimit,
    /// Maximum rate of requests per source; `None` is unlimited.
    pub rate_limit: Option<RateLimit>,
    pub websocket: WebSocketSettings,
    pub event_stream: EventStreamSettings,
}

/// The settings of an event stream.
#[derive(Clone, Debug)]
pub struct EventStreamSettings {
    /// How often a comment is sent, so that proxies keep the connection open.
    pub keep_alive: Duration,
    /// How long the client may accept no events.
    pub stall: Duration,
}

/// The settings of a WebSocket.
#[derive(Clone, Debug)]
pub struct WebSocketSettings {
    /// Maximum bytes of a message.
    pub max_message: usize,
    /// Maximum number of concurrent operations.
    pub max_streams: usize,
    /// Time limit for `connection_init`.
    pub init_timeout: Duration,
    /// How often a ping is sent.
    pub ping_interval: Duration,
    /// After how many pings without any frame the peer is disconnected.
    pub max_unanswered_pings: u32,
}

impl GatewaySettings {
    /// The default limits. Uploaded files are stored in `upload_dir` while their request runs.
    pub fn new(upload_dir: impl Into<PathBuf>) -> Self {
        Self {
            preflight_headers: &["Apollo-Require-Preflight"],
            max_body: 2 << 20,
            max_upload: 64 << 20,
            uploads: UploadLimits::default(),
            upload_dir: upload_dir.into(),
            body_timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_secs(600),
            request_deadline: deadline::REQUEST,
            upload_deadline: deadline::UPLOAD,
            socket_limit: SocketLimit::default_for(false),
            rate_limit: None,
            websocket: WebSocketSettings::default(),
            event_stream: EventStreamSettings::default(),
        }
    }
}

impl Default for EventStreamSettings {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(12),
            stall: Duration::from_secs(30),
        }
    }
}

impl Default for WebSocketSettings {
    fn default() -> Self {
        Self {
            max_message: 256 << 10,
            max_streams: 50,
            init_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            max_unanswered_pings: 2,
        }
    }
}
