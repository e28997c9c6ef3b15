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
    /// Whose sign-in is meant, where an address is both a contact's and a team member's.
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
    /// Who is signed in now.
    viewer: Option<Viewer>,
    /// The page to land on.
    landing_url: Option<Url>,
    /// After a press of a login email's button: what to ask before the device that asked for the mail may come in too.
    confirmation: Option<SignInConfirmation>,
    /// Why there is no session.
    refusal: Option<SignInRefusal>,
}

/// The tokens of a session.
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// A JWT (EdDSA), good for 10 minutes: `Authorization: Bearer …`. Other services verify it by `/.well-known/jwks.json`.
    access_token: String,
    /// When the access token ends.
    access_token_expires_at: ApiTime,
    /// Gives the next pair, once. A lost answer may be asked for again with the same token.
    refresh_token: String,
    /// When the session ends, however often it is refreshed.
    refresh_token_expires_at: ApiTime,
}

/// Why somebody was not signed in.
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
    /// Why somebody was not signed in, or a password not taken.
    SignInRefusalReason = Reason {
        /// The address or the proof is wrong: which of them is not said.
        InvalidCredentials,
        /// It is no link of this portal.
        LinkInvalid,
        /// The link's time is over.
        LinkExpired,
        /// The link was used. With `retryAfter` it may be good again then: a mail scanner may have pressed it.
        LinkUsed,
        /// A newer link was sent.
        LinkSuperseded,
        /// The link was ended: by staff, by joining another way, or because the contact's address changed.
        LinkRevoked,
        /// The code is wrong.
        CodeInvalid,
        /// The code's time is over, it was used, or a newer one was sent.
        CodeExpired,
        /// There were too many failed tries; `retryAfter` says when the next one counts, and is null where none will.
        TooManyAttempts,
        /// The contact's access was revoked. Said only after the proof was right.
        AccessRevoked,
        /// The account has switched this way off. Said only after the proof was right.
        MethodDisabled,
        /// Google does not say that the address is verified.
        GoogleEmailUnverified,
        /// It takes a fresh proof of who you are, given at most ten minutes ago, with something that staff has not seen.
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
