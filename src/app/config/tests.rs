use graphql_server::SocketLimit;

use super::{Config, ConfigErrors, Overrides};

fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let get = |name: &str| {
        settings
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Config::read(&get, &Overrides::default())
}

#[test]
fn the_defaults_are_local() {
    let config = read(&[]).expect("valid defaults");
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
        let config = config.expect("valid settings");
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
fn an_undeclared_proxy_is_detected() {
    let of = |listen, public, proxies| {
        let settings = [
            ("VESTIBULE_LISTEN", listen),
            ("VESTIBULE_PUBLIC_URL", public),
            ("VESTIBULE_TRUSTED_PROXIES", proxies),
        ];
        read(&settings)
            .expect("valid settings")
            .undeclared_proxy()
            .is_some()
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
fn requests_are_limited_unless_the_server_is_local() {
    let of = |settings: &[(&str, &str)]| read(settings).expect("valid settings").requests_per_second;
    let (listen, limit) = ("VESTIBULE_LISTEN", "VESTIBULE_REQUESTS_PER_SECOND");
    assert_eq!(of(&[(listen, "0.0.0.0:80")]), "200".parse().ok());
    assert_eq!(of(&[(listen, "0.0.0.0:80"), (limit, "7")]), "7".parse().ok());
    assert_eq!(of(&[(listen, "[::1]:80")]), None);
    assert_eq!(of(&[(limit, "7")]), "7".parse().ok());
}

#[test]
fn all_invalid_settings_are_reported_at_once_without_their_values() {
    let errors = read(&[
        ("DATABASE_URL", "mysql://root:hunter2@db"),
        ("DATABASE_READ_URL", "hunter2"),
        ("VESTIBULE_DATABASE_CONNECTIONS", "3"),
        ("NATS_URL", "http://hunter2@nats"),
        ("SMTP_URL", "http://hunter2@mail"),
        ("VESTIBULE_LISTEN", "here"),
        ("VESTIBULE_PUBLIC_URL", "https://vestibule.example/path"),
        ("VESTIBULE_PORTAL_URL", "https://portal.example"),
        ("VESTIBULE_MAIL_FROM", "nobody"),
        ("VESTIBULE_SECRET", "hunter2"),
        ("VESTIBULE_DAILY_MESSAGES", "-1"),
        ("VESTIBULE_INTROSPECTION", "perhaps"),
        ("VESTIBULE_ALLOWED_ORIGINS", "https://app.example, *"),
        ("VESTIBULE_CONNECTIONS", "0"),
        ("VESTIBULE_SOCKETS_PER_SOURCE", "none"),
        ("VESTIBULE_REQUESTS_PER_SECOND", "0"),
        ("VESTIBULE_TRUSTED_PROXIES", "everybody"),
        ("VESTIBULE_METRICS_TOKEN", "hunter2"),
        ("VESTIBULE_METRICS_LISTEN", "hunter2"),
    ])
    .expect_err("all are wrong");
    let text = errors.to_string();
    assert_eq!(errors.0.len(), 19, "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn an_unsupported_sslmode_is_refused_with_the_supported_ones() {
    for mode in ["allow", "verify-ca", "verify-full"] {
        let url = format!("postgres://root:hunter2@db/vestibule?sslmode={mode}");
        let text = read(&[("DATABASE_URL", &url)]).expect_err("refused").to_string();
        assert!(text.contains("disable, prefer or require"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(read(&[("DATABASE_URL", "postgres://db/vestibule?sslmode=require")]).is_ok());
}

#[test]
fn a_replica_needs_a_database_url() {
    let replica = ("DATABASE_READ_URL", "postgres://root:hunter2@standby/vestibule");
    let refused = read(&[replica]).expect_err("the private database has none");
    let text = refused.to_string();
    assert!(text.contains("DATABASE_READ_URL: set DATABASE_URL too"), "{text}");
    let config = read(&[("DATABASE_URL", "postgres://db/vestibule"), replica]).expect("valid settings");
    assert!(config.database_read_url.is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn origins_are_normalised_as_browsers_send_them() {
    let origins = "https://App.Example:443/, http://localhost:5173";
    let config = read(&[("VESTIBULE_ALLOWED_ORIGINS", origins)]).expect("valid settings");
    assert_eq!(
        config.allowed_origins,
        ["https://app.example", "http://localhost:5173"]
    );
}

#[test]
fn debug_output_contains_no_secret() {
    let config = read(&[
        ("DATABASE_URL", "postgres://root:hunter2@db/vestibule"),
        ("NATS_URL", "nats://user:hunter2@nats.example"),
        ("SMTP_URL", "smtps://user:hunter2@mail.example"),
        ("VESTIBULE_SECRET", "hunter2hunter2hunter2hunter2hunter2"),
        ("VESTIBULE_METRICS_TOKEN", "hunter2hunter2hunter2"),
    ])
    .expect("valid settings");
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
}
