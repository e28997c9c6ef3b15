use askama::Template;

use crate::pages::views::Layout;

/// One of the person's sessions.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: String,
    /// The device as words, and its network.
    pub device: String,
    pub network: String,
    /// How it signed in, as words.
    pub method: &'static str,
    /// RFC 3339, and as people read it.
    pub since: String,
    pub since_text: String,
    pub current: bool,
    /// The link that signed it in was seen by staff.
    pub made_by_staff: bool,
}

/// What the person may do about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCard {
    /// The account doesn't use passwords.
    Off,
    /// There is one: it can be changed.
    Change,
    /// There is none, and one may be set now.
    Set,
    /// There is none, and it takes a fresh proof first.
    ProveFirst,
}

/// `GET /profile`: who one is, where one is signed in, the password.
#[derive(Debug, Template)]
#[template(path = "pages/profile.html")]
pub struct ProfileView<'a> {
    pub layout: Layout<'a>,
    pub base: &'a str,
    /// Where "Back" leads.
    pub back: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub password: PasswordCard,
    /// The fewest characters.
    pub shortest: i16,
    /// Posts `current`, `new` to `{base}/profile/password`.
    pub password_token: &'a str,
    pub sessions: &'a [SessionRow],
    /// Posts `session` to `{base}/profile/end`.
    pub end_token: &'a str,
    /// Posts to `{base}/profile/end-all`.
    pub end_all_token: &'a str,
    pub sign_out_token: &'a str,
    pub notice: Option<&'a str>,
    pub error: Option<&'a str>,
}

/// `GET /step-up`: a fresh proof, by a code that is mailed or by the password.
#[derive(Debug, Template)]
#[template(path = "pages/step_up.html")]
pub struct StepUpView<'a> {
    pub layout: Layout<'a>,
    pub base: &'a str,
    /// Why it takes a proof, and how to go on, as sentences.
    pub reason: &'a str,
    /// Where it leads, as the forms' addresses carry it: empty, or beginning with `?`.
    pub query: &'a str,
    /// The address by [`crate::pages::views::mask_email`].
    pub masked_email: &'a str,
    /// A code was mailed: it is asked for.
    pub code_sent: bool,
    pub password: bool,
    /// Posts to `{base}/step-up/mail`.
    pub mail_token: &'a str,
    /// Posts `code` or `password` to `{base}/step-up`.
    pub form_token: &'a str,
    pub error: Option<&'a str>,
    /// What the session opens already: "your courses".
    pub back: &'a str,
    pub back_href: &'a str,
}
