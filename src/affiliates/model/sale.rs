//! Sales that came from affiliates, as the system that sells reports them.

mod commission;

pub(crate) use commission::{CommissionKey, CommissionSum, commissions};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

use super::Affiliate;
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::lateral::owner;
use crate::base::db::schema::affiliate_sales;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, AffiliateId, AffiliateSaleId};
use crate::base::page::{OwnedList, newest_first, owned_list};
use crate::base::text_enum::text_enum;

text_enum! {
    /// Whether an affiliate gets the commission of a sale.
    #[derive(async_graphql::Enum)]
    CommissionStatus {
        /// Not decided yet.
        Pending = "PENDING",
        /// They get it.
        Approved = "APPROVED",
        /// They got it.
        Paid = "PAID",
        /// They don't get it, because the sale was refunded, for example.
        Denied = "DENIED",
    }
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = affiliate_sales)]
pub(crate) struct AffiliateSale {
    pub account_id: AccountId,
    pub id: AffiliateSaleId,
    #[diesel(embed)]
    pub facts: SaleFacts,
    pub status: CommissionStatus,
    /// When it was first set to [`CommissionStatus::Paid`].
    pub paid_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is reported about a sale, validated. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = affiliate_sales)]
pub(crate) struct SaleFacts {
    pub affiliate_id: AffiliateId,
    pub external_id: String,
    /// In minor units of the currency.
    pub amount: i64,
    pub commission: i64,
    pub currency_code: String,
    /// The status that it was recorded with.
    pub recorded_status: CommissionStatus,
    pub sold_at: DateTime<Utc>,
}

/// What became of a report.
#[derive(Clone, Debug)]
pub(crate) enum Recorded {
    New(AffiliateSale),
    /// It was recorded before, with the same facts.
    Repeated(AffiliateSale),
    /// A sale with this external id was recorded with other facts.
    Different,
}

impl AffiliateSale {
    /// Records a sale of this affiliate, once per external id.
    pub(crate) async fn record(
        conn: &mut Conn,
        affiliate: &Affiliate,
        facts: &SaleFacts,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Recorded> {
        let account = affiliate.account_id;
        let is_paid = facts.recorded_status == CommissionStatus::Paid;
        let inserted = diesel::insert_into(affiliate_sales::table)
            .values((
                affiliate_sales::account_id.eq(account),
                affiliate_sales::id.eq(AffiliateSaleId::new(moment)),
                facts,
                affiliate_sales::status.eq(facts.recorded_status),
                affiliate_sales::paid_at.eq(is_paid.then_some(moment.now)),
                affiliate_sales::created_at.eq(moment.now),
                affiliate_sales::updated_at.eq(moment.now),
            ))
            .on_conflict((affiliate_sales::account_id, affiliate_sales::external_id))
            .do_nothing()
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        let Some(sale) = inserted else {
            let found = Self::by_external_id(conn, account, &facts.external_id).await?;
            return Ok(match found {
                Some(sale) if sale.facts == *facts => Recorded::Repeated(sale),
                _ => Recorded::Different,
            });
        };
        let event = affiliate.event(EventKind::AffiliateSale).on(sale.id);
        let event = event.with(json!({"status": sale.status.as_str()}));
        record(conn, account, requester, &[event], moment).await?;
        Ok(Recorded::New(sale))
    }

    /// Sets the status of a sale whose row is locked.
    pub(crate) async fn set_status(
        self,
        conn: &mut Conn,
        status: CommissionStatus,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        if status == self.status {
            return Ok(self);
        }
        let to_be_paid = matches!(status, CommissionStatus::Pending | CommissionStatus::Approved);
        if self.paid_at.is_some() && to_be_paid {
            let message = "The commission was paid: it can only be DENIED, or PAID again.";
            return Err(Error::new(Code::Conflict, message).at("input.status"));
        }
        let is_paid = status == CommissionStatus::Paid;
        let changed = diesel::update(affiliate_sales::table.find((self.account_id, self.id)))
            .set((
                affiliate_sales::status.eq(status),
                affiliate_sales::paid_at.eq(self.paid_at.or(is_paid.then_some(moment.now))),
                affiliate_sales::updated_at.eq(moment.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        let affiliate = Affiliate::require(
            conn,
            self.account_id,
            self.facts.affiliate_id,
            "input.affiliateSaleId",
        )
        .await?;
        let event = affiliate.event(EventKind::AffiliateSaleUpdated).on(self.id);
        let event = event.with(json!({"from": self.status.as_str(), "to": status.as_str()}));
        record(conn, self.account_id, requester, &[event], moment).await?;
        Ok(changed)
    }

    async fn by_external_id(conn: &mut Conn, account: AccountId, external_id: &str) -> Result<Option<Self>> {
        Ok(affiliate_sales::table
            .filter(affiliate_sales::account_id.eq(account))
            .filter(affiliate_sales::external_id.eq(external_id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[AffiliateSaleId],
    ) -> Result<Vec<Self>> {
        Ok(affiliate_sales::table
            .filter(affiliate_sales::account_id.eq(account))
            .filter(affiliate_sales::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?)
    }

    pub(crate) async fn lock(
        conn: &mut Conn,
        account: AccountId,
        id: AffiliateSaleId,
    ) -> Result<Option<Self>> {
        Ok(affiliate_sales::table
            .find((account, id))
            .select(Self::as_select())
            .for_no_key_update()
            .first(conn)
            .await
            .optional()?)
    }
}

/// The sales of an affiliate, the last recorded first.
#[derive(Clone, Debug)]
pub(crate) struct SalesOf {
    pub affiliate: AffiliateId,
    pub statuses: Option<Vec<CommissionStatus>>,
}

impl SalesOf {
    fn of_owner<'a>(&self, account: AccountId) -> affiliate_sales::BoxedQuery<'a, diesel::pg::Pg> {
        let query = affiliate_sales::table
            .into_boxed()
            .filter(affiliate_sales::account_id.eq(account))
            .filter(affiliate_sales::affiliate_id.eq(owner::<SqlUuid>()));
        match &self.statuses {
            Some(statuses) => query.filter(affiliate_sales::status.eq_any(statuses.clone())),
            None => query,
        }
    }
}

impl OwnedList for SalesOf {
    type Row = AffiliateSale;
    type Filter = Option<Vec<CommissionStatus>>;

    fn owner(&self) -> Option<Uuid> {
        Some(self.affiliate.0)
    }

    fn filter(&self) -> Option<Vec<CommissionStatus>> {
        self.statuses.clone()
    }

    owned_list!(AffiliateSale, |query, page| newest_first!(
        query,
        page,
        affiliate_sales::id,
        AffiliateSaleId
    ));
}
