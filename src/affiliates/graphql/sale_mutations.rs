//! Recording sales, and setting their status.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::affiliates::graphql::sale::AffiliateSale;
use crate::affiliates::model::Affiliate;
use crate::affiliates::model::code::Code;
use crate::affiliates::model::sale as row;
use crate::affiliates::model::sale::{CommissionStatus, Recorded, SaleFacts};
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTimeText, Decimal};
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Code as ErrorCode, Error, Result};
use crate::base::ids::{AccountId, AffiliateId, AffiliateSaleId};
use crate::base::money::Currency;
use crate::base::plain_text;
use crate::live::Topic;

const MAX_EXTERNAL_ID_CHARS: usize = 200;

#[derive(Default)]
pub(crate) struct SaleMutations;

/// A sale that came from an affiliate. Pass `affiliateId` or `code`.
#[derive(InputObject)]
pub(crate) struct RecordAffiliateSaleInput {
    /// The affiliate.
    affiliate_id: Option<ID>,
    /// The affiliate's code, or one that they had.
    code: Option<String>,
    /// The id of the sale in your system: one line of 1 to 200 characters. A sale is recorded once per id.
    external_id: String,
    /// What the buyer paid: not negative, with at most as many decimals as the currency has, such as `12.50`.
    amount: Decimal,
    /// What the affiliate gets of it: at most the amount.
    commission: Decimal,
    /// The currency's code (ISO 4217), such as `EUR`.
    currency_code: String,
    /// When it was sold.
    sold_at: DateTimeText,
    /// Whether the affiliate gets the commission; `PENDING` by default.
    status: Option<CommissionStatus>,
}

/// The recorded sale.
#[derive(SimpleObject)]
pub(crate) struct RecordAffiliateSalePayload {
    /// The sale as it is now.
    sale: AffiliateSale,
    /// Whether it was recorded by this; false if it was recorded before, with the same values.
    recorded: bool,
}

/// A sale, and its new status.
#[derive(InputObject)]
pub(crate) struct UpdateAffiliateSaleInput {
    /// The sale.
    affiliate_sale_id: ID,
    /// Whether the affiliate gets the commission. One that was paid can only be `DENIED`, or `PAID` again.
    status: CommissionStatus,
}

/// The changed sale.
#[derive(SimpleObject)]
pub(crate) struct UpdateAffiliateSalePayload {
    /// The sale as it is now.
    sale: AffiliateSale,
}

#[Object]
impl SaleMutations {
    /// Records a sale that came from an affiliate. A repeat with the same values changes nothing; one with other values is a
    /// `CONFLICT`. Needs the scope `AFFILIATES`.
    async fn record_affiliate_sale(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sale.")] input: RecordAffiliateSaleInput,
    ) -> Option<GraphqlResult<RecordAffiliateSalePayload>> {
        mutate(record(ctx, input)).await
    }

    /// Sets the status of a sale. Needs the scope `AFFILIATES`.
    async fn update_affiliate_sale(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sale, and its new status.")] input: UpdateAffiliateSaleInput,
    ) -> Option<GraphqlResult<UpdateAffiliateSalePayload>> {
        mutate(update(ctx, input)).await
    }
}

/// Who made the sale.
enum Seller {
    Id(AffiliateId),
    Code(Code),
}

impl Seller {
    fn parse(id: Option<&ID>, code: Option<&str>) -> Result<Self> {
        match (id, code) {
            (Some(id), None) => {
                let missing = |_| Error::not_found("input.affiliateId", "affiliate");
                id.parse().map(Self::Id).map_err(missing)
            }
            (None, Some(code)) => Code::parse(code).map(Self::Code),
            _ => Err(Error::bad_input("input.affiliateId", "Pass affiliateId or code.")),
        }
    }

    async fn find(&self, conn: &mut Conn, account: AccountId) -> Result<Affiliate> {
        match self {
            Self::Id(id) => Affiliate::require(conn, account, *id, "input.affiliateId").await,
            Self::Code(code) => {
                let found = Affiliate::by_code(conn, account, code).await?;
                found.ok_or_else(|| Error::not_found("input.code", "affiliate"))
            }
        }
    }
}

fn parse_external_id(text: &str) -> Result<String> {
    let field = "input.externalId";
    let id = plain_text::line(field, text, MAX_EXTERNAL_ID_CHARS)?;
    id.ok_or_else(|| Error::bad_input(field, "It can't be empty."))
}

/// The facts, except for the affiliate.
fn parse(input: RecordAffiliateSaleInput) -> Result<impl FnOnce(AffiliateId) -> SaleFacts> {
    let external_id = parse_external_id(&input.external_id)?;
    let currency = Currency::parse("input.currencyCode", &input.currency_code)?;
    let amount = currency.parse_amount("input.amount", &input.amount.0)?;
    let commission = currency.parse_amount("input.commission", &input.commission.0)?;
    if commission > amount {
        return Err(Error::bad_input(
            "input.commission",
            "It can't be more than the amount.",
        ));
    }
    let sold_at = input.sold_at.parse("input.soldAt")?;
    Ok(move |affiliate_id| SaleFacts {
        affiliate_id,
        external_id,
        amount,
        commission,
        currency_code: currency.code().to_owned(),
        recorded_status: input.status.unwrap_or(CommissionStatus::Pending),
        sold_at,
    })
}

fn recorded_otherwise() -> Error {
    let message = "A sale with this id was recorded with other values.";
    Error::new(ErrorCode::Conflict, message).at("input.externalId")
}

async fn record(ctx: &Context<'_>, input: RecordAffiliateSaleInput) -> Result<RecordAffiliateSalePayload> {
    let staff = ctx.staff(Scope::Affiliates)?;
    let seller = Seller::parse(input.affiliate_id.as_ref(), input.code.as_deref())?;
    let facts = parse(input)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (sale, recorded) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let affiliate = seller.find(conn, staff.account).await?;
            let facts = facts(affiliate.id);
            match row::AffiliateSale::record(conn, &affiliate, &facts, &requester, &moment).await? {
                Recorded::New(sale) => Ok((sale, true)),
                Recorded::Repeated(sale) => Ok((sale, false)),
                Recorded::Different => Err(recorded_otherwise()),
            }
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(RecordAffiliateSalePayload {
        sale: sale.into(),
        recorded,
    })
}

async fn update(ctx: &Context<'_>, input: UpdateAffiliateSaleInput) -> Result<UpdateAffiliateSalePayload> {
    let staff = ctx.staff(Scope::Affiliates)?;
    let missing = || Error::not_found("input.affiliateSaleId", "sale");
    let id: AffiliateSaleId = input.affiliate_sale_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let sale = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let sale = row::AffiliateSale::lock(conn, staff.account, id).await?;
            let sale = sale.ok_or_else(missing)?;
            sale.set_status(conn, input.status, &requester, &moment).await
        })
        .await?;
    Ok(UpdateAffiliateSalePayload { sale: sale.into() })
}
