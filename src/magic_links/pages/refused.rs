//! The page of a link that is refused.

use askama::Template;

use super::{LinkPage, masked_email};
use crate::base::error::Result;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::magic_links::model::redeem::{LinkRefusal, LinkWithContact};
use crate::pages::{Layout, Reply};

/// The words of the page.
impl LinkRefusal {
    fn heading(self, locale: &Locale) -> Text {
        match self {
            Self::Invalid => locale.text("link-invalid"),
            Self::Expired => locale.text("link-expired"),
            Self::Used { retry_after: None } => locale.text("link-used"),
            Self::Superseded => locale.text("link-superseded"),
            Self::Revoked => locale.text("link-revoked"),
            Self::Used { retry_after: Some(_) } => locale.text("link-just-used"),
            Self::AccessRevoked => locale.text("link-access-ended"),
            Self::MethodDisabled => locale.text("link-disabled"),
        }
    }

    /// `support`: whom to contact.
    fn explanation(self, locale: &Locale, support: &str) -> Text {
        match self {
            Self::Invalid => locale.text("link-invalid-text"),
            Self::Expired => locale.text("link-expired-text"),
            Self::Used { retry_after: None } => locale.text("link-used-text").arg("support", support),
            Self::Superseded => locale.text("link-superseded-text"),
            Self::Revoked => locale.text("link-revoked-text"),
            Self::Used { retry_after: Some(_) } => locale.text("link-just-used-text"),
            Self::AccessRevoked => locale.text("link-access-ended-text").arg("support", support),
            Self::MethodDisabled => locale.text("link-disabled-text"),
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
