//! Clicks on the links of affiliates: one per visitor and UTC day.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Date, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Affiliate;
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, AffiliateId};
use crate::base::secrets::ServerKey;

/// The clicks of a day are counted in this many rows, so that visitors don't wait for each other.
const SLOTS: u8 = 4;

/// The most days of a history.
const MAX_DAYS: i64 = 400;

/// Who clicked, as far as their request tells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Visitor<'a> {
    /// A browser with a pre-session cookie.
    Browser(&'a str),
    /// A client without one: its address and its `User-Agent`.
    Client(&'a str, &'a str),
}

impl Visitor<'_> {
    /// The hash tells nothing without the key, and is another one for each affiliate and day.
    fn hash(self, key: &ServerKey, affiliate: AffiliateId, day: NaiveDate) -> [u8; 32] {
        let (affiliate, day) = (affiliate.0.as_bytes(), day.to_string());
        match self {
            Self::Browser(cookie) => key.mac(&[affiliate, day.as_bytes(), cookie.as_bytes()]),
            Self::Client(address, agent) => {
                key.mac(&[affiliate, day.as_bytes(), address.as_bytes(), agent.as_bytes()])
            }
        }
    }
}

impl Affiliate {
    /// Counts a click, unless the visitor has clicked on this day. It is one statement, so that rows are locked for as short as
    /// possible; a repeated click writes nothing.
    pub(crate) async fn count_click(
        &self,
        conn: &mut Conn,
        visitor: Visitor<'_>,
        key: &ServerKey,
        moment: &Moment,
    ) -> Result<()> {
        let day = moment.now.date_naive();
        let hash = visitor.hash(key, self.id, day);
        sql::statement(
            "with first as ( \
                insert into affiliate_visitors (account_id, affiliate_id, visitor_hash, seen_at) values (?, ?, ?, ?) \
                on conflict do nothing returning account_id, affiliate_id) \
             insert into affiliate_clicks as c (account_id, affiliate_id, day, slot, clicks) \
             select account_id, affiliate_id, ?, ?, 1 from first \
             on conflict (account_id, affiliate_id, day, slot) do update set clicks = c.clicks + 1",
        )
        .bind::<SqlUuid, _>(self.account_id)
        .bind::<SqlUuid, _>(self.id)
        .bind::<Binary, _>(hash.to_vec())
        .bind::<Timestamptz, _>(moment.now)
        .bind::<Date, _>(day)
        .bind::<SmallInt, _>(i16::from(hash[0] % SLOTS))
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// The number of clicks of each affiliate; one without any is absent.
pub(crate) async fn click_counts(
    conn: &mut Conn,
    account: AccountId,
    affiliates: &[AffiliateId],
) -> Result<HashMap<AffiliateId, i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        affiliate_id: AffiliateId,
        #[diesel(sql_type = BigInt)]
        clicks: i64,
    }
    let rows: Vec<Row> = sql::statement(
        "select affiliate_id, sum(clicks)::bigint as clicks from affiliate_clicks \
         where account_id = ? and affiliate_id = any(?) group by affiliate_id",
    )
    .bind::<SqlUuid, _>(account)
    .bind::<Array<SqlUuid>, _>(affiliates.to_vec())
    .load(conn)
    .await?;
    let entry = |row: Row| (row.affiliate_id, row.clicks);
    Ok(rows.into_iter().map(entry).collect())
}

/// The days of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClickRange {
    from: NaiveDate,
    to: NaiveDate,
}

/// The clicks of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClicksOfDay {
    pub day: NaiveDate,
    pub clicks: i64,
}

impl ClickRange {
    pub(crate) fn new(from: NaiveDate, to: NaiveDate) -> Result<Self> {
        if from > to {
            return Err(Error::bad_input("from", "It must not be after `to`."));
        }
        if (to - from).num_days() >= MAX_DAYS {
            let message = format!("The range has more than {MAX_DAYS} days.");
            return Err(Error::bad_input("to", message));
        }
        Ok(Self { from, to })
    }

    /// Every day of the range, with these clicks.
    pub(crate) fn filled(self, counted: &HashMap<NaiveDate, i64>) -> Vec<ClicksOfDay> {
        let days = self.from.iter_days().take_while(|day| *day <= self.to);
        days.map(|day| ClicksOfDay {
            day,
            clicks: counted.get(&day).copied().unwrap_or_default(),
        })
        .collect()
    }
}

/// The clicks by day of affiliates, each in its range. Days without any are absent.
pub(crate) async fn click_histories(
    conn: &mut Conn,
    account: AccountId,
    wanted: &[(AffiliateId, ClickRange)],
) -> Result<HashMap<(AffiliateId, ClickRange), HashMap<NaiveDate, i64>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        at: i64,
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = BigInt)]
        clicks: i64,
    }
    let rows: Vec<Row> = sql::statement(
        "select w.at, c.day, sum(c.clicks)::bigint as clicks \
         from unnest(?, ?, ?) with ordinality as w (affiliate_id, first_day, last_day, at) \
         join affiliate_clicks c on c.account_id = ? and c.affiliate_id = w.affiliate_id \
            and c.day between w.first_day and w.last_day \
         group by w.at, c.day",
    )
    .bind::<Array<SqlUuid>, _>(wanted.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(wanted.iter().map(|(_, range)| range.from).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(wanted.iter().map(|(_, range)| range.to).collect::<Vec<_>>())
    .bind::<SqlUuid, _>(account)
    .load(conn)
    .await?;
    let mut found: HashMap<_, HashMap<NaiveDate, i64>> = HashMap::new();
    for row in rows {
        let at = usize::try_from(row.at - 1).unwrap_or_default();
        if let Some(key) = wanted.get(at) {
            found.entry(*key).or_default().insert(row.day, row.clicks);
        }
    }
    Ok(found)
}
