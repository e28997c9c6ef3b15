//! The commissions of affiliates, summed up by currency.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::CommissionStatus;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AffiliateId};

/// Whose commissions, and with which status; `None`: all but denied ones.
pub(crate) type CommissionKey = (AffiliateId, Option<CommissionStatus>);

/// The sum in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommissionSum {
    /// In minor units. A sum can be larger than any one amount.
    pub amount: i128,
    pub currency_code: String,
}

/// The sums of each affiliate, by currency; one without sales is absent.
pub(crate) async fn commissions(
    conn: &mut Conn,
    account: AccountId,
    wanted: &[CommissionKey],
) -> Result<HashMap<CommissionKey, Vec<CommissionSum>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        at: i64,
        #[diesel(sql_type = Text)]
        currency_code: String,
        #[diesel(sql_type = Text)]
        amount: String,
    }
    let rows: Vec<Row> = sql::statement(
        "select w.at, s.currency_code, sum(s.commission)::text as amount \
         from unnest(?, ?) with ordinality as w (affiliate_id, status, at) \
         join affiliate_sales s on s.account_id = ? and s.affiliate_id = w.affiliate_id \
            and (s.status = w.status or w.status is null and s.status <> 'DENIED') \
         group by w.at, s.currency_code order by w.at, s.currency_code",
    )
    .bind::<Array<SqlUuid>, _>(wanted.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(wanted.iter().map(|(_, status)| *status).collect::<Vec<_>>())
    .bind::<SqlUuid, _>(account)
    .load(conn)
    .await?;
    let mut found: HashMap<CommissionKey, Vec<CommissionSum>> = HashMap::new();
    for row in rows {
        let at = usize::try_from(row.at - 1).unwrap_or_default();
        if let Some(key) = wanted.get(at) {
            found.entry(*key).or_default().push(CommissionSum {
                amount: row.amount.parse().map_err(Error::internal)?,
                currency_code: row.currency_code,
            });
        }
    }
    Ok(found)
}
