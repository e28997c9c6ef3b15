//! Where the server listens, and the addresses at which clients, browsers of other origins and proxies reach it.

use std::net::SocketAddr;

use graphql_server::proxies::{ProxySettings, is_private};
use url::Url;

use super::Config;
use super::reader::Reader;
use crate::accounts::urls::{Addresses, PortalTemplate};

impl Config {
    /// Whether only this machine reaches the server, by its address and by its public URL.
    pub(crate) fn local(&self) -> bool {
        self.listen.ip().is_loopback() && self.addresses.local()
    }

    pub(crate) fn proxy_settings(&self) -> ProxySettings {
        ProxySettings {
            trusted: self.trusted_proxies.clone(),
            public: !self.addresses.local(),
            trusted_traces: self.trust_traceparent,
        }
    }

    /// Describes the problem if clients can only come through a proxy, and the settings don't declare one.
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

    /// Uses the public URL that the server of this data directory has stored, unless the settings have one: a command beside
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

pub(super) fn read(reader: &mut Reader<'_>, listen: SocketAddr) -> Addresses {
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

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.replace("localhost", "127.0.0.1")
        .parse()
        .map_err(|_| "write an address and a port, such as 127.0.0.1:8000".to_owned())
}

fn origin(text: &str) -> Result<String, String> {
    let invalid = || "write an address such as https://vestibule.example, without a path".to_owned();
    let url = Url::parse(text).map_err(|_| invalid())?;
    let only_origin =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !only_origin || url.host().is_none() {
        return Err(invalid());
    }
    Ok(url.origin().ascii_serialization())
}

pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(|text| origin(text.trim())).collect()
}
