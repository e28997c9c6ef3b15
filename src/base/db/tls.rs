//! Connections to PostgreSQL: over a Unix socket, or TCP, with TLS where the address asks for it or the server offers it.

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

use super::SESSION;
use super::sqlstate::Coded;

/// Until a connection can be used, its handshakes included.
const CONNECT: Duration = Duration::from_secs(3);

/// What was sent and not acknowledged for so long shows that the peer is gone.
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// A connection on which nothing happens is probed after so long, so often, and given up after so many probes.
const IDLE: Duration = Duration::from_secs(10);
const UNSET_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
const PROBE: Duration = Duration::from_secs(3);
const PROBES: u32 = 3;

/// Asks whether the server speaks TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Payloads of what others `NOTIFY`; ends with the connection.
pub(crate) type Notifications = BoxStream<'static, String>;

/// How a database is reached.
enum Way {
    /// The socket's files, one for each host.
    Unix(Config, Vec<PathBuf>),
    Tcp(Config, Negotiate),
}

impl Way {
    fn to(url: &str) -> Result<Self, Failure> {
        let mut config: Config = url.parse()?;
        let options = config
            .get_options()
            .map_or_else(|| SESSION.to_owned(), |own| format!("{SESSION} {own}"));
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
        let negotiate = Negotiate::of(&config)?;
        patience(&mut config);
        // Our own negotiation takes the place of the client's.
        config
            .ssl_mode(SslMode::Require)
            .ssl_negotiation(SslNegotiation::Direct);
        Ok(Self::Tcp(config, negotiate))
    }
}

fn patience(config: &mut Config) {
    // The client wants a name for TLS even where there is none.
    if config.get_hosts().is_empty() {
        for address in config.get_hostaddrs().to_vec() {
            config.host(address.to_string());
        }
    }
    // Of several hosts each gets its share.
    let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1).max(1);
    config.connect_timeout(CONNECT / hosts);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    if config.get_keepalives_idle() == UNSET_IDLE {
        config.keepalives_idle(IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(PROBE);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(PROBES);
    }
}

/// What is agreed on before PostgreSQL's own messages begin, as `sslmode` and `sslnegotiation` ask. Done here and not by the
/// client, so that every connection's messages go through [`Coded`].
#[derive(Clone)]
struct Negotiate {
    tls: Option<MakeRustlsConnect>,
    required: bool,
    direct: bool,
}

struct Negotiation {
    tls: Option<<MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect>,
    required: bool,
    direct: bool,
}

type Rustls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

impl Negotiate {
    fn of(config: &Config) -> Result<Self, Failure> {
        let mode = config.get_ssl_mode();
        Ok(Self {
            tls: (mode != SslMode::Disable).then(tls).transpose()?,
            required: mode == SslMode::Require,
            direct: config.get_ssl_negotiation() == SslNegotiation::Direct,
        })
    }
}

impl MakeTlsConnect<Socket> for Negotiate {
    type Stream = Coded<Either<Socket, Rustls>>;
    type TlsConnect = Negotiation;
    type Error = Failure;

    fn make_tls_connect(&mut self, host: &str) -> Result<Negotiation, Failure> {
        let tls = self.tls.as_mut();
        let tls = tls.map(|tls| MakeTlsConnect::<Socket>::make_tls_connect(tls, host));
        Ok(Negotiation {
            tls: tls.transpose()?,
            required: self.required,
            direct: self.direct,
        })
    }
}

impl TlsConnect<Socket> for Negotiation {
    type Stream = Coded<Either<Socket, Rustls>>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Stream, Failure>>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        let plain = |socket| Ok(Coded::new(Either::Left(socket)));
        async move {
            let Some(tls) = self.tls else {
                return plain(socket);
            };
            if !self.direct {
                socket.write_all(&SSL_REQUEST).await?;
                let mut answer = [0];
                socket.read_exact(&mut answer).await?;
                match (&answer, self.required) {
                    (b"S", _) => {}
                    (_, true) => return Err("the server does not speak TLS".into()),
                    (_, false) => return plain(socket),
                }
            }
            Ok(Coded::new(Either::Right(tls.connect(socket).await?)))
        }
        .boxed()
    }
}

impl TlsStream for Coded<Either<Socket, Rustls>> {
    fn channel_binding(&self) -> ChannelBinding {
        match self.stream() {
            Either::Left(_) => ChannelBinding::none(),
            Either::Right(stream) => stream.channel_binding(),
        }
    }
}

/// Made once: reading the machine's trust anchors takes long.
fn tls() -> Result<MakeRustlsConnect, Failure> {
    static MADE: OnceLock<MakeRustlsConnect> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MADE.get_or_init(|| MakeRustlsConnect::new(config)).clone())
}

async fn in_time<T>(connecting: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let connected = tokio::time::timeout(CONNECT, connecting).await;
    connected.unwrap_or_else(|_| Err("the database did not answer in time".into()))
}

async fn socket(files: &[PathBuf]) -> Result<UnixStream, Failure> {
    let mut failed = Err("no host is named".into());
    for file in files {
        match UnixStream::connect(file).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = Err(error.into()),
        }
    }
    failed
}

pub(crate) async fn connect(url: &str) -> Result<AsyncPgConnection, Failure> {
    in_time(async {
        match Way::to(url)? {
            Way::Unix(config, files) => {
                let stream = Coded::new(socket(&files).await?);
                let (client, driver) = config.connect_raw(stream, NoTls).await?;
                tokio::spawn(driver);
                Ok(AsyncPgConnection::try_from(client).await?)
            }
            Way::Tcp(config, negotiate) => {
                let (client, driver) = config.connect(negotiate).await?;
                Ok(AsyncPgConnection::try_from_client_and_connection(client, driver).await?)
            }
        }
    })
    .await
}

/// Cancels what the connection of the token is doing.
pub(crate) async fn cancel(url: &str, token: &CancelToken) -> Result<(), Failure> {
    in_time(async {
        match Way::to(url)? {
            Way::Unix(_, files) => Ok(token.cancel_query_raw(socket(&files).await?, NoTls).await?),
            Way::Tcp(_, negotiate) => Ok(token.cancel_query(negotiate).await?),
        }
    })
    .await
}

/// A client that is not diesel's, and its driver, which ends with the connection.
pub(crate) async fn connect_listening(url: &str) -> Result<(Client, Notifications), Failure> {
    in_time(async {
        match Way::to(url)? {
            Way::Unix(config, files) => {
                let stream = Coded::new(socket(&files).await?);
                let (client, driver) = config.connect_raw(stream, NoTls).await?;
                Ok((client, notifications(driver)))
            }
            Way::Tcp(config, negotiate) => {
                let (client, driver) = config.connect(negotiate).await?;
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
