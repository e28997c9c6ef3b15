//! Checking the DNS records: who asks when, and what follows from an answer.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{SendingDomain, SendingDomainStatus};
use crate::base::actor::Requester;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::sending_domains;
use crate::base::db::{Conn, sql};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::sending_domains::dns::DnsAnswer;
use crate::sending_domains::records::{self, MailHosts};

/// Between two checks that staff ask for.
const CHECK_INTERVAL: TimeDelta = TimeDelta::seconds(10);

/// Between two checks of a verified domain.
const VERIFIED_WAIT: TimeDelta = TimeDelta::hours(1);

/// For a domain that is not verified: a quarter of the time since then, within these bounds.
pub(super) const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);
/// Then it is no longer checked automatically.
const WAITING: TimeDelta = TimeDelta::days(3);

/// How long a worker holds the domains that it checks.
const LEASE: TimeDelta = TimeDelta::minutes(1);

impl SendingDomain {
    /// Begins a check that staff ask for; `None` if the account has no such domain. At most one per [`CHECK_INTERVAL`].
    pub(crate) async fn begin_check(
        conn: &mut Conn,
        account: AccountId,
        domain: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let due = sending_domains::checked_at
            .is_null()
            .or(sending_domains::checked_at.le(now - CHECK_INTERVAL));
        let begun = diesel::update(sending_domains::table.find(account))
            .filter(sending_domains::domain.eq(domain))
            .filter(due)
            .set(sending_domains::checked_at.eq(now))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if begun.is_some() {
            return Ok(begun);
        }
        let found = Self::find(conn, account).await?;
        let checked_at = found
            .filter(|found| found.domain == domain)
            .and_then(|found| found.checked_at);
        match checked_at {
            None => Ok(None),
            Some(at) => {
                let left = (at + CHECK_INTERVAL - now).num_seconds() + 1;
                Err(Error::rate_limited(
                    "The records were checked just now.",
                    left.unsigned_abs(),
                ))
            }
        }
    }

    /// Takes up to `limit` domains that are due. No other worker takes them before the lease ends.
    pub(crate) async fn claim_due(conn: &mut Conn, limit: i64, now: DateTime<Utc>) -> Result<Vec<Self>> {
        let due = diesel::alias!(sending_domains as due);
        let next = due.field(sending_domains::next_check_at);
        let ids = due
            .filter(next.le(now))
            .order(next)
            .limit(limit)
            .select(due.field(sending_domains::account_id))
            .for_update()
            .skip_locked();
        Ok(diesel::update(sending_domains::table)
            .filter(sending_domains::account_id.eq_any(ids))
            .set((
                sending_domains::next_check_at.eq(now + LEASE),
                sending_domains::checked_at.eq(now),
            ))
            .returning(Self::as_returning())
            .get_results(conn)
            .await?)
    }

    /// Writes what follows from an answer about this domain, with an audit event if its status changed. `CONFLICT` if the account
    /// has changed its domain meanwhile.
    pub(crate) async fn record(
        &self,
        conn: &mut Conn,
        answer: DnsAnswer,
        hosts: &MailHosts,
        requester: &Requester,
        moment: &Moment,
    ) -> Result<Self> {
        // Of two accounts that verify one domain at once, the second sees the first. The unique index guards it as well.
        sql::statement("select pg_advisory_xact_lock(hashtextextended(?, 0))")
            .bind::<Text, _>(format!("sending domain {}", self.domain))
            .execute(conn)
            .await?;
        let taken = Self::taken(conn, self.account_id, &self.domain).await?;
        let before = Self::lock(conn, self.account_id).await?;
        let before = before.filter(|now| now.domain == self.domain && now.selector == self.selector);
        let changed = || Error::new(Code::Conflict, "The sending domain was changed meanwhile.");
        let before = before.ok_or_else(changed)?;
        let after = before.clone().after(answer, taken, hosts, moment.now);
        diesel::update(sending_domains::table.find(self.account_id))
            .set(&after)
            .execute(conn)
            .await?;
        let kind = match after.status {
            status if status == before.status => return Ok(after),
            SendingDomainStatus::Verified => EventKind::SendingDomainVerified,
            SendingDomainStatus::Pending | SendingDomainStatus::Failed => EventKind::SendingDomainFailed,
        };
        let detail = json!({ "domain": after.domain, "problem": after.problem });
        let event = NewEvent::new(kind).with(detail);
        record(conn, self.account_id, requester, &[event], moment).await?;
        Ok(after)
    }

    /// The state after an answer. Only a definite answer ends a verification.
    fn after(mut self, answer: DnsAnswer, taken: bool, hosts: &MailHosts, now: DateTime<Utc>) -> Self {
        let definite = match answer {
            DnsAnswer::Records(found) => {
                self.found = json!(found);
                self.problem = records::problem(&self.records(hosts));
                true
            }
            DnsAnswer::None => {
                self.problem = Some("The DNS server did not answer. Try again.".to_owned());
                false
            }
        };
        let verified = if definite {
            self.problem.is_none()
        } else {
            self.is_verified()
        };
        if verified && taken {
            self.problem = Some("Another account has verified this domain.".to_owned());
        }
        if verified && !taken {
            self.verified_at = self.verified_at.filter(|_| self.is_verified()).or(Some(now));
            self.status = SendingDomainStatus::Verified;
            self.next_check_at = Some(now + VERIFIED_WAIT);
        } else {
            self.wait(now);
        }
        self
    }

    fn is_verified(&self) -> bool {
        self.status == SendingDomainStatus::Verified
    }

    fn wait(&mut self, now: DateTime<Utc>) {
        if self.is_verified() {
            self.status = SendingDomainStatus::Failed;
            self.waiting_since = now;
        }
        let waited = now - self.waiting_since;
        if waited >= WAITING {
            self.status = SendingDomainStatus::Failed;
            self.next_check_at = None;
        } else {
            self.next_check_at = Some(now + (waited / 4).clamp(FIRST_WAIT, LONGEST_WAIT));
        }
    }
}

#[cfg(test)]
mod tests;
