//! The settings of signing in with Google.

use url::{Host, Url};

use super::Reader;
use crate::auth::google::GoogleSettings;

pub const SETTINGS: &[(&str, &str)] = &[
    (
        "GOOGLE_CLIENT_ID",
        "client id for signing in with Google; none: Google is not offered",
    ),
    ("GOOGLE_CLIENT_SECRET", "its secret"),
    (
        "GOOGLE_ISSUER",
        "the OpenID provider [https://accounts.google.com]",
    ),
    (
        "GOOGLE_EXTRA_CLIENT_IDS",
        "client ids of mobile apps whose ID tokens count too, separated by commas; none",
    ),
];

pub(super) fn read(reader: &mut Reader<'_>) -> Option<GoogleSettings> {
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
            reader.fault("GOOGLE_CLIENT_ID: it is missing beside GOOGLE_CLIENT_SECRET");
            None
        }
        (Some(_), None) => {
            reader.fault("GOOGLE_CLIENT_SECRET: it is missing beside GOOGLE_CLIENT_ID");
            None
        }
    }
}

/// As the provider writes it: compared letter by letter.
fn issuer(text: &str) -> Result<String, String> {
    let wrong = || "write an https address such as https://accounts.google.com".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if bare && (url.scheme() == "https" || (url.scheme() == "http" && loopback)) {
        Ok(text.to_owned())
    } else {
        Err(wrong())
    }
}
