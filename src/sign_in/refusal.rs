//! Why a sign-in was refused: an expected outcome, returned as data. One list for all methods.

use crate::base::text_enum::text_enum;
use crate::magic_links::model::redeem::LinkRefusal;
use crate::sign_in::attempt::Block;

text_enum! {
    /// Why a sign-in or a password was refused.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "SignInRefusalReason")]
    Reason {
        /// The address or the proof is wrong; the response doesn't say which.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// It is not a link of this portal.
        LinkInvalid = "LINK_INVALID",
        /// The link has expired.
        LinkExpired = "LINK_EXPIRED",
        /// The link was used. With `retryAfter` it may be valid again then: a mail scanner may have used it.
        LinkUsed = "LINK_USED",
        /// A newer link was sent.
        LinkSuperseded = "LINK_SUPERSEDED",
        /// The link was revoked: by staff, by joining another way, or because the contact's address changed.
        LinkRevoked = "LINK_REVOKED",
        /// The code is wrong.
        CodeInvalid = "CODE_INVALID",
        /// The code has expired, was used, or was replaced by a newer one.
        CodeExpired = "CODE_EXPIRED",
        /// There were too many failed attempts; `retryAfter` says when the next one is accepted, and is null if none will
        /// be.
        TooManyAttempts = "TOO_MANY_ATTEMPTS",
        /// The contact's access was revoked. Said only after the proof was right.
        AccessRevoked = "ACCESS_REVOKED",
        /// The account has turned this method off. Said only after the proof was right.
        MethodDisabled = "METHOD_DISABLED",
        /// Google does not say that the address is verified.
        GoogleEmailUnverified = "GOOGLE_EMAIL_UNVERIFIED",
        /// This requires a fresh proof, given at most ten minutes ago, with something that staff has not seen.
        StepUpRequired = "STEP_UP_REQUIRED",
        /// The session has ended: sign in again.
        SessionExpired = "SESSION_EXPIRED",
        /// The sign-in was not confirmed on the other device yet.
        ChallengePending = "CHALLENGE_PENDING",
        /// The password has too few characters.
        PasswordTooShort = "PASSWORD_TOO_SHORT",
        /// The password is common, or easy to guess.
        PasswordTooCommon = "PASSWORD_TOO_COMMON",
        /// The password is the portal's name, or the person's own.
        PasswordNamesAccount = "PASSWORD_NAMES_ACCOUNT",
    }
}

impl Reason {
    /// Whether the reason is an invalid link.
    pub(crate) fn of_link(self) -> bool {
        matches!(
            self,
            Self::LinkInvalid | Self::LinkExpired | Self::LinkUsed | Self::LinkSuperseded | Self::LinkRevoked
        )
    }

    /// A sentence to show.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::InvalidCredentials => "Wrong email, password or code.",
            Self::LinkInvalid => "This link isn't valid. Check that it is complete, or request a new one.",
            Self::LinkExpired => "This link has expired. Request a new one.",
            Self::LinkUsed => "This link was already used. Request a new one.",
            Self::LinkSuperseded => {
                "This link was replaced by a newer one. Use the newest link, or request a new one."
            }
            Self::LinkRevoked => "This link no longer works. Request a new one.",
            Self::CodeInvalid => "This code is wrong.",
            Self::CodeExpired => "This code has expired. Request a new one.",
            Self::TooManyAttempts => "Too many attempts. Wait, or sign in another way.",
            Self::AccessRevoked => "Your access to this portal was revoked.",
            Self::MethodDisabled => "This way to sign in is turned off here. Use another one.",
            Self::GoogleEmailUnverified => "Google has not verified this email address. Sign in another way.",
            Self::StepUpRequired => "Confirm it's you first: step up, or sign in again.",
            Self::SessionExpired => "This session has ended. Sign in again.",
            Self::ChallengePending => {
                "This sign-in hasn't been confirmed yet. Confirm it on your other device."
            }
            Self::PasswordTooShort => "This password is too short. Choose a longer one.",
            Self::PasswordTooCommon => "This password is too easy to guess. Choose another one.",
            Self::PasswordNamesAccount => {
                "A password must not consist of the portal's name or your own. Choose another one."
            }
        }
    }
}

/// Why a sign-in was refused, and when another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// Seconds.
    pub retry_after: Option<u64>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            retry_after: None,
        }
    }
}

impl From<Block> for Refusal {
    fn from(block: Block) -> Self {
        Self {
            reason: Reason::TooManyAttempts,
            retry_after: block.retry_after,
        }
    }
}

impl From<LinkRefusal> for Refusal {
    fn from(refusal: LinkRefusal) -> Self {
        let (reason, retry_after) = match refusal {
            LinkRefusal::Invalid => (Reason::LinkInvalid, None),
            LinkRefusal::Expired => (Reason::LinkExpired, None),
            LinkRefusal::Used { retry_after } => (Reason::LinkUsed, retry_after),
            LinkRefusal::Superseded => (Reason::LinkSuperseded, None),
            LinkRefusal::Revoked => (Reason::LinkRevoked, None),
            LinkRefusal::AccessRevoked => (Reason::AccessRevoked, None),
            LinkRefusal::MethodDisabled => (Reason::MethodDisabled, None),
        };
        Self { reason, retry_after }
    }
}
