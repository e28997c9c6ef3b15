use askama::Template;

use crate::pages::views::{Layout, SectionName, SignedIn};

/// A staff sign-in link's landing page: one button.
#[derive(Debug, Template)]
#[template(path = "pages/staff_link.html")]
pub struct StaffLinkView<'a> {
    pub layout: Layout<'a>,
    /// The account whose dashboard opens.
    pub account_name: &'a str,
    /// The team member's name, or their masked address.
    pub member_name: &'a str,
    /// Their address by [`crate::pages::views::mask_email`].
    pub masked_email: &'a str,
    /// The path the button posts to: this page's own. Fields: `form_token`, and `switch=yes` with `switch_from`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Another team member of the account who is signed in here.
    pub switch_from: Option<SignedIn<'a>>,
}

/// Why a staff link doesn't open the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRefusal {
    Invalid,
    Expired,
    Used,
}

impl StaffRefusal {
    fn heading(self) -> &'static str {
        match self {
            Self::Invalid => "This sign-in link doesn\u{2019}t work",
            Self::Expired => "This sign-in link has expired",
            Self::Used => "This sign-in link was already used",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::Invalid => {
                "Part of it may be missing. Copy the whole link, or sign in with your email address."
            }
            Self::Expired => {
                "Links work for a limited time. Sign in with your email address to get a new one."
            }
            Self::Used => {
                "Each link works once. If you didn\u{2019}t use it yourself, sign in and check in your profile where \
                 you are signed in."
            }
        }
    }
}

/// A staff link that doesn't open the dashboard, and where to sign in instead.
#[derive(Debug, Template)]
#[template(path = "pages/staff_refused.html")]
pub struct StaffRefusedView<'a> {
    /// The account's where the link is known, else [`Layout::SERVER`].
    pub layout: Layout<'a>,
    pub refusal: StaffRefusal,
    /// The account's dashboard, or `/dashboard`.
    pub sign_in_href: &'a str,
}

/// A dashboard that this browser is signed in to.
#[derive(Clone, Debug)]
pub struct DashboardRow {
    pub href: String,
    /// The account's name.
    pub account: String,
    /// Who is signed in.
    pub member: String,
}

/// `GET /dashboard` where it is open which one is meant, and its `POST` of an unknown account.
#[derive(Debug, Template)]
#[template(path = "pages/choose_dashboard.html")]
pub struct ChooseDashboardView<'a> {
    pub layout: Layout<'a>,
    pub open: &'a [DashboardRow],
    /// Posts `account` to `/dashboard`.
    pub form_token: &'a str,
    /// What was typed before, to be corrected. Empty at first.
    pub account: &'a str,
    pub error: Option<&'a str>,
}

/// `/dashboard`: the shell; its script gets everything else from the GraphQL API.
#[derive(Debug, Template)]
#[template(path = "pages/dashboard.html")]
pub struct DashboardView<'a> {
    /// Named after the account; `home` is the dashboard itself.
    pub layout: Layout<'a>,
    /// Sent as `Vestibule-Account` and in `connection_init`.
    pub account_slug: &'a str,
    /// Who is signed in.
    pub member_name: &'a str,
    /// `OWNER`, `ADMIN`, `STAFF` or `READ_ONLY` as words: "Owner", "Read only".
    pub role: &'a str,
    /// May invite: the form is shown.
    pub may_invite: bool,
    /// May make magic links: the form is shown.
    pub may_make_links: bool,
    /// The portal's public address, to look at it.
    pub portal_url: &'a str,
    /// `/graphiql?account=` and the slug: the playground then uses the same session.
    pub playground_href: &'a str,
    /// No mail server is set: mails are kept on this server.
    pub keeps_mail: bool,
    /// The local outbox, where this server has one and the viewer owns it.
    pub outbox_href: Option<&'a str>,
    /// The member's own password and sessions.
    pub profile_href: &'a str,
    /// The path that signs out. Field: `form_token`.
    pub sign_out_action: &'a str,
    pub form_token: &'a str,
}
