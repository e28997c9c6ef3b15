//! Settings, from the environment and `.env`. All faults are reported at once.
//!
//! A new setting: a line in [`SETTINGS`], a field here, its reading in [`Config::read`].

mod google;
mod metrics;
mod names;

use std::net::SocketAddr;
use std::path::PathBuf;

use graphql_server::proxies::{ProxySettings, TrustedProxies, is_private};
use graphql_server::{RequestsPerSecond, SocketLimit};
use url::Url;

use crate::accounts::urls::{Addresses, PortalTemplate};
use crate::base::address::EmailAddress;
use crate::sign_in::google::provider::GoogleSettings;
use crate::sign_in::password::hashing::Strength;
use mailer::{SmtpUrl, SmtpUrlError};

pub(crate) use google::SETTINGS as GOOGLE_SETTINGS;
pub(crate) use metrics::{MetricsSettings, SETTINGS as METRICS_SETTINGS};
pub(crate) use names::unknown;

/// The default data folder.
pub(crate) const DATA_DIR: &str = "data";

/// The names and descriptions that `--help` shows.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    (
        "DATABASE_URL",
        "PostgreSQL 15 or newer [a private one in the data folder]",
    ),
    (
        "VESTIBULE_DATABASE_CONNECTIONS",
        "size of the connection pool, 4 to 1000; a server opens up to 4 more [16]",
    ),
    (
        "SMTP_URL",
        "smtp://user:password@host:587 or smtps://… [emails are kept as .eml files in DATA_DIR/mail]",
    ),
    (
        "VESTIBULE_LISTEN",
        "address and port to listen on [127.0.0.1:8000]",
    ),
    (
        "VESTIBULE_DATA_DIR",
        "folder for the secret, kept emails and the private PostgreSQL [./data]",
    ),
    (
        "VESTIBULE_PUBLIC_URL",
        "where clients reach this server [http://localhost:<port>]",
    ),
    (
        "VESTIBULE_PORTAL_URL",
        "template of a portal's address, with {slug} once [<public url>/p/{slug}]",
    ),
    (
        "VESTIBULE_MAIL_FROM",
        "sender for accounts without a domain of their own [portal@<host of the public url>]",
    ),
    (
        "VESTIBULE_SIGNING_KEYS",
        "PEM files of Ed25519 keys or folders of them, newest first, comma-separated; watched for changes [created and kept sealed in the database]",
    ),
    (
        "VESTIBULE_SECRET",
        "seals and derives stored secrets; 32 characters or more [created in the data folder]",
    ),
    (
        "VESTIBULE_DAILY_MESSAGES",
        "messages an account may send in a UTC day [50000]",
    ),
    (
        "VESTIBULE_ALLOWED_ORIGINS",
        "origins whose pages may call /graphql with tokens, such as https://app.example, comma-separated [none]",
    ),
    (
        "VESTIBULE_TRUSTED_PROXIES",
        "proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8, comma-separated [none]",
    ),
    (
        "VESTIBULE_SOCKETS_PER_SOURCE",
        "WebSockets and event streams that one IPv4 address or IPv6 /64 may hold open [200; 20000 for a local server: loopback address and local public URL]",
    ),
    (
        "VESTIBULE_REQUESTS_PER_SECOND",
        "requests, socket operations and pages per second of one IPv4 address or IPv6 /64; bursts of twice as many [200; unlimited for a local server]",
    ),
    (
        "VESTIBULE_INTROSPECTION",
        "true or false: whether clients may query the schema [true for a local server, else false]",
    ),
    (
        "RUST_LOG",
        "log filter, such as info,vestibule=debug; dependencies never log above info [info]",
    ),
];

pub struct Config {
    pub database_url: Option<String>,
    pub database_connections: u16,
    pub smtp_url: Option<SmtpUrl>,
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub addresses: Addresses,
    pub mail_from: String,
    pub signing_keys: Vec<PathBuf>,
    pub secret: Option<String>,
    pub daily_messages: i64,
    pub introspection: bool,
    pub allowed_origins: Vec<String>,
    pub sockets_per_source: SocketLimit,
    /// None: no limit.
    pub requests_per_second: Option<RequestsPerSecond>,
    pub trusted_proxies: TrustedProxies,
    pub google: Option<GoogleSettings>,
    pub metrics: MetricsSettings,
    /// Not a setting: tests make it light.
    pub password_work: Strength,
    /// Whether the public URL comes from the settings, not from the default.
    public_url_configured: bool,
}

/// Nothing that is secret is printed.
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
            .field("mail", &if self.smtp_url.is_some() { "SMTP" } else { "files" })
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("addresses", &self.addresses)
            .field("mail_from", &self.mail_from)
            .field("daily_messages", &self.daily_messages)
            .field("introspection", &self.introspection)
            .finish_non_exhaustive()
    }
}

/// Every wrong setting, with the accepted format.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<String>);

/// Settings from the command line, which override the environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub listen: Option<String>,
    pub data_dir: Option<PathBuf>,
}

struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn fault(&mut self, words: &str) {
        self.faults.push(words.to_owned());
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(&text?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.faults.push(format!("{name}: {fault}"));
                None
            }
        }
    }

    fn setting<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(name);
        self.parsed(name, text, parse)
    }
}

impl Config {
    pub(crate) fn from_env(overrides: &Overrides) -> Result<Self, Faults> {
        Self::read(&|name| std::env::var(name).ok(), overrides)
    }

    pub fn read(get: &dyn Fn(&str) -> Option<String>, overrides: &Overrides) -> Result<Self, Faults> {
        let mut reader = Reader {
            get,
            faults: Vec::new(),
        };
        let listen = overrides
            .listen
            .clone()
            .or_else(|| reader.text("VESTIBULE_LISTEN"));
        let listen = reader
            .parsed("VESTIBULE_LISTEN", listen, socket)
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8000)));
        let addresses = addresses(&mut reader, listen);
        let local = listen.ip().is_loopback() && addresses.local();
        let said = |name| reader.text(name).is_some();
        let public_url_configured =
            overrides.listen.is_some() || said("VESTIBULE_PUBLIC_URL") || said("VESTIBULE_LISTEN");
        let mail_from = reader.setting("VESTIBULE_MAIL_FROM", mail_address);
        let config = Self {
            database_url: reader.setting("DATABASE_URL", database),
            database_connections: reader
                .setting("VESTIBULE_DATABASE_CONNECTIONS", connections)
                .unwrap_or(16),
            smtp_url: reader.setting("SMTP_URL", smtp),
            listen,
            data_dir: overrides
                .data_dir
                .clone()
                .or_else(|| reader.text("VESTIBULE_DATA_DIR").map(PathBuf::from))
                .unwrap_or(DATA_DIR.into()),
            mail_from: mail_from.unwrap_or_else(|| default_sender(&addresses)),
            addresses,
            signing_keys: reader
                .text("VESTIBULE_SIGNING_KEYS")
                .map(|list| list.split(',').map(|file| file.trim().into()).collect())
                .unwrap_or_default(),
            secret: reader.setting("VESTIBULE_SECRET", secret),
            daily_messages: reader
                .setting("VESTIBULE_DAILY_MESSAGES", count)
                .unwrap_or(50_000),
            introspection: reader.setting("VESTIBULE_INTROSPECTION", flag).unwrap_or(local),
            allowed_origins: reader
                .setting("VESTIBULE_ALLOWED_ORIGINS", origins)
                .unwrap_or_default(),
            trusted_proxies: reader
                .setting("VESTIBULE_TRUSTED_PROXIES", str::parse)
                .unwrap_or_default(),
            sockets_per_source: reader
                .setting("VESTIBULE_SOCKETS_PER_SOURCE", count)
                .and_then(|most| most.try_into().ok())
                .map_or(SocketLimit::default_for(local), SocketLimit),
            google: google::read(&mut reader),
            metrics: metrics::read(&mut reader),
            requests_per_second: reader
                .setting("VESTIBULE_REQUESTS_PER_SECOND", str::parse)
                .or_else(|| RequestsPerSecond::default_for(local)),
            password_work: Strength::DEFAULT,
            public_url_configured,
        };
        if reader.faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(reader.faults))
        }
    }
}

impl Config {
    /// Whether only this machine reaches the server, by its address and by its public URL.
    pub(crate) fn local(&self) -> bool {
        self.listen.ip().is_loopback() && self.addresses.local()
    }

    pub(crate) fn peers(&self) -> ProxySettings {
        ProxySettings {
            trusted: self.trusted_proxies.clone(),
            public: !self.addresses.local(),
        }
    }

    /// The fault if clients must come through a proxy that the settings don't declare.
    pub(crate) fn undeclared_proxy(&self) -> Option<String> {
        let (ip, proxies) = (self.listen.ip(), &self.trusted_proxies);
        let declared = if ip.is_loopback() {
            proxies.contains(ip)
        } else {
            !proxies.is_empty()
        };
        (is_private(ip) && !self.addresses.local() && !declared).then(|| {
            format!(
                "clients reach {} through an undeclared proxy, at {ip} or in its network, so limits per client are off",
                self.addresses.public
            )
        })
    }

    /// Uses the public URL that the server of this data folder has stored, unless the settings have one: a command beside
    /// `serve --listen …` then prints addresses that work.
    pub(crate) fn adopt_public_url(&mut self, public: &str) {
        let template = PortalTemplate::under(&self.addresses.public);
        if !self.public_url_configured && Url::parse(public).is_ok() {
            if self.addresses.portal == template {
                self.addresses.portal = PortalTemplate::under(public);
            }
            self.addresses.public = public.to_owned();
        }
    }
}

fn addresses(reader: &mut Reader<'_>, listen: SocketAddr) -> Addresses {
    let host = if listen.ip().is_loopback() || listen.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        listen.ip().to_string()
    };
    let public = reader
        .setting("VESTIBULE_PUBLIC_URL", origin)
        .unwrap_or_else(|| format!("http://{host}:{}", listen.port()));
    let portal = reader.setting("VESTIBULE_PORTAL_URL", |text| {
        PortalTemplate::parse(text).map_err(|e| e.to_string())
    });
    Addresses {
        portal: portal.unwrap_or_else(|| PortalTemplate::under(&public)),
        public,
    }
}

fn default_sender(addresses: &Addresses) -> String {
    let host = Url::parse(&addresses.public)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    // Mail needs a domain with a dot; a server on localhost keeps its mails in files.
    if host.contains('.') && host.parse::<std::net::IpAddr>().is_err() {
        format!("portal@{host}")
    } else {
        "portal@vestibule.localhost".to_owned()
    }
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.replace("localhost", "127.0.0.1")
        .parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:8000".to_owned())
}

fn origin(text: &str) -> Result<String, String> {
    let wrong = || "write an address such as https://vestibule.example, without a path".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !bare || url.host().is_none() {
        return Err(wrong());
    }
    Ok(url.origin().ascii_serialization())
}

fn origins(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(|one| origin(one.trim())).collect()
}

fn database(text: &str) -> Result<String, String> {
    match text.parse::<tokio_postgres::Config>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) if ["allow", "verify-ca", "verify-full"].iter().any(|mode| text.contains(&format!("sslmode={mode}"))) => {
            Err("sslmode must be disable, prefer or require; require also verifies the server's certificate and its name".to_owned())
        }
        Err(_) => Err("write postgres://user:password@host:5432/name".to_owned()),
    }
}

fn connections(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|count| (4..=1_000).contains(count))
        .ok_or_else(|| "write a whole number from 4 to 1000".to_owned())
}

fn smtp(text: &str) -> Result<SmtpUrl, String> {
    text.parse().map_err(|fault: SmtpUrlError| fault.to_string())
}

fn mail_address(text: &str) -> Result<String, String> {
    EmailAddress::parse(text)
        .map(|address| address.text)
        .map_err(|fault| fault.to_string())
}

fn secret(text: &str) -> Result<String, String> {
    if text.chars().count() < 32 {
        return Err(
            "it is too short: 32 characters or more, such as `openssl rand -hex 32` gives".to_owned(),
        );
    }
    Ok(text.to_owned())
}

fn count(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "write a whole number above 0".to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, Faults> {
        let get = |name: &str| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::read(&get, &Overrides::default())
    }

    #[test]
    fn without_settings_everything_is_local() {
        let config = read(&[]).expect("the defaults are good");
        assert_eq!(config.addresses.public, "http://localhost:8000");
        assert_eq!(config.addresses.portal("acme"), "http://localhost:8000/p/acme");
        assert!(config.introspection);
        assert_eq!(config.requests_per_second, None);
        assert_eq!(config.sockets_per_source, SocketLimit(20_000));
    }

    #[test]
    fn defaults_follow_the_public_url() {
        let of = |listen, public| {
            let config = read(&[("VESTIBULE_LISTEN", listen), ("VESTIBULE_PUBLIC_URL", public)]);
            let config = config.expect("it is right");
            let limits = (config.requests_per_second.is_some(), config.sockets_per_source.0);
            (config.introspection, limits)
        };
        let (open, closed) = ((true, (false, 20_000)), (false, (true, 200)));
        for public in [
            "http://localhost:8000",
            "http://127.0.0.1",
            "http://[::1]:8000",
            "http://app.localhost",
        ] {
            assert_eq!(of("127.0.0.1:8000", public), open, "{public}");
            assert_eq!(of("0.0.0.0:8000", public), closed, "{public}");
        }
        for public in [
            "https://app.example",
            "http://192.168.1.2",
            "https://localhost.example",
        ] {
            assert_eq!(of("127.0.0.1:8000", public), closed, "{public}");
        }
    }

    #[test]
    fn a_proxy_that_must_be_there_and_is_not_declared_is_named() {
        let of = |listen, public, proxies| {
            let settings = [
                ("VESTIBULE_LISTEN", listen),
                ("VESTIBULE_PUBLIC_URL", public),
                ("VESTIBULE_TRUSTED_PROXIES", proxies),
            ];
            read(&settings).expect("it is right").undeclared_proxy().is_some()
        };
        let public = "https://app.example";
        assert!(of("127.0.0.1:80", public, ""));
        assert!(of("10.0.0.1:80", public, ""));
        assert!(of("127.0.0.1:80", public, "10.0.0.0/8"));
        assert!(!of("127.0.0.1:80", public, "127.0.0.1"));
        assert!(!of("10.0.0.1:80", public, "10.0.0.0/8"));
        assert!(!of("127.0.0.1:80", "http://localhost", ""));
        assert!(!of("203.0.113.1:80", public, ""));
    }

    #[test]
    fn requests_are_limited_unless_only_this_machine_can_send_them() {
        let of = |settings: &[(&str, &str)]| read(settings).expect("it is right").requests_per_second;
        let (listen, said) = ("VESTIBULE_LISTEN", "VESTIBULE_REQUESTS_PER_SECOND");
        assert_eq!(of(&[(listen, "0.0.0.0:80")]), "200".parse().ok());
        assert_eq!(of(&[(listen, "0.0.0.0:80"), (said, "7")]), "7".parse().ok());
        assert_eq!(of(&[(listen, "[::1]:80")]), None);
        assert_eq!(of(&[(said, "7")]), "7".parse().ok());
    }

    #[test]
    fn all_wrong_settings_are_reported_at_once_without_their_values() {
        let faults = read(&[
            ("DATABASE_URL", "mysql://root:hunter2@db"),
            ("VESTIBULE_DATABASE_CONNECTIONS", "3"),
            ("SMTP_URL", "http://hunter2@mail"),
            ("VESTIBULE_LISTEN", "here"),
            ("VESTIBULE_PUBLIC_URL", "https://vestibule.example/path"),
            ("VESTIBULE_PORTAL_URL", "https://portal.example"),
            ("VESTIBULE_MAIL_FROM", "nobody"),
            ("VESTIBULE_SECRET", "hunter2"),
            ("VESTIBULE_DAILY_MESSAGES", "-1"),
            ("VESTIBULE_INTROSPECTION", "perhaps"),
            ("VESTIBULE_ALLOWED_ORIGINS", "https://app.example, *"),
            ("VESTIBULE_SOCKETS_PER_SOURCE", "none"),
            ("VESTIBULE_REQUESTS_PER_SECOND", "0"),
            ("VESTIBULE_TRUSTED_PROXIES", "everybody"),
            ("VESTIBULE_METRICS_TOKEN", "hunter2"),
            ("VESTIBULE_METRICS_LISTEN", "hunter2"),
        ])
        .expect_err("all are wrong");
        let text = faults.to_string();
        assert_eq!(faults.0.len(), 16, "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn an_sslmode_that_is_not_supported_names_those_that_are() {
        for mode in ["allow", "verify-ca", "verify-full"] {
            let url = format!("postgres://root:hunter2@db/vestibule?sslmode={mode}");
            let text = read(&[("DATABASE_URL", &url)]).expect_err("refused").to_string();
            assert!(text.contains("disable, prefer or require"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert!(read(&[("DATABASE_URL", "postgres://db/vestibule?sslmode=require")]).is_ok());
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        let said = "https://App.Example:443/, http://localhost:5173";
        let config = read(&[("VESTIBULE_ALLOWED_ORIGINS", said)]).expect("both are right");
        assert_eq!(
            config.allowed_origins,
            ["https://app.example", "http://localhost:5173"]
        );
    }

    #[test]
    fn printing_the_settings_shows_no_secret() {
        let config = read(&[
            ("DATABASE_URL", "postgres://root:hunter2@db/vestibule"),
            ("SMTP_URL", "smtps://user:hunter2@mail.example"),
            ("VESTIBULE_SECRET", "hunter2hunter2hunter2hunter2hunter2"),
            ("VESTIBULE_METRICS_TOKEN", "hunter2hunter2hunter2"),
        ])
        .expect("all are right");
        let printed = format!("{config:?}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
