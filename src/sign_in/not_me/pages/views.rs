use askama::Template;

use crate::pages::views::Layout;

/// What a mail was about, as far as saying 'this was not me' depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protested {
    /// A link or a code to sign in.
    SignIn,
    /// A link to choose another password.
    Reset,
    NewDevice,
    PasswordChanged,
}

impl Protested {
    fn heading(self) -> &'static str {
        match self {
            Self::SignIn => "Didn\u{2019}t ask to sign in?",
            Self::Reset => "Didn\u{2019}t ask to reset your password?",
            Self::NewDevice => "Didn\u{2019}t sign in on a new device?",
            Self::PasswordChanged => "Didn\u{2019}t change your password?",
        }
    }

    /// What the button does.
    fn effects(self) -> &'static [&'static str] {
        match self {
            Self::SignIn => &[
                "The link and the code in that email no longer work.",
                "Any device that signed in with them is signed out.",
            ],
            Self::Reset => &["The link in that email no longer works. Your password stays the same."],
            Self::NewDevice => &[
                "That device is signed out.",
                "What it signed in with no longer works. If that was your password, reset it by email to choose a new one.",
            ],
            Self::PasswordChanged => &[
                "Every device is signed out, including this one.",
                "Your password no longer works. Reset it by email to choose a new one.",
            ],
        }
    }

    /// It can be asked for by anyone, so that mail rests.
    fn rests(self) -> bool {
        matches!(self, Self::SignIn | Self::Reset)
    }
}

/// `GET /not-me/{token}`: what the button would do. And its `POST`: that it is done.
#[derive(Debug, Template)]
#[template(path = "pages/not_me.html")]
pub struct NotMeView<'a> {
    pub layout: Layout<'a>,
    pub protested: Protested,
    /// The address the mail went to by [`crate::pages::views::mask_email`].
    pub masked_email: &'a str,
    /// The button has been pressed, now or before.
    pub done: bool,
    /// The path the button posts to: this page's own. Field: `form_token`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Where to sign in again.
    pub login_href: &'a str,
}

/// No mail of this portal, or one that is too old.
#[derive(Debug, Template)]
#[template(path = "pages/not_me_unknown.html")]
pub struct NotMeUnknownView<'a> {
    pub layout: Layout<'a>,
    pub login_href: &'a str,
}
