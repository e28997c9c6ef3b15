//! Traces: sends the spans of `tracing` to an OpenTelemetry server, in batches, from a thread of its own. A server that is down or slow
//! delays nothing: spans that don't fit into the queue are dropped.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use graphql_server::LogLimit;
use graphql_server::trace::TARGET;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::config::{Sampling, TraceSettings};
use crate::base::error::{Code, Error, Result};
use crate::base::tls::install_crypto_provider;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// For the spans that are not sent yet when the program stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The spans of this process on their way to the server.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    pub(crate) fn start(settings: &TraceSettings) -> Result<Self> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(ExportClient::new().map_err(unusable)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&settings.endpoint)
            .with_headers(settings.headers.clone())
            .build()
            .map_err(unusable)?;
        let resource = Resource::builder().with_service_name(settings.service_name.clone());
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler(settings.sampling))
            .with_resource(resource.build())
            .build();
        Ok(Self(provider))
    }

    /// Passes on spans of the target [`TARGET`], and nothing else: no events and no places in the source.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("vestibule"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false)
            .with_filter(filter_fn(is_exported))
    }

    /// Sends what is left, for 2 s at most.
    pub(crate) async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSH_TIMEOUT));
        if !matches!(stopped.await, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

fn unusable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(
        Code::Unavailable,
        "Traces can't be sent to OTEL_EXPORTER_OTLP_ENDPOINT.",
    )
    .because(cause)
}

fn is_exported(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

fn sampler(sampling: Sampling) -> Sampler {
    let own = Sampler::TraceIdRatioBased(sampling.share);
    if sampling.parent_based {
        Sampler::ParentBased(Box::new(own))
    } else {
        own
    }
}

/// Sends on the runtime of the program: the exporter's thread has none.
#[derive(Debug)]
struct ExportClient {
    http: reqwest::Client,
    runtime: Handle,
    warnings: LogLimit,
}

impl ExportClient {
    fn new() -> Result<Self, reqwest::Error> {
        install_crypto_provider();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            // The headers hold credentials for this server alone.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            runtime: Handle::current(),
            warnings: LogLimit::default(),
        })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), request.try_into()?);
        let sending = self.runtime.spawn(async move { http.execute(request).await });
        let response = sending.await?.map_err(reqwest::Error::without_url);
        if let Some(failure) = failure(&response) {
            self.warn(failure);
        }
        // Nothing in the body is needed.
        Ok(Response::builder()
            .status(response?.status())
            .body(Bytes::new())?)
    }

    fn warn(&self, failure: String) {
        if let Some(held_back) = self.warnings.allow_now(&failure) {
            tracing::warn!(cause = failure, held_back, "traces can't be sent");
        }
    }
}

fn failure(response: &Result<reqwest::Response, reqwest::Error>) -> Option<String> {
    match response {
        Ok(response) if response.status().is_success() => None,
        Ok(response) => Some(format!("the server answered {}", response.status().as_u16())),
        Err(error) if error.is_timeout() => Some("the server did not answer in time".to_owned()),
        Err(_) => Some("the server can't be reached".to_owned()),
    }
}

impl HttpClient for ExportClient {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.send(request))
    }
}
