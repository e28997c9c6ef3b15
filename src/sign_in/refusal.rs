//! Why somebody was not signed in: an expected outcome, said as data. One list for every way in.

use crate::base::text_enum::text_enum;
use crate::magic_links::model::redeem::LinkRefusal;
use crate::sign_in::attempt::Block;

text_enum! {
    /// Why somebody was not signed in, or a password not taken.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "SignInRefusalReason")]
    Reason {
        /// The address or the proof is wrong: which of them is not said.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// It is no link of this portal.
        LinkInvalid = "LINK_INVALID",
        /// The link's time is over.
        LinkExpired = "LINK_EXPIRED",
        /// The link was used. With `retryAfter` it may be good again then: a mail scanner may have pressed it.
        LinkUsed = "LINK_USED",
        /// A newer link was sent.
        LinkSuperseded = "LINK_SUPERSEDED",
        /// The link was ended: by staff, by joining another way, or because the contact's address changed.
        LinkRevoked = "LINK_REVOKED",
        /// The code is wrong.
        CodeInvalid = "CODE_INVALID",
        /// The code's time is over, it was used, or a newer one was sent.
        CodeExpired = "CODE_EXPIRED",
        /// There were too many failed tries; `retryAfter` says when the next one counts, and is null where none will.
        TooManyAttempts = "TOO_MANY_ATTEMPTS",
        /// The contact's access was revoked. Said only after the proof was right.
        AccessRevoked = "ACCESS_REVOKED",
        /// The account has switched this way off. Said only after the proof was right.
        MethodDisabled = "METHOD_DISABLED",
        /// Google does not say that the address is verified.
        GoogleEmailUnverified = "GOOGLE_EMAIL_UNVERIFIED",
        /// It takes a fresh proof of who you are, given at most ten minutes ago, with something that staff has not seen.
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
    /// It is about a link that is no good any more.
    pub fn of_link(self) -> bool {
        matches!(
            self,
            Self::LinkInvalid | Self::LinkExpired | Self::LinkUsed | Self::LinkSuperseded | Self::LinkRevoked
        )
    }

    /// A sentence to show.
    pub fn message(self) -> &'static str {
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

/// Why, and when another try makes sense.
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
