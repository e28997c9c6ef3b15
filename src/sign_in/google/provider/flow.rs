//! The redirect flow: where the browser goes, and the exchange of the code that it brings back.

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
    /// Where the browser goes to sign in.
    pub(crate) async fn address(&self, request: &AuthorizationRequest<'_>) -> Result<Url> {
        let known = self.0.description.known().await?;
        let verifier = PkceCodeVerifier::new(request.verifier.to_owned());
        let (state, nonce) = (request.state.to_owned(), request.nonce.to_owned());
        let client = CoreClient::from_provider_metadata(
            *known.metadata,
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

    /// Exchanges a code of the redirect flow for the ID token. Only an invalid code is the visitor's fault.
    pub(crate) async fn exchange(
        &self,
        code: &str,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Result<String, Reason>> {
        let known = self.0.description.known().await?;
        let settings = &self.0.settings;
        let client = CoreClient::from_provider_metadata(
            *known.metadata,
            ClientId::new(settings.client_id.clone()),
            Some(ClientSecret::new(settings.client_secret.clone())),
        )
        .set_redirect_uri(redirect_uri(request)?);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| odd(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(request.verifier.to_owned()));
        let http = |request| fetch::fetch(self.0.http.clone(), request);
        match request.request_async(&http).await {
            Ok(answer) => match answer.id_token() {
                Some(token) => Ok(Ok(token.to_string())),
                None => Err(odd(&"no ID token")),
            },
            Err(RequestTokenError::ServerResponse(refused)) => match refused.error() {
                CoreErrorResponseType::InvalidGrant => Ok(Err(Reason::InvalidCredentials)),
                other => Err(odd(other)),
            },
            Err(RequestTokenError::Request(error)) => Err(odd(&error)),
            // Its words could hold a token; where they are says enough.
            Err(RequestTokenError::Parse(error, _)) => Err(odd(&error.path())),
            Err(RequestTokenError::Other(words)) => Err(odd(&words)),
        }
    }
}

fn odd(what: &dyn std::fmt::Display) -> Error {
    Error::unavailable(format!(
        "the identity provider refused to exchange the code: {what}"
    ))
}

fn redirect_uri(request: &AuthorizationRequest<'_>) -> Result<RedirectUrl> {
    RedirectUrl::new(request.redirect_uri.to_owned()).map_err(Error::internal)
}
