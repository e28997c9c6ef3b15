//! The counts of a portal over time, computed from the rows of its contacts by one statement.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;

/// The most points of a history.
const MAX_POINTS: usize = 400;

/// The length of the intervals of a history, in the account's time zone.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatsInterval {
    /// A day.
    Day,
    /// A week; it starts on Monday.
    Week,
    /// A calendar month.
    Month,
}

impl StatsInterval {
    /// The first day of the interval that holds this day.
    fn start(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => Some(day),
            Self::Week => day.week(Weekday::Mon).checked_first_day(),
            Self::Month => day.with_day(1),
        }
    }

    /// The first day of the next interval.
    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

/// The intervals that hold the days of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatsRange {
    /// The first day of each interval, and of the one after the last.
    bounds: Vec<NaiveDate>,
}

impl StatsRange {
    pub(crate) fn new(from: NaiveDate, to: NaiveDate, interval: StatsInterval) -> Result<Self> {
        if from > to {
            return Err(Error::bad_input("from", "It must not be after `to`."));
        }
        let mut bounds = Vec::new();
        let mut start = interval.start(from);
        while let Some(day) = start.filter(|day| *day <= to) {
            if bounds.len() == MAX_POINTS {
                let message =
                    format!("The range has more than {MAX_POINTS} intervals: choose a longer interval.");
                return Err(Error::bad_input("to", message));
            }
            bounds.push(day);
            start = interval.next(day);
        }
        bounds.extend(start);
        Ok(Self { bounds })
    }
}

/// The counts of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct StatsPoint {
    /// The first day of the interval.
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub invited: i64,
    #[diesel(sql_type = BigInt)]
    pub joined: i64,
    #[diesel(sql_type = BigInt)]
    pub active: i64,
}

/// The bounds are read as scalar subqueries, and every range has two ends: the planner then expects few rows and uses the
/// indexes, whatever the size of the table. How many were active at the end of an interval is counted back from the current
/// number: `changed` has the joins (-1) and revocations (+1) after the end of the interval `point` and before the end of the
/// next one.
const READ: &str = "
with bounds as (
    select array_agg(day::timestamp at time zone a.timezone order by day) as at
    from accounts a, unnest(?) as day where a.id = ?),
edges as (select at, at[1] as first_start, at[2] as first_end, at[cardinality(at)] as last_end from bounds),
invited as (
    select width_bucket(first_invited_at, (select at from edges)) as point, count(*) as n
    from contacts
    where account_id = ? and first_invited_at >= (select first_start from edges)
        and first_invited_at < (select last_end from edges)
    group by 1),
joined as (
    select width_bucket(joined_at, (select at from edges)) as point, count(*) as n
    from contacts
    where account_id = ? and status in (2, 3) and joined_at is not null
        and coalesce(joined_at, '1970-01-01Z'::timestamptz) >= (select first_start from edges)
        and coalesce(joined_at, '1970-01-01Z'::timestamptz) < (select last_end from edges)
    group by 1),
changed as (
    select point, sum(n) as n from (
        select width_bucket(joined_at, (select at from edges)) - 1 as point, -1 as n
        from contacts
        where account_id = ? and status = 2
            and coalesce(joined_at, '1970-01-01Z'::timestamptz) >= (select first_end from edges)
            and coalesce(joined_at, '1970-01-01Z'::timestamptz) < 'infinity'
        union all
        select width_bucket(change.at, (select at from edges)) - 1, change.n
        from contacts c, lateral (values (c.revoked_at, 1), (c.joined_at, -1)) as change (at, n)
        where c.account_id = ? and c.revoked_at >= (select first_end from edges) and c.revoked_at < 'infinity'
            and c.joined_at < c.revoked_at
    ) as changes
    group by 1)
select p.day, coalesce(i.n, 0)::bigint as invited, coalesce(j.n, 0)::bigint as joined,
    ((select coalesce(sum(active), 0) from account_counts where account_id = ?)
        + sum(coalesce(c.n, 0)) over (order by p.number desc))::bigint as active
from unnest(?) with ordinality as p (day, number)
left join invited i on i.point = p.number
left join joined j on j.point = p.number
left join changed c on c.point = p.number
order by p.number";

impl StatsPoint {
    /// One point for each interval of the range.
    pub(crate) async fn read(conn: &mut Conn, account: AccountId, range: &StatsRange) -> Result<Vec<Self>> {
        let bounds = &range.bounds[..];
        let starts = &bounds[..bounds.len().saturating_sub(1)];
        Ok(sql::statement(READ)
            .bind::<Array<Date>, _>(bounds)
            .bind::<SqlUuid, _>(account)
            .bind::<SqlUuid, _>(account)
            .bind::<SqlUuid, _>(account)
            .bind::<SqlUuid, _>(account)
            .bind::<SqlUuid, _>(account)
            .bind::<SqlUuid, _>(account)
            .bind::<Array<Date>, _>(starts)
            .load(conn)
            .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn bounds(from: &str, to: &str, interval: StatsInterval) -> Vec<String> {
        let range = StatsRange::new(day(from), day(to), interval).expect("a range");
        range.bounds.iter().map(NaiveDate::to_string).collect()
    }

    #[test]
    fn a_range_holds_whole_intervals() {
        assert_eq!(
            bounds("2026-02-28", "2026-03-01", StatsInterval::Day),
            ["2026-02-28", "2026-03-01", "2026-03-02"]
        );
        assert_eq!(
            bounds("2026-01-04", "2026-01-05", StatsInterval::Week),
            ["2025-12-29", "2026-01-05", "2026-01-12"]
        );
        assert_eq!(
            bounds("2025-12-31", "2026-01-01", StatsInterval::Month),
            ["2025-12-01", "2026-01-01", "2026-02-01"]
        );
    }

    #[test]
    fn a_range_is_refused_backwards_and_with_too_many_points() {
        let field = |from, to| {
            let refused = StatsRange::new(day(from), day(to), StatsInterval::Day).expect_err("refused");
            refused.field.clone()
        };
        assert_eq!(field("2026-01-02", "2026-01-01").as_deref(), Some("from"));
        assert_eq!(field("2026-01-01", "2027-02-05").as_deref(), Some("to"));
        assert_eq!(bounds("2026-01-01", "2027-02-04", StatsInterval::Day).len(), 401);
    }
}
