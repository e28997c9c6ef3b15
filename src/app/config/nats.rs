//! The settings of NATS.

use std::path::{Path, PathBuf};

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use super::reader::Reader;
use crate::live::bus::nats::NatsSettings;

pub(super) const SETTINGS: &[(&str, &str)] = &[
    (
        "NATS_URL",
        "nats://user:password@host:4222, nats://token@host or tls://…, comma-separated: carries live changes between instances [PostgreSQL does]",
    ),
    (
        "NATS_CREDENTIALS_FILE",
        "a NATS .creds file, instead of credentials in NATS_URL [none]",
    ),
    (
        "NATS_CA_FILE",
        "PEM file of the authority that signed the NATS servers' certificates; requires TLS [the system's authorities]",
    ),
];

/// Credentials in a URL.
#[derive(PartialEq)]
enum Login {
    Password(String, String),
    Token(String),
}

struct Servers {
    addresses: Vec<ServerAddr>,
    login: Option<Login>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<NatsSettings> {
    let servers = reader.setting("NATS_URL", servers);
    let credentials = reader.setting("NATS_CREDENTIALS_FILE", credentials);
    let authority = reader.setting("NATS_CA_FILE", authority);
    if reader.text("NATS_URL").is_none() {
        for name in ["NATS_CREDENTIALS_FILE", "NATS_CA_FILE"] {
            if reader.text(name).is_some() {
                reader.error(&format!("NATS_URL: required together with {name}"));
            }
        }
    }
    let Servers { addresses, login } = servers?;
    if login.is_some() && credentials.is_some() {
        reader.error("NATS_CREDENTIALS_FILE: leave it out, or the credentials in NATS_URL");
    }
    let options = sign_in(login, credentials.unwrap_or_default());
    let options = match authority {
        // Otherwise a server could ask for the credentials without TLS.
        Some(file) => options.add_root_certificates(file).require_tls(true),
        None => options,
    };
    Some(NatsSettings {
        servers: addresses,
        options: options.name("vestibule").ignore_discovered_servers(),
    })
}

fn sign_in(login: Option<Login>, options: ConnectOptions) -> ConnectOptions {
    match login {
        Some(Login::Password(user, password)) => options.user_and_password(user, password),
        Some(Login::Token(token)) => options.token(token),
        None => options,
    }
}

/// All servers take the same credentials, which one of the URLs or all of them have.
fn servers(text: &str) -> Result<Servers, String> {
    let parsed: Option<Vec<_>> = text.split(',').map(|url| server(url.trim())).collect();
    let invalid = "write nats://user:password@host:4222, nats://token@host:4222 or the same with tls://; several separated by commas, \
                   and special characters of credentials percent-encoded";
    let (addresses, logins): (Vec<_>, Vec<_>) = parsed.ok_or(invalid)?.into_iter().unzip();
    let mut logins = logins.into_iter().flatten();
    let login = logins.next();
    if logins.any(|other| Some(&other) != login.as_ref()) {
        return Err("give all servers the same credentials".to_owned());
    }
    Ok(Servers { addresses, login })
}

fn server(text: &str) -> Option<(ServerAddr, Option<Login>)> {
    let mut url = Url::parse(text).ok()?;
    let only_host = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let valid = matches!(url.scheme(), "nats" | "tls") && url.host().is_some() && url.port() != Some(0);
    if !valid || !only_host {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let login = match (decoded(url.username())?, url.password()) {
        (user, Some(password)) => Some(Login::Password(user, decoded(password)?)),
        (token, None) => Some(Login::Token(token)).filter(|_| !url.username().is_empty()),
    };
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some((ServerAddr::from_url(url).ok()?, login))
}

fn credentials(file: &str) -> Result<ConnectOptions, String> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    ConnectOptions::with_credentials(&text)
        .map_err(|_| "the file holds no NATS credentials: a user's JWT and its seed".to_owned())
}

fn authority(file: &str) -> Result<PathBuf, String> {
    let path = Path::new(file);
    std::fs::read(path).map_err(|error| unreadable(&error))?;
    let invalid = || "the file holds no certificate in PEM form".to_owned();
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|_| invalid())? {
        store
            .add(certificate.map_err(|_| invalid())?)
            .map_err(|_| invalid())?;
    }
    (!store.is_empty()).then(|| path.to_owned()).ok_or_else(invalid)
}

fn unreadable(error: &std::io::Error) -> String {
    format!("the file can't be read: {error}")
}

#[cfg(test)]
mod tests {
    use crate::app::config::{Config, ConfigErrors, Overrides};

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let of = |name: &str| settings.iter().find(|(key, _)| *key == name);
        Config::read(
            &|name| of(name).map(|(_, value)| (*value).to_owned()),
            &Overrides::default(),
        )
    }

    #[test]
    fn servers_are_kept_without_their_credentials() {
        assert!(read(&[]).expect("no setting").nats.is_none());
        let url = "nats://frida:hunter2%2F%40@one.example, tls://two.example:4333/";
        let config = read(&[("NATS_URL", url)]).expect("it is right");
        let nats = config.nats.as_ref().expect("it is configured");
        let servers: Vec<_> = nats
            .servers
            .iter()
            .map(|server| (server.host(), server.port()))
            .collect();
        assert_eq!(servers, [("one.example", 4222), ("two.example", 4333)]);
        let shown = format!("{config:?} {nats:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("frida"), "{shown}");
    }

    #[test]
    fn a_wrong_url_is_refused_without_its_secret() {
        for wrong in [
            "hunter2",
            "http://hunter2@nats.example",
            "ws://hunter2@nats.example",
            "nats://",
            "nats://user:hunter2@",
            "nats://user:hunter2@nats.example:port",
            "nats://hunter2@nats.example:0",
            "nats://hunter2@nats.example/path",
            "nats://hunter2@nats.example?tls=true",
            "nats://hunter2%FF@nats.example",
            "nats://hunter2@one.example,",
            "nats://hunter2@one.example,nats://other@two.example",
            "nats://user:hunter2@one.example,nats://hunter2@two.example",
        ] {
            let errors = read(&[("NATS_URL", wrong)]).expect_err(wrong).to_string();
            assert!(errors.contains("NATS_URL: "), "{wrong}: {errors}");
            assert!(!errors.contains("hunter2"), "{wrong}: {errors}");
        }
        let same = "nats://user:hunter2@one.example,nats://two.example,nats://user:hunter2@three.example";
        assert!(read(&[("NATS_URL", same)]).is_ok());
    }

    #[test]
    fn a_file_that_is_missing_or_something_else_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("hunter2");
        let name = file.to_str().expect("a path");
        let url = ("NATS_URL", "nats://nats.example");
        for setting in ["NATS_CREDENTIALS_FILE", "NATS_CA_FILE"] {
            let folder = folder.path().to_str().expect("a path");
            for unreadable in [name, folder] {
                let errors = read(&[url, (setting, unreadable)])
                    .expect_err(setting)
                    .to_string();
                let said = format!("{setting}: the file can't be read");
                assert!(errors.contains(&said), "{errors}");
            }
            for other in [
                "",
                "hunter2",
                "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n",
            ] {
                std::fs::write(&file, other).expect("it is written");
                let errors = read(&[url, (setting, name)]).expect_err(setting).to_string();
                assert!(
                    errors.contains(&format!("{setting}: the file holds no")),
                    "{errors}"
                );
                assert!(!errors.contains("hunter2"), "{errors}");
            }
            std::fs::remove_file(&file).expect("it is there");
            let errors = read(&[(setting, name)]).expect_err(setting).to_string();
            assert!(
                errors.contains(&format!("NATS_URL: required together with {setting}")),
                "{errors}"
            );
        }
    }
}
