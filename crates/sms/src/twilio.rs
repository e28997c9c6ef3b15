//! Twilio's API for messages (2010-04-01), and services that speak it.

mod url;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;

pub use self::url::{AuthToken, ProviderUrl, ProviderUrlError};
use crate::classify::{Refusal, classify};
use crate::redact::redact;
use crate::{SendError, Sender, Sent, TextMessage};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// A provider that asks for more is asked again after this.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// An account at the provider. `Debug` shows no credentials.
#[derive(Clone)]
pub struct Twilio {
    client: Client,
    url: Arc<ProviderUrl>,
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Accepted {
    sid: String,
    #[serde(default)]
    num_segments: Option<String>,
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    code: Option<u32>,
    #[serde(default)]
    message: String,
}

impl Twilio {
    pub(crate) fn new(url: &ProviderUrl, timeout: Duration) -> Result<Self, reqwest::Error> {
        // An earlier call has installed the same one.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            // The credentials go to this host only.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            client,
            url: Arc::new(url.clone()),
        })
    }

    pub(crate) async fn send(&self, message: &TextMessage) -> Result<Sent, SendError> {
        let request = self.client.post(self.url.endpoint("/Messages.json"));
        let form = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(message));
        let answer = self.call(form).await?;
        // Whatever the answer looks like, the message was accepted: a retry would send it twice.
        let accepted = serde_json::from_slice::<Accepted>(&answer).ok();
        let segments = accepted
            .as_ref()
            .and_then(|accepted| accepted.num_segments.as_ref()?.parse().ok());
        Ok(Sent {
            segments: segments
                .filter(|count| *count > 0)
                .unwrap_or_else(|| message.segments().segments),
            provider_id: accepted
                .map(|accepted| accepted.sid)
                .filter(|sid| is_message_id(sid)),
        })
    }

    pub(crate) async fn check(&self) -> Result<(), SendError> {
        self.call(self.client.get(self.url.endpoint(".json")))
            .await
            .map(|_| ())
    }

    /// The body of a successful answer.
    async fn call(&self, request: RequestBuilder) -> Result<Vec<u8>, SendError> {
        let credentials = request.basic_auth(&self.url.account_id, Some(self.url.auth_token.as_str()));
        let response = credentials.send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = read(response).await;
        if status.is_success() {
            return Ok(body.unwrap_or_default());
        }
        let refused: Refused = body
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default();
        Err(classify(&Refusal {
            status: Some(status.as_u16()),
            code: refused.code,
            text: &refused.message,
            retry_after,
        }))
    }
}

fn form(message: &TextMessage) -> String {
    let sender = match &message.from {
        Sender::Number(_) | Sender::Name(_) => "From",
        Sender::Service(_) => "MessagingServiceSid",
    };
    let mut form = ::url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", message.to.as_str());
    form.append_pair(sender, message.from.as_str());
    form.append_pair("Body", &message.body);
    if let Some(callback) = &message.status_callback {
        form.append_pair("StatusCallback", callback.as_str());
    }
    form.finish()
}

/// The id of a message: `SM` or `MM` and 32 hexadecimal digits.
pub(crate) fn is_message_id(text: &str) -> bool {
    let digits = text.strip_prefix("SM").or_else(|| text.strip_prefix("MM"));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A connection that was not made has sent nothing; anything later may have.
fn failed(error: &reqwest::Error) -> SendError {
    let cause = std::iter::successors(std::error::Error::source(error), |error| error.source()).last();
    let cause = cause.map_or_else(|| "no answer".to_owned(), ToString::to_string);
    if error.is_connect() {
        let reason = redact(&format!("the SMS provider could not be reached: {cause}"));
        return SendError::Unreachable { reason };
    }
    let cause = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        cause
    };
    SendError::Retry {
        reason: redact(&format!("the connection to the SMS provider broke: {cause}")),
        after: None,
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// None if the answer is too long or breaks off.
async fn read(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

#[cfg(test)]
mod tests;
