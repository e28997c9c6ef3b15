//! Opening connections to PostgreSQL: over a Unix socket, or over TCP, with TLS if the URL requires it or the server offers it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::either::Either;

use super::SESSION_OPTIONS;
use super::sqlstate::SqlstateStream;

/// Until a connection can be used, including its handshakes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// If sent data is not acknowledged for this long, the peer is gone.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// An idle connection is probed after this time, at this interval, and closed after this many failed probes.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
/// The driver's default, which stands for "not set".
const DEFAULT_KEEPALIVE_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
const KEEPALIVE_RETRIES: u32 = 3;

/// The message that requests TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The payloads of `NOTIFY`; the stream ends with the connection.
pub(crate) type Notifications = BoxStream<'static, String>;

/// How a database is reached.
enum Transport {
    /// With the paths of the sockets, one for each host.
    Unix(Config, Vec<PathBuf>),
    Tcp(Config, TlsNegotiator),
}

impl Transport {
    fn parse(url: &str) -> Result<Self, BoxError> {
        let mut config: Config = url.parse()?;
        let options = config.get_options().map_or_else(
            || SESSION_OPTIONS.to_owned(),
            |own| format!("{SESSION_OPTIONS} {own}"),
        );
        config.options(options);
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let files = config.get_hosts().iter().filter_map(|host| match host {
            Host::Unix(folder) => Some(folder.join(format!(".s.PGSQL.{port}"))),
            Host::Tcp(_) => None,
        });
        let files: Vec<_> = files.collect();
        if !files.is_empty() && files.len() == config.get_hosts().len() {
            config.ssl_mode(SslMode::Disable);
            return Ok(Self::Unix(config, files));
        }
        set_timeouts(&mut config);
        let negotiator = TlsNegotiator::new(&config)?;
        // Our negotiation replaces the driver's.
        config
            .ssl_mode(SslMode::Require)
            .ssl_negotiation(SslNegotiation::Direct);
        Ok(Self::Tcp(config, negotiator))
    }
}

fn set_timeouts(config: &mut Config) {
    // The driver requires a host name for TLS, even if only addresses are configured.
    if config.get_hosts().is_empty() {
        for address in config.get_hostaddrs().to_vec() {
            config.host(address.to_string());
        }
    }
    // Several hosts share the timeout.
    let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1).max(1);
    config.connect_timeout(CONNECT_TIMEOUT / hosts);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if config.get_keepalives_idle() == DEFAULT_KEEPALIVE_IDLE {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
}

/// Negotiates TLS as `sslmode` and `sslnegotiation` require, before the first message of PostgreSQL's protocol. The driver does
/// not do it, so that every connection's messages pass through a [`SqlstateStream`].
#[derive(Clone)]
struct TlsNegotiator {
    tls: Option<MakeRustlsConnect>,
    required: bool,
    direct: bool,
    timeout: Duration,
}

struct Negotiation {
    tls: Option<<MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect>,
    required: bool,
    direct: bool,
    timeout: Duration,
}

type Rustls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

impl TlsNegotiator {
    fn new(config: &Config) -> Result<Self, BoxError> {
        let mode = config.get_ssl_mode();
        Ok(Self {
            tls: (mode != SslMode::Disable).then(tls_connector).transpose()?,
            required: mode == SslMode::Require,
            direct: config.get_ssl_negotiation() == SslNegotiation::Direct,
            timeout: config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT),
        })
    }
}

impl MakeTlsConnect<Socket> for TlsNegotiator {
    type Stream = SqlstateStream<Either<Socket, Rustls>>;
    type TlsConnect = Negotiation;
    type Error = BoxError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Negotiation, BoxError> {
        let tls = self.tls.as_mut();
        let tls = tls.map(|tls| MakeTlsConnect::<Socket>::make_tls_connect(tls, host));
        Ok(Negotiation {
            tls: tls.transpose()?,
            required: self.required,
            direct: self.direct,
            timeout: self.timeout,
        })
    }
}

impl Negotiation {
    async fn run(self, mut socket: Socket) -> Result<SqlstateStream<Either<Socket, Rustls>>, BoxError> {
        let plain = |socket| Ok(SqlstateStream::new(Either::Left(socket)));
        let Some(tls) = self.tls else {
            return plain(socket);
        };
        if !self.direct {
            socket.write_all(&SSL_REQUEST).await?;
            let mut response = [0];
            socket.read_exact(&mut response).await?;
            match (&response, self.required) {
                (b"S", _) => {}
                (_, true) => return Err("the server does not speak TLS".into()),
                (_, false) => return plain(socket),
            }
        }
        Ok(SqlstateStream::new(Either::Right(tls.connect(socket).await?)))
    }
}

impl TlsConnect<Socket> for Negotiation {
    type Stream = SqlstateStream<Either<Socket, Rustls>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Stream, BoxError>>;

    /// A host that accepts the connection and then hangs gives way to the next one.
    fn connect(self, socket: Socket) -> Self::Future {
        let timeout = self.timeout;
        async move { tokio::time::timeout(timeout, self.run(socket)).await? }.boxed()
    }
}

impl TlsStream for SqlstateStream<Either<Socket, Rustls>> {
    fn channel_binding(&self) -> ChannelBinding {
        match self.stream() {
            Either::Left(_) => ChannelBinding::none(),
            Either::Right(stream) => stream.channel_binding(),
        }
    }
}

/// Created once: reading the system's trust anchors is slow.
fn tls_connector() -> Result<MakeRustlsConnect, BoxError> {
    static CONNECTOR: OnceLock<MakeRustlsConnect> = OnceLock::new();
    if let Some(connector) = CONNECTOR.get() {
        return Ok(connector.clone());
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(CONNECTOR.get_or_init(|| MakeRustlsConnect::new(config)).clone())
}

async fn with_timeout<T>(connecting: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
    connected.unwrap_or_else(|_| Err("the database did not answer in time".into()))
}

async fn connect_unix(files: &[PathBuf]) -> Result<UnixStream, BoxError> {
    let mut result = Err("no host is named".into());
    for file in files {
        match UnixStream::connect(file).await {
            Ok(stream) => return Ok(stream),
            Err(error) => result = Err(error.into()),
        }
    }
    result
}

pub(crate) async fn connect(url: &str) -> Result<AsyncPgConnection, BoxError> {
    with_timeout(async {
        match Transport::parse(url)? {
            Transport::Unix(config, files) => {
                let stream = SqlstateStream::new(connect_unix(&files).await?);
                let (client, driver) = config.connect_raw(stream, NoTls).await?;
                tokio::spawn(driver);
                Ok(AsyncPgConnection::try_from(client).await?)
            }
            Transport::Tcp(config, negotiator) => {
                let (client, driver) = config.connect(negotiator).await?;
                Ok(AsyncPgConnection::try_from_client_and_connection(client, driver).await?)
            }
        }
    })
    .await
}

/// Cancels the running statement of the token's connection.
pub(crate) async fn cancel(url: &str, token: &CancelToken) -> Result<(), BoxError> {
    with_timeout(async {
        match Transport::parse(url)? {
            Transport::Unix(_, files) => {
                Ok(token.cancel_query_raw(connect_unix(&files).await?, NoTls).await?)
            }
            Transport::Tcp(_, negotiator) => Ok(token.cancel_query(negotiator).await?),
        }
    })
    .await
}

/// A connection without diesel, and its notifications. The stream drives the connection: it must be polled.
pub(crate) async fn connect_listener(url: &str) -> Result<(Client, Notifications), BoxError> {
    with_timeout(async {
        match Transport::parse(url)? {
            Transport::Unix(config, files) => {
                let stream = SqlstateStream::new(connect_unix(&files).await?);
                let (client, driver) = config.connect_raw(stream, NoTls).await?;
                Ok((client, notifications(driver)))
            }
            Transport::Tcp(config, negotiator) => {
                let (client, driver) = config.connect(negotiator).await?;
                Ok((client, notifications(driver)))
            }
        }
    })
    .await
}

fn notifications<S, T>(mut driver: Connection<S, T>) -> Notifications
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    stream::poll_fn(move |cx| driver.poll_message(cx))
        .take_while(|message| std::future::ready(message.is_ok()))
        .filter_map(|message| async move {
            match message {
                Ok(AsyncMessage::Notification(note)) => Some(note.payload().to_owned()),
                _ => None,
            }
        })
        .boxed()
}
