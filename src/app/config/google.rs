//! The settings of sign-in with Google.

use url::{Host, Url};

use super::reader::Reader;
use crate::sign_in::google::provider::GoogleSettings;

pub(super) const SETTINGS: &[(&str, &str)] = &[
    (
        "GOOGLE_CLIENT_ID",
        "client id for signing in with Google [none: Google is not offered]",
    ),
    ("GOOGLE_CLIENT_SECRET", "the client's secret"),
    (
        "GOOGLE_ISSUER",
        "the OpenID provider [https://accounts.google.com]",
    ),
    (
        "GOOGLE_EXTRA_CLIENT_IDS",
        "client ids of mobile apps whose ID tokens are accepted too, comma-separated [none]",
    ),
];

pub(crate) fn read(reader: &mut Reader<'_>) -> Option<GoogleSettings> {
    let issuer = reader.setting("GOOGLE_ISSUER", issuer);
    let client_id = reader.text("GOOGLE_CLIENT_ID");
    let client_secret = reader.text("GOOGLE_CLIENT_SECRET");
    let extra = reader.text("GOOGLE_EXTRA_CLIENT_IDS").unwrap_or_default();
    match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => Some(GoogleSettings {
            client_id,
            client_secret,
            issuer: issuer.unwrap_or_else(|| "https://accounts.google.com".to_owned()),
            extra_client_ids: extra
                .split(',')
                .map(|id| id.trim().to_owned())
                .filter(|id| !id.is_empty())
                .collect(),
        }),
        (None, None) => None,
        (None, Some(_)) => {
            reader.error("GOOGLE_CLIENT_ID: required together with GOOGLE_CLIENT_SECRET");
            None
        }
        (Some(_), None) => {
            reader.error("GOOGLE_CLIENT_SECRET: required together with GOOGLE_CLIENT_ID");
            None
        }
    }
}

/// Returned as written: the issuer of ID tokens is compared character by character.
fn issuer(text: &str) -> Result<String, String> {
    let invalid = || "write an https address such as https://accounts.google.com".to_owned();
    let url = Url::parse(text).map_err(|_| invalid())?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let without_user = url.username().is_empty() && url.password().is_none();
    let valid = without_user && url.query().is_none() && url.fragment().is_none();
    if valid && (url.scheme() == "https" || (url.scheme() == "http" && loopback)) {
        Ok(text.to_owned())
    } else {
        Err(invalid())
    }
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

    fn read_with_client(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let both = [("GOOGLE_CLIENT_ID", "ours"), ("GOOGLE_CLIENT_SECRET", "hunter2")];
        read(&[&both, settings].concat())
    }

    #[test]
    fn google_is_offered_with_both_settings_and_its_secret_is_not_printed() {
        assert!(read(&[]).expect("no setting").google.is_none());
        let config =
            read_with_client(&[("GOOGLE_EXTRA_CLIENT_IDS", " an-app, ,another ")]).expect("it is right");
        assert!(!format!("{config:?}").contains("hunter2"));
        let google = config.google.expect("it is offered");
        assert_eq!(google.issuer, "https://accounts.google.com");
        assert_eq!(google.extra_client_ids, ["an-app", "another"]);
    }

    #[test]
    fn plain_http_is_accepted_for_loopback_issuers_only() {
        for valid in [
            "https://id.example/realm",
            "http://localhost:1",
            "http://127.8.0.1",
            "http://[::1]:1",
        ] {
            let google = read_with_client(&[("GOOGLE_ISSUER", valid)]).expect(valid).google;
            assert_eq!(google.expect("it is offered").issuer, valid);
        }
        for invalid in [
            "http://id.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "ftp://localhost",
            "https://id.example/?a",
            "https://id.example/#a",
            "https://hunter2@id.example",
            "https://:hunter2@id.example",
            "id.example",
        ] {
            let errors = read_with_client(&[("GOOGLE_ISSUER", invalid)]).expect_err(invalid);
            assert!(!errors.to_string().contains("hunter2"), "{errors}");
        }
    }

    #[test]
    fn invalid_settings_are_reported_together() {
        for (name, missing) in [
            ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET:"),
            ("GOOGLE_CLIENT_SECRET", "GOOGLE_CLIENT_ID:"),
        ] {
            let errors = read(&[(name, "hunter2"), ("GOOGLE_ISSUER", "no address")]).expect_err(name);
            let text = errors.to_string();
            assert!(text.contains(missing) && text.contains("GOOGLE_ISSUER"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
