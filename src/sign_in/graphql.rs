//! What every way to sign in answers with: a session or a refusal, never both.

pub mod asking;
pub mod mutations;
pub mod viewer;

use async_graphql::{Enum, SimpleObject};

use crate::api::enums::api_enum;
use crate::api::scalars::{DateTime as ApiTime, Url};
use crate::base::actor::Role;
use crate::base::error::{Error, Result};
use crate::services::Services;
use crate::sign_in::challenge::confirming::Confirmation;
use crate::sign_in::challenge::graphql::SignInConfirmation;
use crate::sign_in::graphql::viewer::Viewer;
use crate::sign_in::open_session::{SessionCredential, SignedIn};
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::refresh::TokenPair;

api_enum! {
    /// Whether a contact or a team member signs in. An address may belong to both.
    Audience = crate::base::actor::Audience {
        /// A contact's, to the portal.
        Portal,
        /// A team member's, to the dashboard.
        Dashboard,
    }
}

/// The outcome of signing in: a session or a refusal, never both.
#[derive(SimpleObject, Default)]
pub struct SignInPayload {
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
pub struct SessionTokens {
    /// A JWT (EdDSA), valid for 10 minutes: `Authorization: Bearer …`. Other services verify it with
    /// `/.well-known/jwks.json`.
    access_token: String,
    /// When the access token expires.
    access_token_expires_at: ApiTime,
    /// Exchanged for the next pair, once. If the answer is lost, the same token may be sent again.
    refresh_token: String,
    /// When the session expires, however often it is refreshed.
    refresh_token_expires_at: ApiTime,
}

/// Why a sign-in was refused.
#[derive(SimpleObject)]
pub struct SignInRefusal {
    /// The reason, for programs.
    reason: SignInRefusalReason,
    /// The reason, as a sentence to show.
    message: String,
    /// Seconds after which another try makes sense.
    retry_after: Option<i32>,
}

api_enum! {
    /// Why a sign-in or a password was refused.
    SignInRefusalReason = Reason {
        /// The address or the proof is wrong; the answer doesn't say which.
        InvalidCredentials,
        /// It is not a link of this portal.
        LinkInvalid,
        /// The link has expired.
        LinkExpired,
        /// The link was used. With `retryAfter` it may be valid again then: a mail scanner may have used it.
        LinkUsed,
        /// A newer link was sent.
        LinkSuperseded,
        /// The link was revoked: by staff, by joining another way, or because the contact's address changed.
        LinkRevoked,
        /// The code is wrong.
        CodeInvalid,
        /// The code has expired, was used, or was replaced by a newer one.
        CodeExpired,
        /// There were too many failed attempts; `retryAfter` says when the next one is accepted, and is null if none will
        /// be.
        TooManyAttempts,
        /// The contact's access was revoked. Said only after the proof was right.
        AccessRevoked,
        /// The account has turned this method off. Said only after the proof was right.
        MethodDisabled,
        /// Google does not say that the address is verified.
        GoogleEmailUnverified,
        /// This requires a fresh proof, given at most ten minutes ago, with something that staff has not seen.
        StepUpRequired,
        /// The session has ended: sign in again.
        SessionExpired,
        /// The sign-in was not confirmed on the other device yet.
        ChallengePending,
        /// The password has too few characters.
        PasswordTooShort,
        /// The password is common, or easy to guess.
        PasswordTooCommon,
        /// The password is the portal's name, or the person's own.
        PasswordNamesAccount,
    }
}

impl From<Reason> for SignInRefusal {
    fn from(reason: Reason) -> Self {
        Refusal::from(reason).into()
    }
}

impl From<Refusal> for SignInRefusal {
    fn from(refusal: Refusal) -> Self {
        Self {
            reason: refusal.reason.into(),
            message: refusal.reason.message().to_owned(),
            retry_after: refusal
                .retry_after
                .and_then(|seconds| i32::try_from(seconds).ok()),
        }
    }
}

impl SignInPayload {
    #[must_use]
    pub fn asking(self, confirmation: Option<Confirmation>) -> Self {
        Self {
            confirmation: confirmation.map(Into::into),
            ..self
        }
    }

    pub fn refused(refusal: impl Into<Refusal>) -> Self {
        Self {
            refusal: Some(refusal.into().into()),
            ..Self::default()
        }
    }

    /// The outcome of a sign-in over the API.
    pub async fn of(services: &Services, outcome: Result<SignedIn, Refusal>) -> Result<Self> {
        let signed_in = match outcome {
            Err(refusal) => return Ok(Self::refused(refusal)),
            Ok(signed_in) => signed_in,
        };
        let addresses = &services.settings.addresses;
        let landing = match signed_in.session.audience {
            crate::base::actor::Audience::Portal => addresses.section(&signed_in.slug, signed_in.section),
            crate::base::actor::Audience::Dashboard => addresses.dashboard(&signed_in.slug),
        };
        let SessionCredential::Tokens(pair) = &signed_in.credential else {
            return Err(Error::internal("a cookie was issued over the API"));
        };
        Self::given(services, pair, signed_in.role, Some(landing)).await
    }

    pub async fn given(
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
