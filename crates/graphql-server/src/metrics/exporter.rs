//! Shows a registry of metrics to whoever may see them.

use std::sync::Arc;

use poem::Request;
use poem::http::header;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// The metrics of a program. All clones show the same.
#[derive(Clone)]
pub struct Exporter(Arc<Shared>);

struct Shared {
    registry: Registry,
    /// What a request has to bring.
    token: Option<String>,
    refresh: Box<dyn Fn() + Send + Sync>,
}

impl Exporter {
    /// `refresh` sets what is only known when it is looked at; a scrape waits for it, so it must not block. With a token,
    /// only requests with it as a bearer token see the metrics.
    pub fn new(
        registry: Registry,
        token: Option<String>,
        refresh: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            registry,
            token,
            refresh: Box::new(refresh),
        }))
    }

    /// Whether the request may see the metrics.
    pub fn admits(&self, request: &Request) -> bool {
        let Some(token) = &self.0.token else {
            return true;
        };
        let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none());
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        match text.split_once(' ') {
            Some((scheme, said)) if scheme.eq_ignore_ascii_case("bearer") => {
                said.trim().as_bytes().ct_eq(token.as_bytes()).into()
            }
            _ => false,
        }
    }

    /// The metrics in [`CONTENT_TYPE`](super::CONTENT_TYPE).
    ///
    /// # Errors
    /// `INTERNAL` when they can't be written.
    pub fn text(&self) -> Result<String> {
        (self.0.refresh)();
        let mut text = String::new();
        encode(&mut text, &self.0.registry).map_err(Error::internal)?;
        Ok(text)
    }
}
