//! Sales of affiliates in the API.

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::affiliates::graphql::Affiliate;
use crate::affiliates::model::sale as row;
use crate::affiliates::model::sale::{CommissionStatus, SalesOf};
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::money::Money;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::page::{PageArgs, PageRequest};
use crate::sign_in::auth_context::Viewer;

#[derive(Clone)]
pub(crate) struct AffiliateSale(row::AffiliateSale);

impl From<row::AffiliateSale> for AffiliateSale {
    fn from(sale: row::AffiliateSale) -> Self {
        Self(sale)
    }
}

/// A sale that came from an affiliate's link, as the system that sells recorded it.
#[Object]
impl AffiliateSale {
    /// The id: `affiliatesale_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The affiliate. Needs the scope `READ`.
    async fn affiliate(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Affiliate>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Affiliate::find(ctx, self.0.facts.affiliate_id).await
        })
        .await
    }

    /// The id of the sale in the system that recorded it. For contacts null: it may tell who bought.
    async fn external_id(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_contact = matches!(ctx.auth().viewer, Viewer::Contact { .. });
        (!is_contact).then_some(&self.0.facts.external_id)
    }

    /// What the buyer paid.
    async fn amount(&self) -> Result<Money> {
        Money::new(self.0.facts.amount.into(), &self.0.facts.currency_code)
    }

    /// What the affiliate gets of it.
    async fn commission(&self) -> Result<Money> {
        Money::new(self.0.facts.commission.into(), &self.0.facts.currency_code)
    }

    /// Whether the affiliate gets the commission.
    async fn status(&self) -> CommissionStatus {
        self.0.status
    }

    /// When it was sold.
    async fn sold_at(&self) -> DateTime {
        DateTime(self.0.facts.sold_at)
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When its status was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

impl AffiliateSale {
    pub(super) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        account: AccountId,
        of: SalesOf,
    ) -> Result<Connection<Self>> {
        let list = "affiliateSales";
        let page = PageRequest::parse(list, &args)?;
        let rows = ctx.loaders().lists().sales.page(&of, &page).await?;
        let position = |row: &row::AffiliateSale| by_id(row.id.0);
        Ok(Connection::new(list, rows, position, account, of))
    }
}

impl Listed for AffiliateSale {
    type Of = SalesOf;
}

impl Counted for SalesOf {
    async fn count(&self, ctx: &Context<'_>, _account: AccountId) -> Result<i64> {
        ctx.loaders().lists().sales.count(self).await
    }
}
