//! Affiliates as staff see them, and as contacts see themselves.

pub(crate) mod mutations;
pub(crate) mod sale;
pub(crate) mod sale_mutations;

use async_graphql::{Context, ID, Object, Result as GraphqlResult, SimpleObject};

use crate::affiliates::graphql::sale::AffiliateSale;
use crate::affiliates::model as affiliate;
use crate::affiliates::model::click::{ClickRange, ClicksOfDay};
use crate::affiliates::model::sale::{CommissionStatus, SalesOf};
use crate::affiliates::model::{AffiliateFilter, AffiliateStatus};
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::money::Money;
use crate::api::scalars::{Date, DateTime, Url};
use crate::base::actor::{Actor, Scope};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AffiliateId, ContactId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::model::list::parse_search;

#[derive(Clone)]
pub(crate) struct Affiliate(affiliate::Affiliate);

impl From<affiliate::Affiliate> for Affiliate {
    fn from(affiliate: affiliate::Affiliate) -> Self {
        Self(affiliate)
    }
}

/// The clicks of one day.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct AffiliateClicks {
    /// The day, in UTC.
    date: Date,
    /// Its clicks: one for each visitor.
    count: i32,
}

impl From<ClicksOfDay> for AffiliateClicks {
    fn from(clicks: ClicksOfDay) -> Self {
        Self {
            date: clicks.day.into(),
            count: i32::try_from(clicks.clicks).unwrap_or(i32::MAX),
        }
    }
}

/// A contact with a link to pass on, its clicks, and the sales that came from it. The figures need the scope `READ`; contacts see
/// their own.
#[Object]
impl Affiliate {
    /// The id: `affiliate_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The contact.
    async fn contact(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Contact>> {
        nullable(Contact::load(ctx, self.0.contact_id)).await
    }

    /// The last part of the link: 3 to 40 of `a-z 0-9 - _`. Links with earlier codes still work.
    async fn code(&self) -> &str {
        self.0.details.code.as_str()
    }

    /// The link to pass on, on the portal's host.
    async fn link(&self, ctx: &Context<'_>) -> Result<Url> {
        let slug = ctx.loaders().slugs.get(self.0.account_id).await?;
        let slug = slug.ok_or_else(|| Error::internal("an affiliate without its account"))?;
        let addresses = &ctx.services().settings.addresses;
        Ok(Url(addresses.affiliate_link(&slug, self.0.details.code.as_str())))
    }

    /// Where the link leads; null: where the account's `affiliateTargetUrl` says, or else to the portal.
    async fn target_url(&self) -> Option<Url> {
        self.0.details.target_url.clone().map(Url)
    }

    /// Whether the link works.
    async fn status(&self) -> AffiliateStatus {
        self.0.details.status
    }

    /// The number of clicks on the link: one for each visitor and day (UTC).
    async fn click_count(&self, ctx: &Context<'_>) -> Result<i32> {
        self.require_reader(ctx)?;
        let count = ctx.loaders().click_counts.get(self.0.id).await?;
        Ok(i32::try_from(count.unwrap_or_default()).unwrap_or(i32::MAX))
    }

    /// The clicks by day (UTC), for every day of the range, in order. At most 400 days. May be a few seconds old.
    async fn click_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day of the range.")] from: Date,
        #[graphql(desc = "The last day of the range.")] to: Date,
    ) -> Result<Vec<AffiliateClicks>> {
        self.require_reader(ctx)?;
        let range = ClickRange::new(from.parse("from")?, to.parse("to")?)?;
        let counted = ctx.loaders().click_histories.get((self.0.id, range)).await?;
        let days = range.filled(&counted.unwrap_or_default());
        Ok(days.into_iter().map(Into::into).collect())
    }

    /// The sales that came from the link, the last recorded first.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn sales(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with one of these statuses.")] statuses: Option<Vec<CommissionStatus>>,
    ) -> Result<Connection<AffiliateSale>> {
        self.require_reader(ctx)?;
        let args = PageArgs::new(first, after, last, before);
        let of = SalesOf {
            affiliate: self.0.id,
            statuses,
        };
        AffiliateSale::list(ctx, args, self.0.account_id, of).await
    }

    /// The commissions of the sales, summed up for each currency.
    async fn commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of sales with this status; by default of all but denied ones.")]
        status: Option<CommissionStatus>,
    ) -> Result<Vec<Money>> {
        self.require_reader(ctx)?;
        let sums = ctx.loaders().commissions.get((self.0.id, status)).await?;
        let sums = sums.unwrap_or_default();
        sums.iter()
            .map(|sum| Money::new(sum.amount, &sum.currency_code))
            .collect()
    }

    /// When the contact became an affiliate.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When the code, target or status was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl Affiliate {
    pub(crate) async fn of_contact(ctx: &Context<'_>, contact: ContactId) -> Result<Option<Self>> {
        let found = ctx.loaders().affiliates_of_contacts.get(contact).await?;
        Ok(found.map(Self))
    }

    async fn find(ctx: &Context<'_>, id: AffiliateId) -> Result<Option<Self>> {
        Ok(ctx.loaders().affiliates.get(id).await?.map(Self))
    }

    /// The figures are for staff with the scope `READ`, and for the contact.
    fn require_reader(&self, ctx: &Context<'_>) -> Result<()> {
        if self.0.contact_id.map(Actor::Contact) == Some(ctx.auth().viewer.actor()) {
            return Ok(());
        }
        ctx.staff(Scope::Read).map(drop)
    }
}

impl Listed for Affiliate {
    type Of = AffiliateFilter;
}

impl Counted for AffiliateFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        affiliate::Affiliate::count(&mut conn, account, self).await
    }
}

#[derive(Default)]
pub(crate) struct AffiliateQueries;

#[Object]
impl AffiliateQueries {
    /// The affiliate with this id; null if there is none. Needs the scope `READ`.
    async fn affiliate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Affiliate>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            match id.parse() {
                Ok(id) => Affiliate::find(ctx, id).await,
                Err(_) => Ok(None),
            }
        })
        .await
    }

    /// The account's affiliates, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn affiliates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Only those whose code begins with this, or whose contact's name or address has words that begin with it."
        )]
        search: Option<String>,
        #[graphql(desc = "Only those with one of these statuses.")] statuses: Option<Vec<AffiliateStatus>>,
    ) -> Result<Connection<Affiliate>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        let page = PageRequest::parse("affiliates", &args)?;
        let search = parse_search("search", search)?;
        let of = AffiliateFilter { search, statuses };
        let mut conn = ctx.services().db.conn().await?;
        let rows = affiliate::Affiliate::list(&mut conn, staff.account, &of, &page).await?;
        let position = |row: &affiliate::Affiliate| by_id(row.id.0);
        Ok(Connection::new("affiliates", rows, position, staff.account, of))
    }
}
