//! The account's portal: what its staff see, and what is public.

pub(crate) mod settings;
pub(crate) mod update_settings;

use async_graphql::{Context, ID, Object};

use crate::accounts::graphql::settings::{PortalSettings, SignInMethod};
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, EmailAddress, Url};
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::graphql::portal_stats::PortalStats;
use crate::sending_domains;
use crate::sending_domains::graphql::SendingDomain;
use crate::services::Services;

pub(crate) struct Portal(Account);

pub(crate) struct PublicPortal(Account);

impl From<Account> for Portal {
    fn from(account: Account) -> Self {
        Self(account)
    }
}

/// An account's portal: its name, addresses and settings.
#[Object]
impl Portal {
    /// The account's id: `account_…`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The account's name, as contacts read it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The short name in the portal's address: `a-z`, `0-9` and single dashes. It is never given to another account, also after a change.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The slugs that the account had before, in alphabetical order. Addresses with them redirect, and no other account gets them.
    async fn former_slugs(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let mut conn = ctx.services().db.conn().await?;
        self.0.former_slugs(&mut conn).await
    }

    /// The address of the portal.
    async fn url(&self, ctx: &Context<'_>) -> Url {
        Url(ctx.services().settings.addresses.portal(&self.0.slug))
    }

    /// The address of the dashboard.
    async fn dashboard_url(&self, ctx: &Context<'_>) -> Url {
        Url(ctx.services().settings.addresses.dashboard(&self.0.slug))
    }

    /// The account's own domain to send emails from; null if none is set. For owners and admins.
    async fn sending_domain(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<SendingDomain>> {
        sending_domains::graphql::of_account(ctx, self.0.id).await
    }

    /// The address for replies to the portal's emails; null if there is none.
    async fn reply_to(&self) -> Option<EmailAddress> {
        self.0.reply_to.clone().map(EmailAddress)
    }

    /// The colour of buttons, as `#rrggbb`.
    async fn accent_color(&self) -> &str {
        &self.0.accent_color
    }

    /// How many days an invitation stays open: 1 to 30.
    async fn invitation_days(&self) -> i32 {
        self.0.invitation_days.into()
    }

    /// Whether links from `generateMagicLink` are limited to their section by default.
    async fn limit_copied_links(&self) -> bool {
        self.0.limit_copied_links
    }

    /// The IANA time zone of the account's days, weeks and months, such as `Europe/Berlin`.
    async fn timezone(&self) -> &str {
        &self.0.timezone
    }

    /// The settings that owners and admins can change.
    async fn settings(&self) -> PortalSettings {
        self.0.clone().into()
    }

    /// When the account was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// How many were invited and how many joined.
    async fn stats(&self, ctx: &Context<'_>) -> Result<PortalStats> {
        Ok(ctx.services().live.stats(self.0.id).await?.into())
    }
}

/// The public facts of a portal: as much as a sign-in page shows.
#[Object]
impl PublicPortal {
    /// The account's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The short name in the portal's address.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The address of the portal.
    async fn url(&self, ctx: &Context<'_>) -> Url {
        Url(ctx.services().settings.addresses.portal(&self.0.slug))
    }

    /// The colour of buttons, as `#rrggbb`.
    async fn accent_color(&self) -> &str {
        &self.0.accent_color
    }

    /// Whether visitors may sign up by themselves: `requestLoginCode` and `requestLoginEmail` then email a code to an address that belongs to no
    /// contact, and `signInWithCode` creates the contact.
    async fn self_sign_up(&self) -> bool {
        self.0.takes_sign_ups()
    }

    /// The ways to sign in that are open to contacts.
    async fn sign_in_methods(&self, ctx: &Context<'_>) -> Vec<SignInMethod> {
        SignInMethod::available(&self.0, ctx.services().settings.google)
    }
}

/// Finds the account of a portal by its slug or host, also by former ones.
pub(crate) async fn find_portal(services: &Services, conn: &mut Conn, name: &str) -> Result<Option<Account>> {
    let name = name.trim().to_ascii_lowercase();
    let (host, path) = name.split_once('/').unwrap_or((&name, ""));
    let path = format!("/{path}");
    let slug = if slug_is_well_formed(&name) {
        Some(&name[..])
    } else {
        services
            .settings
            .addresses
            .resolve(host, &path)
            .map(|(slug, _)| slug)
    };
    match slug {
        Some(slug) if slug_is_well_formed(slug) => Account::by_slug(conn, slug).await,
        _ => Ok(None),
    }
}

#[derive(Default)]
pub(crate) struct AccountQueries;

#[Object]
impl AccountQueries {
    /// The portal of the account that the credential belongs to. Needs the scope `READ`.
    async fn portal(&self, ctx: &Context<'_>) -> Result<Portal> {
        let staff = ctx.staff(Scope::Read)?;
        let mut conn = ctx.services().db.conn().await?;
        Ok(Portal(Account::find(&mut conn, staff.account).await?))
    }

    /// What a sign-in page needs to know of a portal; null if there is none of that name. No credential needed.
    async fn public_portal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The portal's slug, such as `acme`, or its host, such as `acme.portal.example`.")]
        portal: String,
    ) -> Option<async_graphql::Result<PublicPortal>> {
        nullable(async {
            let mut conn = ctx.services().db.conn().await?;
            let account = find_portal(ctx.services(), &mut conn, &portal).await?;
            Ok(account.map(PublicPortal))
        })
        .await
    }
}
