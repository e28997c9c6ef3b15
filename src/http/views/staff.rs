use askama::Template;

use super::{Layout, SectionName, SignedIn};

/// A staff sign-in link's landing page: one button.
#[derive(Debug, Template)]
#[template(path = "pages/staff_link.html")]
pub struct StaffLinkView<'a> {
    pub layout: Layout<'a>,
    /// The account whose dashboard opens.
    pub account_name: &'a str,
    /// The team member's name, or their masked address.
    pub member_name: &'a str,
    /// Their address by [`super::mask_email`].
    pub masked_email: &'a str,
    /// The path the button posts to: this page's own. Fields: `form_token`, and `switch=yes` with `switch_from`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Another team member of the account who is signed in here.
    pub switch_from: Option<SignedIn<'a>>,
}

/// Why the dashboard stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRefusal {
    /// `/dashboard` without a session.
    SignedOut,
    Invalid,
    Expired,
    Used,
    Superseded,
    /// The link or the team member's access was withdrawn.
    Revoked,
}

impl StaffRefusal {
    fn heading(self) -> &'static str {
        match self {
            Self::SignedOut => "Sign in to the dashboard",
            Self::Invalid => "This sign-in link doesn\u{2019}t work",
            Self::Expired => "This sign-in link has expired",
            Self::Used => "This sign-in link was already used",
            Self::Superseded => "There is a newer sign-in link",
            Self::Revoked => "This sign-in link was withdrawn",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::SignedOut => "You are not signed in here. A sign-in link opens the dashboard.",
            Self::Invalid => "Part of it may be missing. Copy the whole address.",
            Self::Expired => "Staff links work for 15 minutes.",
            Self::Used => {
                "Each link signs in once. If it wasn\u{2019}t you, make a new one now and look at the sessions."
            }
            Self::Superseded => "A newer link was made for you, and it took the place of this one.",
            Self::Revoked => "It no longer opens the dashboard.",
        }
    }
}

/// A staff link that signs nobody in, or the dashboard without a session: says how to get a fresh link.
#[derive(Debug, Template)]
#[template(path = "pages/staff_refused.html")]
pub struct StaffRefusedView<'a> {
    pub layout: Layout<'a>,
    pub refusal: StaffRefusal,
    /// The account's slug for the command shown, where it is known.
    pub account_slug: Option<&'a str>,
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
