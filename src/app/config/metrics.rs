//! Who may read the metrics: clients with the token, or all clients of the second listener.

use std::net::SocketAddr;

use super::addresses::socket;
use super::reader::Reader;

pub(super) const SETTINGS: &[(&str, &str)] = &[
    (
        "VESTIBULE_METRICS_TOKEN",
        "bearer token for /metrics, 16 characters or more [none: no /metrics on VESTIBULE_LISTEN]",
    ),
    (
        "VESTIBULE_METRICS_LISTEN",
        "address and port of a second listener with only /metrics and /healthz [none]",
    ),
];

#[derive(Clone, Default)]
pub struct MetricsSettings {
    pub token: Option<String>,
    pub listen: Option<SocketAddr>,
}

impl MetricsSettings {
    pub(crate) fn enabled(&self) -> bool {
        self.token.is_some() || self.listen.is_some()
    }
}

pub(crate) fn read(reader: &mut Reader<'_>) -> MetricsSettings {
    MetricsSettings {
        token: reader.setting("VESTIBULE_METRICS_TOKEN", token),
        listen: reader.setting("VESTIBULE_METRICS_LISTEN", socket),
    }
}

fn token(text: &str) -> Result<String, String> {
    if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "write 16 characters or more of visible ASCII, such as `openssl rand -hex 32` gives".to_owned(),
        );
    }
    Ok(text.to_owned())
}
