//! The payload of every sign-in mutation: a session or a refusal, never both.

pub(crate) mod login_request;
pub(crate) mod mutations;
pub(crate) mod portal_user;
pub(crate) mod viewer;

use async_graphql::SimpleObject;

use crate::api::scalars::{DateTime as ApiTime, Url};
use crate::base::actor::{Audience, Role};
use crate::base::error::{Error, Result};
use crate::services::Services;
use crate::sign_in::challenge::confirmation::Confirmation;
use crate::sign_in::challenge::graphql::SignInConfirmation;
use crate::sign_in::graphql::viewer::Viewer;
use crate::sign_in::open_session::{SessionCredential, SignedIn};
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::refresh::TokenPair;

/// The outcome of signing in: a session or a refusal, never both.
#[derive(SimpleObject, Default)]
pub(crate) struct SignInPayload {
    /// The tokens of the session.
    session: Option<SessionTokens>,
    /// The signed-in person.
    viewer: Option<Viewer>,
    /// The page to land on.
    landing_url: Option<Url>,
    /// After the button of a login email was used: what to ask before the device that requested the email may sign in too.
    confirmation: Option<SignInConfirmation>,
    /// Why there is no session.
    refusal: Option<SignInRefusal>,
}

/// The tokens of a session.
#[derive(SimpleObject)]
pub(crate) struct SessionTokens {
    /// A JWT (EdDSA), valid for 10 minutes: `Authorization: Bearer …`. Other services verify it with
    /// `/.well-known/jwks.json`.
    access_token: String,
    /// When the access token expires.
    access_token_expires_at: ApiTime,
    /// Exchanged for the next pair, once. If the response is lost, the same token may be sent again.
    refresh_token: String,
    /// When the session expires, however often it is refreshed.
    refresh_token_expires_at: ApiTime,
}

/// Why a sign-in was refused.
#[derive(SimpleObject)]
pub(crate) struct SignInRefusal {
    /// The reason, for programs.
    reason: Reason,
    /// The reason, as a sentence to show.
    message: String,
    /// Seconds after which another attempt makes sense.
    retry_after: Option<i32>,
}

impl From<Reason> for SignInRefusal {
    fn from(reason: Reason) -> Self {
        Refusal::from(reason).into()
    }
}

impl From<Refusal> for SignInRefusal {
    fn from(refusal: Refusal) -> Self {
        Self {
            reason: refusal.reason,
            message: refusal.reason.message().to_owned(),
            retry_after: refusal
                .retry_after
                .and_then(|seconds| i32::try_from(seconds).ok()),
        }
    }
}

impl SignInPayload {
    #[must_use]
    pub(crate) fn with_confirmation(self, confirmation: Option<Confirmation>) -> Self {
        Self {
            confirmation: confirmation.map(Into::into),
            ..self
        }
    }

    pub(crate) fn refused(refusal: impl Into<Refusal>) -> Self {
        Self {
            refusal: Some(refusal.into().into()),
            ..Self::default()
        }
    }

    /// The outcome of a sign-in over the API.
    pub(crate) async fn from_outcome(
        services: &Services,
        outcome: Result<SignedIn, Refusal>,
    ) -> Result<Self> {
        let signed_in = match outcome {
            Err(refusal) => return Ok(Self::refused(refusal)),
            Ok(signed_in) => signed_in,
        };
        let addresses = &services.settings.addresses;
        let landing = match signed_in.session.audience {
            Audience::Portal => addresses.section(&signed_in.slug, signed_in.section),
            Audience::Dashboard => addresses.dashboard(&signed_in.slug),
        };
        let SessionCredential::Tokens(pair) = &signed_in.credential else {
            return Err(Error::internal("a cookie was issued over the API"));
        };
        Self::with_tokens(services, pair, signed_in.role, Some(landing)).await
    }

    pub(crate) async fn with_tokens(
        services: &Services,
        pair: &TokenPair,
        role: Option<Role>,
        landing: Option<String>,
    ) -> Result<Self> {
        let now = services.clock.now();
        let (access_token, access_expires_at) = services.sign_in.tokens.access(pair, role, now)?;
        let mut conn = services.db.conn().await?;
        let viewer = Viewer::of_session(&mut conn, &pair.session).await?;
        Ok(Self {
            session: Some(SessionTokens {
                access_token,
                access_token_expires_at: ApiTime(access_expires_at),
                refresh_token: pair.refresh.reveal(),
                refresh_token_expires_at: ApiTime(pair.session.expires_at),
            }),
            viewer,
            landing_url: landing.map(Url),
            confirmation: None,
            refusal: None,
        })
    }
}
