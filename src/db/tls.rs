//! Connections to PostgreSQL, over TLS where the address asks for it (`sslmode=require`).

use std::sync::Arc;

use diesel_async::AsyncPgConnection;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, CancelToken, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::SESSION;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Payloads of what others `NOTIFY`; ends with the connection.
pub type Notifications = BoxStream<'static, String>;

fn config(url: &str) -> Result<Config, Failure> {
    let mut config: Config = url.parse()?;
    let options = config
        .get_options()
        .map_or_else(|| SESSION.to_owned(), |own| format!("{SESSION} {own}"));
    config
        .options(options)
        .connect_timeout(std::time::Duration::from_secs(3));
    Ok(config)
}

fn wants_tls(config: &Config) -> bool {
    let socket = config
        .get_hosts()
        .iter()
        .all(|host| matches!(host, tokio_postgres::config::Host::Unix(_)));
    config.get_ssl_mode() != SslMode::Disable && !socket
}

fn tls() -> Result<MakeRustlsConnect, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

pub async fn connect(url: &str) -> Result<AsyncPgConnection, Failure> {
    let config = config(url)?;
    if wants_tls(&config) {
        let (client, driver) = config.connect(tls()?).await?;
        Ok(AsyncPgConnection::try_from_client_and_connection(client, driver).await?)
    } else {
        let (client, driver) = config.connect(NoTls).await?;
        Ok(AsyncPgConnection::try_from_client_and_connection(client, driver).await?)
    }
}

/// Cancels what the connection of the token is doing.
pub async fn cancel(url: &str, token: &CancelToken) -> Result<(), Failure> {
    if wants_tls(&config(url)?) {
        Ok(token.cancel_query(tls()?).await?)
    } else {
        Ok(token.cancel_query(NoTls).await?)
    }
}

pub async fn connect_listening(url: &str) -> Result<(tokio_postgres::Client, Notifications), Failure> {
    let config = config(url)?;
    if wants_tls(&config) {
        let (client, driver) = config.connect(tls()?).await?;
        Ok((client, notifications(driver)))
    } else {
        let (client, driver) = config.connect(NoTls).await?;
        Ok((client, notifications(driver)))
    }
}

fn notifications<S>(mut driver: tokio_postgres::Connection<tokio_postgres::Socket, S>) -> Notifications
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
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
