//! The settings as `--help` lists them.

use super::{google, metrics, nats, traces, twilio};

type Setting = (&'static str, &'static str);

/// The names and descriptions of all settings.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    let groups = [
        SETTINGS,
        nats::SETTINGS,
        google::SETTINGS,
        twilio::SETTINGS,
        metrics::SETTINGS,
        traces::SETTINGS,
    ];
    groups.into_iter().flatten()
}

pub(crate) fn text() -> String {
    let lines: Vec<String> = all()
        .map(|(name, description)| format!("  {name:<31} {description}"))
        .collect();
    format!("Settings (environment, or a file .env):\n{}", lines.join("\n"))
}

const SETTINGS: &[Setting] = &[
    (
        "DATABASE_URL",
        "PostgreSQL 15 or newer [a private one in the data directory]",
    ),
    (
        "DATABASE_READ_URL",
        "a standby of DATABASE_URL, for reports and exports; with half as many connections [none: all is read from DATABASE_URL]",
    ),
    (
        "VESTIBULE_DATABASE_CONNECTIONS",
        "size of the connection pool, 4 to 1000; a server opens up to 7 more [16]",
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
        "folder for the secret, kept messages and the private PostgreSQL [./data]",
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
        "VESTIBULE_BOUNCE_HOST",
        "mail server that takes the bounces of accounts' own domains [the domain of VESTIBULE_MAIL_FROM]",
    ),
    (
        "VESTIBULE_DNS_SERVER",
        "DNS server that is asked for the records of accounts' own domains, such as 192.0.2.53:53 [the system's]",
    ),
    (
        "VESTIBULE_ALLOW_PRIVATE_ADDRESSES",
        "true or false: whether logos may be fetched from private networks and without TLS [false]",
    ),
    (
        "VESTIBULE_SIGNING_KEYS",
        "PEM files of Ed25519 keys or folders of them, newest first, comma-separated; watched for changes [created and kept sealed in the database]",
    ),
    (
        "VESTIBULE_SECRET",
        "seals and derives stored secrets; 32 characters or more [created in the data directory]",
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
        "VESTIBULE_CONNECTIONS",
        "open connections of clients, WebSockets included; further ones get a 503 [20000]",
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
        "VESTIBULE_LOG_FORMAT",
        "text or json: how lines of the log are written [text]",
    ),
    (
        "RUST_LOG",
        "log filter, such as info,vestibule=debug; dependencies never log above info [info]",
    ),
];
