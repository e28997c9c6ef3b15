//! The redirect flow: the URL that the browser is sent to, and the exchange of the code that it comes back with.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreErrorResponseType};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use url::Url;

use super::{Google, fetch};
use crate::base::error::{Error, Result};
use crate::sign_in::refusal::Reason;

/// What a browser carries through the redirect, sealed.
#[derive(Clone, Copy)]
pub(crate) struct AuthorizationRequest<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
}

impl Google {
    /// The URL that the browser is sent to.
    pub(crate) async fn authorization_url(&self, request: &AuthorizationRequest<'_>) -> Result<Url> {
        let metadata = self.0.discovery.metadata().await?;
        let verifier = PkceCodeVerifier::new(request.verifier.to_owned());
        let (state, nonce) = (request.state.to_owned(), request.nonce.to_owned());
        let client = CoreClient::from_provider_metadata(
            *metadata.document,
            ClientId::new(self.0.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(redirect_uri(request)?);
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Exchanges an authorization code for the ID token. Only an invalid code is a refusal.
    pub(crate) async fn exchange(
        &self,
        code: &str,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Result<String, Reason>> {
        let metadata = self.0.discovery.metadata().await?;
        let settings = &self.0.settings;
        let client = CoreClient::from_provider_metadata(
            *metadata.document,
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(settings.client_secret.clone())),
        )
        .set_redirect_uri(redirect_uri(request)?);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| exchange_failed(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(request.verifier.to_owned()));
        let http = |request| fetch::fetch(self.0.http.clone(), request);
        match request.request_async(&http).await {
            Ok(response) => match response.id_token() {
                Some(token) => Ok(Ok(token.to_string())),
                None => Err(exchange_failed(&"no ID token")),
            },
            Err(RequestTokenError::ServerResponse(refused)) => match refused.error() {
                CoreErrorResponseType::InvalidGrant => Ok(Err(Reason::InvalidCredentials)),
                other => Err(exchange_failed(other)),
            },
            Err(RequestTokenError::Request(error)) => Err(exchange_failed(&error)),
            // The message could contain a token; the path alone is logged.
            Err(RequestTokenError::Parse(error, _)) => Err(exchange_failed(&error.path())),
            Err(RequestTokenError::Other(words)) => Err(exchange_failed(&words)),
        }
    }
}

fn exchange_failed(what: &dyn std::fmt::Display) -> Error {
    Error::unavailable(format!(
        "the identity provider refused to exchange the code: {what}"
    ))
}

fn redirect_uri(request: &AuthorizationRequest<'_>) -> Result<RedirectUrl> {
    RedirectUrl::new(request.redirect_uri.to_owned()).map_err(Error::internal)
}
