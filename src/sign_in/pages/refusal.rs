//! Why a sign-in was refused, as the pages say it.

use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::pages::wait_text;
use crate::sign_in::refusal::{Reason, Refusal};

/// A refusal as a sentence, with the time to wait.
pub(crate) fn refusal_text(refusal: Refusal, locale: Locale) -> String {
    refusal_text_or(refusal, locale, locale.text("refused-credentials"))
}

/// The same, with the form's own sentence for invalid credentials.
pub(crate) fn refusal_text_or(refusal: Refusal, locale: Locale, invalid_credentials: Text) -> String {
    let message = match refusal.reason {
        Reason::InvalidCredentials => invalid_credentials,
        reason => reason_text(reason, locale),
    };
    match refusal.retry_after {
        Some(seconds) => {
            let text = locale.text("refused-wait").arg("message", message);
            text.arg("wait", wait_text(locale, seconds)).to_string()
        }
        None => message.to_string(),
    }
}

/// What the pages say; [`Reason::message`] is what the API says.
pub(crate) fn reason_text(reason: Reason, locale: Locale) -> Text {
    match reason {
        Reason::InvalidCredentials => locale.text("refused-credentials"),
        Reason::LinkInvalid => locale.text("refused-link-invalid"),
        Reason::LinkExpired => locale.text("refused-link-expired"),
        Reason::LinkUsed => locale.text("refused-link-used"),
        Reason::LinkSuperseded => locale.text("refused-link-superseded"),
        Reason::LinkRevoked => locale.text("refused-link-revoked"),
        Reason::CodeInvalid => locale.text("refused-code"),
        Reason::CodeExpired => locale.text("refused-code-expired"),
        Reason::TooManyAttempts => locale.text("refused-attempts"),
        Reason::AccessRevoked => locale.text("refused-revoked"),
        Reason::MethodDisabled => locale.text("refused-method"),
        Reason::GoogleEmailUnverified => locale.text("refused-google-unverified"),
        Reason::StepUpRequired => locale.text("refused-proof-needed"),
        Reason::SessionExpired => locale.text("login-ended"),
        Reason::ChallengePending => locale.text("refused-pending"),
        Reason::PasswordTooShort => locale.text("refused-password-short"),
        Reason::PasswordTooCommon => locale.text("refused-password-common"),
        Reason::PasswordNamesAccount => locale.text("refused-password-name"),
    }
}
