//! The account's portal, as staff and as anyone sees it.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::context::{Request, Services};
use super::portal_stats::PortalStats;
use super::scalars::{DateTime, EmailAddress, Url};
use crate::db::Conn;
use crate::error;
use crate::models::account::Account;

pub struct Portal(pub Account);

/// The account's portal, with its settings.
#[Object]
impl Portal {
    /// The account's id: `account_…`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name that contacts see.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The short name in its address.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Where the portal lives.
    async fn url(&self, ctx: &Context<'_>) -> Url {
        Url(ctx.services().settings.addresses.portal(&self.0.slug))
    }

    /// Where its dashboard lives.
    async fn dashboard_url(&self, ctx: &Context<'_>) -> Url {
        Url(ctx.services().settings.addresses.dashboard(&self.0.slug))
    }

    /// The domain that its mails come from; null: the server's.
    async fn sending_domain(&self) -> Option<&str> {
        self.0.sending_domain.as_deref()
    }

    /// Where answers to its mails go.
    async fn reply_to(&self) -> Option<EmailAddress> {
        self.0.reply_to.clone().map(EmailAddress)
    }

    /// The colour of its pages: `#rrggbb`.
    async fn accent_color(&self) -> &str {
        &self.0.accent_color
    }

    /// How many days an invitation stays open: 1 to 30.
    async fn invitation_days(&self) -> i32 {
        self.0.invitation_days.into()
    }

    /// Whether links that staff make open their section only, where nothing else is said.
    async fn limit_copied_links(&self) -> bool {
        self.0.limit_copied_links
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The counts now.
    async fn stats(&self, ctx: &Context<'_>) -> Result<PortalStats> {
        Ok(ctx.services().live.stats(self.0.id).await?.into())
    }
}

/// What a sign-in page needs of a portal; for anyone.
#[derive(SimpleObject)]
pub struct PublicPortal {
    /// The name.
    name: String,
    /// The short name in its address.
    slug: String,
    /// Where it lives.
    url: Url,
    /// The colour of its pages: `#rrggbb`.
    accent_color: String,
}

impl PublicPortal {
    pub fn new(account: Account, services: &Services) -> Self {
        Self {
            url: Url(services.settings.addresses.portal(&account.slug)),
            name: account.name,
            slug: account.slug,
            accent_color: account.accent_color,
        }
    }
}

/// The account whose portal is named by its slug or its host.
pub async fn portal_named(
    services: &Services,
    conn: &mut Conn,
    name: &str,
) -> error::Result<Option<Account>> {
    let name = name.trim().to_lowercase();
    if let Some((slug, _)) = services.settings.addresses.portal.resolve(&name, "/") {
        let slug = slug.to_owned();
        return Account::by_slug(conn, &slug).await;
    }
    Account::by_slug(conn, &name).await
}
