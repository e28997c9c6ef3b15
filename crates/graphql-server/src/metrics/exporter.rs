//! Exports a registry of metrics, optionally protected by a token.

use std::sync::Arc;

use poem::Request;
use poem::http::header;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// The metrics of a program. Clones share them.
#[derive(Clone)]
pub struct Exporter(Arc<ExporterInner>);

struct ExporterInner {
    registry: Registry,
    /// The bearer token that requests need.
    token: Option<String>,
    refresh: Box<dyn Fn() + Send + Sync>,
}

impl Exporter {
    /// `refresh` updates metrics at each scrape, which waits for it: it must not block. With a token, requests need it as a
    /// bearer token.
    pub fn new(
        registry: Registry,
        token: Option<String>,
        refresh: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(ExporterInner {
            registry,
            token,
            refresh: Box::new(refresh),
        }))
    }

    /// Whether the request may read the metrics.
    pub fn is_authorized(&self, request: &Request) -> bool {
        let Some(token) = &self.0.token else {
            return true;
        };
        let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
        let value = values.next().filter(|_| values.next().is_none());
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        match text.split_once(' ') {
            Some((scheme, presented)) if scheme.eq_ignore_ascii_case("bearer") => {
                presented.trim().as_bytes().ct_eq(token.as_bytes()).into()
            }
            _ => false,
        }
    }

    /// The metrics in [`CONTENT_TYPE`](super::CONTENT_TYPE).
    ///
    /// # Errors
    /// `INTERNAL` if they can't be encoded.
    pub fn text(&self) -> Result<String> {
        (self.0.refresh)();
        let mut text = String::new();
        encode(&mut text, &self.0.registry).map_err(Error::internal)?;
        Ok(text)
    }
}
