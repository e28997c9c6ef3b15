//! One request to the identity provider: no redirects, ten seconds, a megabyte.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};

use crate::base::db::deadline;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);
const MOST: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer can't be read")]
    Answer(#[from] openidconnect::http::Error),
}

/// For whatever of this process asks for TLS and brings no cryptography: the one that everything here uses.
pub(crate) fn choose_cryptography() {
    // An earlier call has chosen the same.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    choose_cryptography();
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        // A provider that redirects could lead to an address inside of our network.
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

pub(crate) async fn fetch(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    deadline::paused(fetch_now(client, request)).await
}

async fn fetch_now(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MOST {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}

/// For how many seconds an answer may be kept, if it says so (RFC 9111, 5.2.2).
pub(crate) fn max_age(answer: &HttpResponse) -> Option<i64> {
    let lines = answer.headers().get_all("cache-control");
    let mut words = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|word| word.trim().to_ascii_lowercase());
    words.find_map(|word| match word.as_str() {
        "no-store" | "no-cache" => Some(0),
        word => word.strip_prefix("max-age=")?.trim_matches('"').parse().ok(),
    })
}
