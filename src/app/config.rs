//! Settings, from the environment and `.env`. All errors are reported at once.
//!
//! To add a setting: a line in `help.rs`, a field of [`Config`], and its reading in [`Config::read`]. Its parser belongs to the
//! module of its kind.

mod addresses;
mod database;
mod google;
mod help;
mod mail;
mod metrics;
mod names;
mod nats;
mod reader;
#[cfg(test)]
mod tests;
mod traces;
mod twilio;

use std::net::SocketAddr;
use std::path::PathBuf;

use graphql_server::proxies::TrustedProxies;
use graphql_server::{RequestsPerSecond, SocketLimit};

use super::logging::LogFormat;
use crate::accounts::urls::Addresses;
use crate::live::bus::nats::NatsSettings;
use crate::sign_in::google::provider::GoogleSettings;
use crate::sign_in::password::hashing::Strength;
use mailer::SmtpUrl;

pub(crate) use help::text as help_text;
pub(crate) use metrics::MetricsSettings;
pub(crate) use names::unknown_setting_warnings;
pub use reader::ConfigErrors;
use reader::{Reader, flag, positive};
pub use traces::{Sampling, TraceSettings};
pub use twilio::TwilioSettings;

/// The default data directory.
pub(crate) const DATA_DIR: &str = "data";

pub struct Config {
    pub database_url: Option<String>,
    /// A standby of that database, for reports.
    pub database_read_url: Option<String>,
    pub database_connections: u16,
    /// None: instances reach each other through PostgreSQL.
    pub nats: Option<NatsSettings>,
    pub smtp_url: Option<SmtpUrl>,
    /// None: text messages are kept as files.
    pub twilio: Option<TwilioSettings>,
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub addresses: Addresses,
    pub mail_from: String,
    /// None: the domain of `mail_from`.
    pub bounce_host: Option<String>,
    /// None: the system's.
    pub dns_server: Option<SocketAddr>,
    /// Whether addresses that staff give may lead to private networks.
    pub private_addresses: bool,
    pub signing_keys: Vec<PathBuf>,
    pub secret: Option<String>,
    pub daily_messages: i64,
    pub introspection: bool,
    pub allowed_origins: Vec<String>,
    /// Open connections of clients, sockets included.
    pub connections: usize,
    pub sockets_per_source: SocketLimit,
    /// None: no limit.
    pub requests_per_second: Option<RequestsPerSecond>,
    pub trusted_proxies: TrustedProxies,
    pub google: Option<GoogleSettings>,
    pub metrics: MetricsSettings,
    /// None: no traces.
    pub traces: Option<TraceSettings>,
    /// Whether requests of trusted proxies continue the trace in their `traceparent`.
    pub trust_traceparent: bool,
    pub log_format: LogFormat,
    /// Not a setting: tests lower it.
    pub password_work: Strength,
    /// Whether the public URL comes from the settings, not from the default.
    public_url_configured: bool,
}

/// Prints no secrets.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field(
                "database",
                &if self.database_url.is_some() {
                    "given"
                } else {
                    "private"
                },
            )
            .field("database_connections", &self.database_connections)
            .field("bus", &if self.nats.is_some() { "NATS" } else { "PostgreSQL" })
            .field("mail", &if self.smtp_url.is_some() { "SMTP" } else { "files" })
            .field("sms", &if self.twilio.is_some() { "Twilio" } else { "files" })
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("addresses", &self.addresses)
            .field("mail_from", &self.mail_from)
            .field("daily_messages", &self.daily_messages)
            .field("introspection", &self.introspection)
            .finish_non_exhaustive()
    }
}

/// Settings from the command line, which override the environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub listen: Option<String>,
    pub data_dir: Option<PathBuf>,
}

impl Config {
    pub(crate) fn from_env(overrides: &Overrides) -> Result<Self, ConfigErrors> {
        Self::read(&|name| std::env::var(name).ok(), overrides)
    }

    pub fn read(get: &dyn Fn(&str) -> Option<String>, overrides: &Overrides) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(get);
        let listen = overrides
            .listen
            .clone()
            .or_else(|| reader.text("VESTIBULE_LISTEN"));
        let listen = reader
            .parse("VESTIBULE_LISTEN", listen, addresses::socket)
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8000)));
        let addresses = addresses::read(&mut reader, listen);
        let local = listen.ip().is_loopback() && addresses.local();
        let is_set = |name| reader.text(name).is_some();
        let public_url_configured =
            overrides.listen.is_some() || is_set("VESTIBULE_PUBLIC_URL") || is_set("VESTIBULE_LISTEN");
        let mail_from = reader.setting("VESTIBULE_MAIL_FROM", mail::address);
        let config = Self {
            database_url: reader.setting("DATABASE_URL", database::url),
            database_read_url: database::read_url(&mut reader),
            database_connections: reader
                .setting("VESTIBULE_DATABASE_CONNECTIONS", database::connections)
                .unwrap_or(16),
            nats: nats::read(&mut reader),
            smtp_url: reader.setting("SMTP_URL", mail::smtp_url),
            listen,
            data_dir: overrides
                .data_dir
                .clone()
                .or_else(|| reader.text("VESTIBULE_DATA_DIR").map(PathBuf::from))
                .unwrap_or(DATA_DIR.into()),
            mail_from: mail_from.unwrap_or_else(|| mail::default_sender(&addresses)),
            bounce_host: reader.setting("VESTIBULE_BOUNCE_HOST", mail::host),
            dns_server: reader.setting("VESTIBULE_DNS_SERVER", mail::dns_server),
            addresses,
            private_addresses: reader
                .setting("VESTIBULE_ALLOW_PRIVATE_ADDRESSES", flag)
                .unwrap_or_default(),
            signing_keys: reader
                .text("VESTIBULE_SIGNING_KEYS")
                .map(|list| list.split(',').map(|file| file.trim().into()).collect())
                .unwrap_or_default(),
            secret: reader.setting("VESTIBULE_SECRET", secret),
            daily_messages: reader
                .setting("VESTIBULE_DAILY_MESSAGES", positive)
                .unwrap_or(50_000),
            introspection: reader.setting("VESTIBULE_INTROSPECTION", flag).unwrap_or(local),
            allowed_origins: reader
                .setting("VESTIBULE_ALLOWED_ORIGINS", addresses::origins)
                .unwrap_or_default(),
            trusted_proxies: reader
                .setting("VESTIBULE_TRUSTED_PROXIES", str::parse)
                .unwrap_or_default(),
            connections: reader
                .setting("VESTIBULE_CONNECTIONS", positive)
                .and_then(|count| count.try_into().ok())
                .unwrap_or(20_000),
            sockets_per_source: reader
                .setting("VESTIBULE_SOCKETS_PER_SOURCE", positive)
                .and_then(|count| count.try_into().ok())
                .map_or(SocketLimit::default_for(local), SocketLimit),
            google: google::read(&mut reader),
            twilio: twilio::read(&mut reader),
            metrics: metrics::read(&mut reader),
            traces: traces::read(&mut reader),
            trust_traceparent: reader
                .setting("VESTIBULE_TRUST_TRACEPARENT", flag)
                .unwrap_or_default(),
            log_format: reader
                .setting("VESTIBULE_LOG_FORMAT", str::parse)
                .unwrap_or_default(),
            requests_per_second: reader
                .setting("VESTIBULE_REQUESTS_PER_SECOND", str::parse)
                .or_else(|| RequestsPerSecond::default_for(local)),
            password_work: Strength::DEFAULT,
            public_url_configured,
        };
        reader.finish(config)
    }
}

fn secret(text: &str) -> Result<String, String> {
    if text.chars().count() < 32 {
        return Err(
            "it is too short: 32 characters or more, such as `openssl rand -hex 32` gives".to_owned(),
        );
    }
    Ok(text.to_owned())
}
