//! Which flows have due messages.
//!
//! While few messages are due, an index finds them by their time, whatever else waits for later. Otherwise a walk steps from flow to
//! flow, so it costs the same however many messages wait in each. Both return flows in the same order.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Channel, Message};
use crate::base::db::{Conn, sql};
use crate::base::error::Result;
use crate::base::ids::AccountId;

/// With this many due messages, flows are found by a walk.
const MANY: i64 = 256;

/// Flows that a walk steps over at most, due or not.
const MAX_STEPS: i32 = 1_000;

/// The domain of the text messages of an account. No address has it: domains of email have a dot.
const SMS_DOMAIN: &str = "SMS";

/// The domain of a message, exactly as in the index `messages_due_flows`.
macro_rules! domain {
    () => {
        "case channel when 'EMAIL' then split_part(address, '@', -1) else 'SMS' end"
    };
}
pub(super) use domain;

/// With the conditions of the index `messages_due`, exactly as they are there.
const FEW: &str = concat!(
    "with due as materialized ( select account_id, ",
    domain!(),
    " as domain from messages \
     where status in ('QUEUED', 'DEFERRED', 'SENDING') and attempt_count >= 0 \
     and priority = ? and due_at <= ? order by due_at limit ?) \
     select account_id, domain, count(*) as message_count, (account_id, domain) > (?, ?) as ahead \
     from due group by account_id, domain order by account_id, domain"
);

const WALK: &str = concat!(
    "with recursive flow as ( (select account_id, ",
    domain!(),
    " as domain, due_at, 1 as step from messages \
      where status in ('QUEUED', 'DEFERRED', 'SENDING') and priority = ? and (account_id, ",
    domain!(),
    ") > (?, ?) order by account_id, ",
    domain!(),
    ", due_at limit 1) \
     union all \
     select next.*, flow.step + 1 from flow cross join lateral ( select account_id, ",
    domain!(),
    ", due_at from messages where status in ('QUEUED', 'DEFERRED', 'SENDING') and priority = ? and (account_id, ",
    domain!(),
    ") > (flow.account_id, flow.domain) order by account_id, ",
    domain!(),
    ", due_at limit 1) next where flow.step < ? \
     ) select account_id, domain, step, due_at <= ? as due from flow where due_at <= ? or step = ? limit ?"
);

/// The emails of one account to one recipient domain, or its text messages. They wait together, and a slow domain holds up only its
/// own flows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, QueryableByName)]
pub(crate) struct Flow {
    #[diesel(sql_type = SqlUuid)]
    pub account_id: AccountId,
    #[diesel(sql_type = Text)]
    pub domain: String,
}

impl Flow {
    pub(super) fn of(message: &Message) -> Self {
        let domain = match message.channel {
            Channel::Email => message.address.rsplit('@').next().unwrap_or_default(),
            Channel::Sms => SMS_DOMAIN,
        };
        Self {
            account_id: message.account_id,
            domain: domain.to_owned(),
        }
    }

    pub(crate) fn channel(&self) -> Channel {
        if self.domain == SMS_DOMAIN {
            Channel::Sms
        } else {
            Channel::Email
        }
    }
}

/// Flows with due messages.
pub(crate) struct DueFlows {
    pub flows: Vec<Flow>,
    /// Where to go on; `None` after the last flow.
    pub after: Option<Flow>,
    /// Whether many messages are due.
    pub many: bool,
}

/// Where to look for due flows, and for how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DueSearch<'a> {
    pub priority: i16,
    pub after: Option<&'a Flow>,
    pub limit: usize,
    /// Whether the last search found that many messages are due: this one walks at once.
    pub many: bool,
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct FewRow {
    #[diesel(embed)]
    flow: Flow,
    #[diesel(sql_type = BigInt)]
    message_count: i64,
    #[diesel(sql_type = Bool)]
    ahead: bool,
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(embed)]
    flow: Flow,
    #[diesel(sql_type = Integer)]
    step: i32,
    #[diesel(sql_type = Bool)]
    due: bool,
}

impl Message {
    /// The next flows with due messages of a priority. A walk may end before it has found any.
    pub(crate) async fn due_flows(conn: &mut Conn, search: DueSearch<'_>) -> Result<DueFlows> {
        if !search.many
            && let Some(found) = search.few(conn).await?
        {
            return Ok(found);
        }
        search.walk(conn).await
    }
}

impl DueSearch<'_> {
    /// `None` if many messages are due.
    async fn few(self, conn: &mut Conn) -> Result<Option<DueFlows>> {
        let (account, domain) = self.start();
        let found: Vec<FewRow> = sql::statement(FEW)
            .bind::<SmallInt, _>(self.priority)
            .bind::<Timestamptz, _>(self.now)
            .bind::<BigInt, _>(MANY)
            .bind::<SqlUuid, _>(account)
            .bind::<Text, _>(domain)
            .load(conn)
            .await?;
        if found.iter().map(|row| row.message_count).sum::<i64>() >= MANY {
            return Ok(None);
        }
        let ahead = found.into_iter().filter(|row| row.ahead);
        let flows: Vec<Flow> = ahead.take(self.limit).map(|row| row.flow).collect();
        let after = flows.last().filter(|_| flows.len() >= self.limit).cloned();
        let many = false;
        Ok(Some(DueFlows { flows, after, many }))
    }

    async fn walk(self, conn: &mut Conn) -> Result<DueFlows> {
        let (account, domain) = self.start();
        let found: Vec<Step> = sql::statement(WALK)
            .bind::<SmallInt, _>(self.priority)
            .bind::<SqlUuid, _>(account)
            .bind::<Text, _>(domain)
            .bind::<SmallInt, _>(self.priority)
            .bind::<Integer, _>(MAX_STEPS)
            .bind::<Timestamptz, _>(self.now)
            .bind::<Timestamptz, _>(self.now)
            .bind::<Integer, _>(MAX_STEPS)
            .bind::<BigInt, _>(i64::try_from(self.limit).unwrap_or(i64::MAX))
            .load(conn)
            .await?;
        let stopped = |last: &&Step| found.len() >= self.limit || last.step >= MAX_STEPS;
        let after = found.last().filter(stopped).map(|last| last.flow.clone());
        let due = found.into_iter().filter(|step| step.due);
        Ok(DueFlows {
            flows: due.map(|step| step.flow).collect(),
            after,
            many: true,
        })
    }

    fn start(&self) -> (Uuid, &str) {
        self.after
            .map_or((Uuid::nil(), ""), |flow| (flow.account_id.0, &flow.domain))
    }
}
