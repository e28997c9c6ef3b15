//! An account's settings, and the ways to sign in that follow from them.

use async_graphql::{Context, Enum, Object};

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::scalars::{EmailAddress, Url};
use crate::base::locale::Language;

pub(crate) struct PortalSettings(Account);

impl From<Account> for PortalSettings {
    fn from(account: Account) -> Self {
        Self(account)
    }
}

/// A way to sign in to a portal. More ways come with more features.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInMethod {
    /// An email with one button, requested by the contact: `requestLoginEmail`.
    LoginEmail,
    /// A one-time link, created by staff or a server: `signInWithMagicLink`.
    MagicLink,
    /// A password: `signInWithPassword`.
    Password,
    /// A code by email: `requestLoginCode`, `signInWithCode`.
    Code,
    /// A Google account: `signInWithGoogle`.
    Google,
}

impl SignInMethod {
    /// The methods that contacts can use. `google`: whether the server offers it.
    pub(crate) fn available(account: &Account, google: bool) -> Vec<Self> {
        [
            (Self::LoginEmail, account.link_allowed),
            (Self::MagicLink, account.link_allowed),
            (Self::Password, account.password_allowed),
            (Self::Code, account.code_allowed),
            (Self::Google, account.google_allowed && google),
        ]
        .into_iter()
        .filter_map(|(method, available)| available.then_some(method))
        .collect()
    }
}

/// The settings that owners and admins can change by `updatePortalSettings`.
#[Object]
impl PortalSettings {
    /// The account's name, as contacts read it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The address for replies to the portal's emails; null if there is none.
    async fn reply_to(&self) -> Option<EmailAddress> {
        self.0.reply_to.clone().map(EmailAddress)
    }

    /// The colour of buttons, as `#rrggbb`.
    async fn accent_color(&self) -> &str {
        &self.0.accent_color
    }

    /// The colour of the bar above the portal's pages, as `#rrggbb`; null if it has none of its own.
    async fn secondary_color(&self) -> Option<&str> {
        self.0.secondary_color.as_deref()
    }

    /// Where the logo was fetched from; null if there is none.
    async fn logo_url(&self) -> Option<Url> {
        self.0.logo_url.clone().map(Url)
    }

    /// The logo as the portal shows it: a PNG of at most 640 × 160 pixels, without a session.
    async fn logo_image_url(&self, ctx: &Context<'_>) -> Option<Url> {
        let addresses = &ctx.services().settings.addresses;
        let file = self.0.logo()?;
        Some(Url(format!(
            "{}/logo/{}",
            addresses.portal(&self.0.slug),
            file.name
        )))
    }

    /// How many days an invitation stays open: 1 to 30.
    async fn invitation_days(&self) -> i32 {
        self.0.invitation_days.into()
    }

    /// Whether links from `generateMagicLink` are limited to their section by default.
    async fn limit_copied_links(&self) -> bool {
        self.0.limit_copied_links
    }

    /// Whether people may sign in with a password.
    async fn password_allowed(&self) -> bool {
        self.0.password_allowed
    }

    /// Whether people may sign in with a code by email.
    async fn code_allowed(&self) -> bool {
        self.0.code_allowed
    }

    /// Whether people may sign in with Google, if the server offers it.
    async fn google_allowed(&self) -> bool {
        self.0.google_allowed
    }

    /// Whether people may sign in with login emails and magic links. Invitations work either way: contacts join with them.
    async fn link_allowed(&self) -> bool {
        self.0.link_allowed
    }

    /// Whether visitors may sign up to the portal by themselves, as long as `codeAllowed` is on.
    async fn self_sign_up(&self) -> bool {
        self.0.self_sign_up
    }

    /// The fewest characters of a password: 8 to 15.
    async fn shortest_password(&self) -> i32 {
        self.0.shortest_password.into()
    }

    /// The IANA time zone of the account's days, weeks and months, such as `Europe/Berlin`.
    async fn timezone(&self) -> &str {
        &self.0.timezone
    }

    /// The sections that the portal has, in the order of its menu. The home page is always among them.
    async fn sections(&self) -> &[PortalSection] {
        &self.0.sections
    }

    /// Whether the portal also shows sections in which the contact has nothing.
    async fn show_empty_sections(&self) -> bool {
        self.0.show_empty_sections
    }

    /// The language of pages and emails for contacts and visitors whose own is not known, and of the emails to the team.
    async fn language(&self) -> Language {
        self.0.language
    }

    /// How many days the audit log is kept; null: forever.
    async fn audit_days(&self) -> Option<i32> {
        self.0.audit_days.map(Into::into)
    }

    /// Where the links of affiliates lead that have no target of their own; null: to the portal.
    async fn affiliate_target_url(&self) -> Option<Url> {
        self.0.affiliate_target_url.clone().map(Url)
    }

    /// The hosts whose pages menu items may show in a frame: `app.example.com`, or `*.example.com` for all hosts below a domain.
    async fn frame_hosts(&self) -> &[String] {
        &self.0.frame_hosts
    }
}
