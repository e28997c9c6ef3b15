//! The page of a link that is refused.

use askama::Template;

use super::{LinkPage, masked};
use crate::base::error::Result;
use crate::magic_links::model::redeem::{LinkRefusal, Presented};
use crate::pages::{Layout, Reply};

/// Why a link is refused, as the page words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No such link, or a broken one.
    Invalid,
    Expired,
    Used,
    /// A newer one was created.
    Superseded,
    /// Withdrawn by staff, the invitation was cancelled, or the address has changed.
    Revoked,
    /// Redeemed elsewhere a moment ago; after these seconds it works again if that session stays unused.
    TryAgainIn(u64),
    /// The contact's access to the portal was revoked. Shown only for a correct token.
    AccessRevoked,
    /// The account has turned off sign-in links. Shown only for a correct token.
    SwitchedOff,
}

impl Refused {
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
            Self::Used => "Each link works once.",
            Self::Superseded => "We sent you a newer link. Please use the newest email.",
            Self::Revoked => "It was withdrawn, or you have signed in another way since.",
            Self::TryAgainIn(_) => {
                "It was used in another browser a moment ago. If that wasn\u{2019}t you, try again in a few seconds."
            }
            Self::AccessRevoked => "You no longer have access to this portal.",
            Self::SwitchedOff => "Please sign in another way.",
        }
    }

    /// Why the visitor may want to contact the account.
    fn contact_reason(self) -> Option<&'static str> {
        match self {
            Self::Used => Some("If you didn\u{2019}t use it yourself"),
            Self::AccessRevoked => Some("If you think that this is a mistake"),
            Self::Invalid
            | Self::Expired
            | Self::Superseded
            | Self::Revoked
            | Self::TryAgainIn(_)
            | Self::SwitchedOff => None,
        }
    }

    fn retry_after(self) -> Option<u64> {
        match self {
            Self::TryAgainIn(seconds) => Some(seconds.max(1)),
            _ => None,
        }
    }
}

/// The offer to email a new link to the contact's own address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreshOffer<'a> {
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
    pub refusal: Refused,
    /// Offered if the link belongs to a contact who may sign in by email.
    pub fresh: Option<FreshOffer<'a>>,
    /// The page itself, to try again; only with [`Refused::TryAgainIn`].
    pub retry_href: Option<&'a str>,
    /// The portal's `/login`.
    pub login_href: &'a str,
    /// Whom to contact: the account's name, with its address for replies if it has one.
    pub support: &'a str,
}

impl LinkPage<'_> {
    pub(super) fn refuse(&self, refusal: LinkRefusal, presented: Option<&Presented>) -> Result<Reply> {
        let refused = match refusal {
            LinkRefusal::Invalid => Refused::Invalid,
            LinkRefusal::Expired => Refused::Expired,
            LinkRefusal::Used {
                retry_after: Some(seconds),
            } => Refused::TryAgainIn(seconds),
            LinkRefusal::Used { retry_after: None } => Refused::Used,
            LinkRefusal::Superseded => Refused::Superseded,
            LinkRefusal::Revoked => Refused::Revoked,
            LinkRefusal::AccessRevoked => Refused::AccessRevoked,
            LinkRefusal::MethodDisabled => Refused::SwitchedOff,
        };
        let page = self.path();
        let fresh_action = format!("{page}/fresh");
        let account = &self.site.account;
        let support = match &account.reply_to {
            Some(address) => format!("{} ({address})", account.name),
            None => account.name.clone(),
        };
        let form_token = self.visit.form_token(&fresh_action);
        let masked_email = presented.map(masked).unwrap_or_default();
        let offered = presented.is_some_and(|presented| presented.contact.email.is_some())
            && !matches!(refusal, LinkRefusal::AccessRevoked | LinkRefusal::MethodDisabled);
        let view = LinkRefusedView {
            layout: self.site.layout(),
            refusal: refused,
            fresh: offered.then_some(FreshOffer {
                action: &fresh_action,
                form_token: &form_token,
                masked_email: &masked_email,
            }),
            retry_href: matches!(refused, Refused::TryAgainIn(_)).then_some(&page),
            login_href: &self.site.path("login"),
            support: &support,
        };
        // 410: the link was good once and will not be again; scanners and programs understand it.
        let status = if refusal == LinkRefusal::Invalid { 404 } else { 410 };
        Reply::view(status, &view, &view.layout)
    }
}
