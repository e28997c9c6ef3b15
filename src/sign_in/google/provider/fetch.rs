//! One request to the identity provider: no redirects, ten seconds, a megabyte.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};

use crate::base::db::deadline;
use crate::base::tls::install_crypto_provider;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BODY_BYTES: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("the response is too long")]
    TooLong,
    #[error("the response can't be read")]
    Response(#[from] openidconnect::http::Error),
}

pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    install_crypto_provider();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        // A redirect could lead to an address inside our network.
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

pub(crate) async fn fetch(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    deadline::paused(send(client, request)).await
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut received = client.execute(request.try_into()?).await?;
    let mut response = openidconnect::http::Response::builder().status(received.status());
    for (name, value) in received.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = received.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}

/// How many seconds a response may be cached, if it says so (RFC 9111, 5.2.2).
pub(crate) fn max_age(response: &HttpResponse) -> Option<i64> {
    let lines = response.headers().get_all("cache-control");
    let mut directives = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase());
    directives.find_map(|directive| match directive.as_str() {
        "no-store" | "no-cache" => Some(0),
        directive => directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok(),
    })
}
