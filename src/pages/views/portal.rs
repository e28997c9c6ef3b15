use askama::Template;

use super::{Layout, SectionName};

/// Who is signed in in this browser, where a link for somebody else is opened.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn<'a> {
    /// Their name, or their masked address.
    pub name: &'a str,
    /// Where "Stay signed in" leads: the portal's home path, or the section's.
    pub href: &'a str,
}

/// `GET /link/{token}`: what the link would do, and the one button that does it.
#[derive(Debug, Template)]
#[template(path = "pages/link_confirm.html")]
pub struct LinkConfirmView<'a> {
    pub layout: Layout<'a>,
    /// The contact's name, where it is known.
    pub contact_name: Option<&'a str>,
    /// The contact's address by [`super::mask_email`].
    pub masked_email: &'a str,
    /// Where the contact lands.
    pub section: SectionName,
    /// The title of the one course or community the link leads to, where it does.
    pub resource_title: Option<&'a str>,
    /// The session will open this section only.
    pub limited: bool,
    /// The link is an invitation's: the page welcomes.
    pub invitation: bool,
    /// The path the button posts to: this page's own. Fields: `form_token`, and `switch=yes` with `switch_from`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// Somebody else who is signed in here: the page names both and asks before it switches.
    pub switch_from: Option<SignedIn<'a>>,
}

impl LinkConfirmView<'_> {
    fn who(&self) -> &str {
        self.contact_name.unwrap_or(self.masked_email)
    }

    fn landing(&self) -> &str {
        self.resource_title.unwrap_or(self.section.phrase())
    }
}

/// Why a link signs nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// No such link, or a broken one.
    Invalid,
    Expired,
    Used,
    /// A newer one was made.
    Superseded,
    /// Withdrawn by staff, the invitation was cancelled, or the address has changed.
    Revoked,
    /// Redeemed elsewhere a moment ago; after these seconds it works again if that session stays unused.
    TryAgainIn(u64),
    /// The contact's access to the portal was revoked. Said only after the token was right.
    AccessRevoked,
    /// The account has switched signing in by link off. Said only after the token was right.
    SwitchedOff,
}

impl LinkRefusal {
    fn heading(self) -> &'static str {
        match self {
            Self::Invalid => "This link doesn\u{2019}t work",
            Self::Expired => "This link has expired",
            Self::Used => "This link was already used",
            Self::Superseded => "This link was replaced",
            Self::Revoked => "This link no longer works",
            Self::TryAgainIn(_) => "This link was just used",
            Self::AccessRevoked => "Your access has ended",
            Self::SwitchedOff => "Sign-in links are turned off",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::Invalid => {
                "Part of it may be missing. Open the link in your email again, or copy the whole link."
            }
            Self::Expired => {
                "Links work for a limited time, so that an old email can\u{2019}t be used to sign in as you."
            }
            Self::Used => "Each link works once. If you didn\u{2019}t use it yourself, please tell us.",
            Self::Superseded => "We sent you a newer link. Please use the newest email.",
            Self::Revoked => "It was withdrawn, or you have signed in another way since.",
            Self::TryAgainIn(_) => {
                "It was used in another browser a moment ago. If that wasn\u{2019}t you, try again in a few seconds."
            }
            Self::AccessRevoked => {
                "You no longer have access to this portal. If you think that this is a mistake, please contact us."
            }
            Self::SwitchedOff => "Please sign in another way.",
        }
    }

    fn retry_after(self) -> Option<u64> {
        match self {
            Self::TryAgainIn(seconds) => Some(seconds.max(1)),
            _ => None,
        }
    }
}

/// The offer to mail a fresh link to the contact's own address.
#[derive(Clone, Copy, Debug)]
pub struct FreshOffer<'a> {
    /// The path the form posts to. Field: `form_token`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// The contact's address by [`super::mask_email`].
    pub masked_email: &'a str,
}

/// `GET /link/{token}`, or its `POST`, of a link that signs nobody in.
#[derive(Debug, Template)]
#[template(path = "pages/link_refused.html")]
pub struct LinkRefusedView<'a> {
    pub layout: Layout<'a>,
    pub refusal: LinkRefusal,
    /// Offered where the link names a contact who may sign in by mail.
    pub fresh: Option<FreshOffer<'a>>,
    /// The page itself, to try again: used with [`LinkRefusal::TryAgainIn`] alone.
    pub retry_href: Option<&'a str>,
    /// The portal's `/login`.
    pub login_href: &'a str,
}

/// A signed-in contact's home and sections: `/`, `/courses`, `/communities`, `/affiliates`.
#[derive(Debug, Template)]
#[template(path = "pages/home.html")]
pub struct HomeView<'a> {
    pub layout: Layout<'a>,
    /// The contact's name, or their whole address: it is their own page.
    pub contact_name: &'a str,
    /// The section that is open.
    pub section: SectionName,
    /// What this session may open, in the menu's order; [`SectionName::ALL`] unless its link was limited.
    pub sections: &'a [SectionName],
    /// The portal's path without a slash at its end, such as `/p/acme`; empty on a host of its own.
    pub base: &'a str,
    /// The path that signs out. Field: `form_token`.
    pub sign_out_action: &'a str,
    pub form_token: &'a str,
    /// Somebody without a password may set one now: an offer, never a must.
    pub offer_password: bool,
}

impl HomeView<'_> {
    fn href(&self, section: &SectionName) -> String {
        match *section {
            SectionName::Home => format!("{}/", self.base),
            _ => format!("{}{}", self.base, section.path()),
        }
    }

    fn current(&self, section: &SectionName) -> bool {
        *section == self.section
    }

    fn limited(&self) -> bool {
        self.sections.len() < SectionName::ALL.len()
    }
}
