use askama::Template;

use crate::pages::views::{Layout, SectionName};

/// What the sign-in pages of a portal and of a dashboard share.
#[derive(Clone, Copy, Debug)]
pub struct Doorway<'a> {
    /// What one signs in to: the portal's name, or "the dashboard of acme".
    pub to: &'a str,
    /// The path under which the pages are, without a slash at its end: `/p/acme`, `/dashboard/acme`, or empty.
    pub base: &'a str,
    /// Whether a mailed link or code, a password, Google may be used.
    pub mail: bool,
    pub password: bool,
    pub google: bool,
}

/// `GET /login`, and its `POST` when the address was wrong.
#[derive(Debug, Template)]
#[template(path = "pages/login.html")]
pub struct LoginView<'a> {
    pub layout: Layout<'a>,
    pub door: Doorway<'a>,
    /// Posts `email`, `section`, `form_token` to `{base}/login`.
    pub form_token: &'a str,
    /// Where the visitor wanted to go; posted along as [`SectionName::value`].
    pub section: SectionName,
    /// What was typed before, to be corrected. Empty at first.
    pub email: &'a str,
    /// What is wrong with it, as a sentence.
    pub error: Option<&'a str>,
    /// A line above the form, such as "You are signed out."
    pub notice: Option<&'a str>,
}

/// `GET /login/password`, and its `POST` when it was refused.
#[derive(Debug, Template)]
#[template(path = "pages/login_password.html")]
pub struct PasswordLoginView<'a> {
    pub layout: Layout<'a>,
    pub door: Doorway<'a>,
    pub form_token: &'a str,
    pub section: SectionName,
    pub email: &'a str,
    pub error: Option<&'a str>,
}

/// How far the sign-in has come that this browser asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nobody has pressed the button in the mail yet, as far as anybody may know.
    Pending,
    /// It was pressed on another device, which now asks for the number.
    Opened,
    Confirmed,
    /// Expired, used, denied, or overtaken by a newer one.
    Over,
}

impl Waiting {
    /// The API's word of it, for the page's script.
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Opened => "LINK_OPENED",
            Self::Confirmed => "CONFIRMED",
            Self::Over => "EXPIRED",
        }
    }
}

/// `GET /login/wait`: the browser that asked waits, takes the code, or goes in when it was confirmed elsewhere.
#[derive(Debug, Template)]
#[template(path = "pages/login_wait.html")]
pub struct LoginWaitView<'a> {
    pub layout: Layout<'a>,
    pub door: Doorway<'a>,
    /// The address as it was typed, or masked where a link's own address was used.
    pub email: &'a str,
    pub state: Waiting,
    pub challenge_id: &'a str,
    /// The two digits that the pressing device asks for.
    pub matching_number: &'a str,
    /// Posts `code` to `{base}/login/code`.
    pub code_token: &'a str,
    /// Posts to `{base}/login/finish`.
    pub finish_token: &'a str,
    /// Posts to `{base}/login/resend`.
    pub resend_token: &'a str,
    /// In how many seconds that can send another mail.
    pub resend_after: i64,
    /// Why the code was refused.
    pub error: Option<&'a str>,
}

impl LoginWaitView<'_> {
    /// The page's script counts on in the same words.
    fn resend_label(&self) -> String {
        match self.resend_after {
            ..=0 => "Resend".to_owned(),
            seconds @ 1..120 => format!("Resend in {seconds} s"),
            seconds => format!("Resend in {} min", (seconds + 59) / 60),
        }
    }
}

/// `GET /login/confirm/{challenge}`: the pressing device says whether the asking one is theirs.
#[derive(Debug, Template)]
#[template(path = "pages/login_confirm.html")]
pub struct LoginConfirmView<'a> {
    pub layout: Layout<'a>,
    /// The asking device, as words.
    pub device: &'a str,
    /// Its network.
    pub network: &'a str,
    pub asked_at: &'a str,
    /// The numbers to choose from; one is shown on the asking device.
    pub numbers: &'a [String],
    /// Posts `number`, or `deny=yes`, to this path.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Where "go on here" leads.
    pub home: &'a str,
}

/// `GET /forgot`, and its `POST` when the address was wrong.
#[derive(Debug, Template)]
#[template(path = "pages/forgot.html")]
pub struct ForgotView<'a> {
    pub layout: Layout<'a>,
    pub door: Doorway<'a>,
    pub form_token: &'a str,
    pub email: &'a str,
    pub error: Option<&'a str>,
}

/// `GET /reset/{token}`, and its `POST` when the password was refused.
#[derive(Debug, Template)]
#[template(path = "pages/reset.html")]
pub struct ResetView<'a> {
    pub layout: Layout<'a>,
    pub action: &'a str,
    pub form_token: &'a str,
    /// The address by [`crate::pages::views::mask_email`], for the browser's password manager and the person.
    pub masked_email: &'a str,
    /// The fewest characters.
    pub shortest: i16,
    pub error: Option<&'a str>,
}

/// A page that says how something went, and where to go on.
#[derive(Debug, Template)]
#[template(path = "pages/told.html")]
pub struct ToldView<'a> {
    pub layout: Layout<'a>,
    pub heading: &'a str,
    pub words: &'a str,
    pub next: &'a str,
    pub next_href: &'a str,
}
