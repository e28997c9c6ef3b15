//! The page of a link that is refused.

use askama::Template;

use super::{LinkPage, masked_email};
use crate::base::error::Result;
use crate::magic_links::model::redeem::{LinkRefusal, LinkWithContact};
use crate::pages::{Layout, Reply};

/// The words of the page.
impl LinkRefusal {
    fn heading(self) -> &'static str {
        match self {
            Self::Invalid => "This link doesn\u{2019}t work",
            Self::Expired => "This link has expired",
            Self::Used { retry_after: None } => "This link was already used",
            Self::Superseded => "This link was replaced",
            Self::Revoked => "This link no longer works",
            Self::Used { retry_after: Some(_) } => "This link was just used",
            Self::AccessRevoked => "Your access has ended",
            Self::MethodDisabled => "Sign-in links are turned off",
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
            Self::Used { retry_after: None } => "Each link works once.",
            Self::Superseded => "We sent you a newer link. Please use the newest email.",
            Self::Revoked => "It was withdrawn, or you have signed in another way since.",
            Self::Used { retry_after: Some(_) } => {
                "It was used in another browser a moment ago. If that wasn\u{2019}t you, try again in a few seconds."
            }
            Self::AccessRevoked => "You no longer have access to this portal.",
            Self::MethodDisabled => "Please sign in another way.",
        }
    }

    /// Why the visitor may want to contact the account.
    fn contact_reason(self) -> Option<&'static str> {
        match self {
            Self::Used { retry_after: None } => Some("If you didn\u{2019}t use it yourself"),
            Self::AccessRevoked => Some("If you think that this is a mistake"),
            Self::Invalid
            | Self::Expired
            | Self::Superseded
            | Self::Revoked
            | Self::Used { retry_after: Some(_) }
            | Self::MethodDisabled => None,
        }
    }

    /// Seconds until the link may work again, if that session stays unused.
    fn retry_after(self) -> Option<u64> {
        match self {
            Self::Used { retry_after } => retry_after.map(|seconds| seconds.max(1)),
            Self::Invalid
            | Self::Expired
            | Self::Superseded
            | Self::Revoked
            | Self::AccessRevoked
            | Self::MethodDisabled => None,
        }
    }
}

/// The offer to email a new link to the contact's own address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewLinkOffer<'a> {
    /// The path the form posts to. Field: `form_token`.
    pub action: &'a str,
    pub form_token: &'a str,
    /// The contact's masked address.
    pub masked_email: &'a str,
}

/// `GET /link/{token}`, or its `POST`, of a link that is refused.
#[derive(Debug, Template)]
#[template(path = "pages/link_refused.html")]
pub(crate) struct LinkRefusedView<'a> {
    pub layout: Layout<'a>,
    pub refusal: LinkRefusal,
    /// Offered if the link belongs to a contact who may sign in by email.
    pub new_link: Option<NewLinkOffer<'a>>,
    /// The page itself, to try again; only if the link may work again.
    pub retry_href: Option<&'a str>,
    /// The portal's `/login`.
    pub login_href: &'a str,
    /// Whom to contact: the account's name, with its address for replies if it has one.
    pub support: &'a str,
}

impl LinkPage<'_> {
    pub(super) fn refuse(&self, refusal: LinkRefusal, found: Option<&LinkWithContact>) -> Result<Reply> {
        let page = self.path();
        let new_link_action = format!("{page}/fresh");
        let account = &self.site.account;
        let support = match &account.reply_to {
            Some(address) => format!("{} ({address})", account.name),
            None => account.name.clone(),
        };
        let form_token = self.visit.form_token(&new_link_action);
        let masked_email = found.map(masked_email).unwrap_or_default();
        let offered = found.is_some_and(|found| found.contact.email.is_some())
            && !matches!(refusal, LinkRefusal::AccessRevoked | LinkRefusal::MethodDisabled);
        let view = LinkRefusedView {
            layout: self.site.layout(),
            refusal,
            new_link: offered.then_some(NewLinkOffer {
                action: &new_link_action,
                form_token: &form_token,
                masked_email: &masked_email,
            }),
            retry_href: refusal.retry_after().map(|_| &page[..]),
            login_href: &self.site.path("login"),
            support: &support,
        };
        // 410: the link existed and won't work again; scanners and programs understand it.
        let status = if refusal == LinkRefusal::Invalid { 404 } else { 410 };
        Reply::view(status, &view, &view.layout)
    }
}
