//! The sending domain of an account, and its state.

mod check;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::sending_domains;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::text_enum::text_enum;
use crate::sending_domains::key::NewKey;
use crate::sending_domains::records::{Found, MailHosts, Published, Record};

text_enum! {
    /// Whether the DNS records of a sending domain are there.
    #[derive(async_graphql::Enum)]
    SendingDomainStatus {
        /// They were not found yet. They are checked automatically for three days, at growing intervals.
        Pending = "PENDING",
        /// They are there: emails are signed and sent from the domain. They are checked every hour.
        Verified = "VERIFIED",
        /// They are no longer there, or were not found within three days. Emails are sent from the server's domain.
        Failed = "FAILED",
    }
}

#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(primary_key(account_id), treat_none_as_null = true)]
pub(crate) struct SendingDomain {
    pub account_id: AccountId,
    pub domain: String,
    pub selector: String,
    pub sealed_key: Vec<u8>,
    pub public_key: String,
    pub status: SendingDomainStatus,
    /// For staff: why it is not verified, or that the DNS did not answer.
    pub problem: Option<String>,
    found: Value,
    waiting_since: DateTime<Utc>,
    /// When the DNS was last asked.
    pub checked_at: Option<DateTime<Utc>>,
    verified_at: Option<DateTime<Utc>>,
    next_check_at: Option<DateTime<Utc>>,
}

/// What emails need of a verified domain.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = sending_domains)]
pub(crate) struct VerifiedDomain {
    pub account_id: AccountId,
    pub domain: String,
    pub selector: String,
    pub sealed_key: Vec<u8>,
}

impl SendingDomain {
    pub(crate) async fn find(conn: &mut Conn, account: AccountId) -> Result<Option<Self>> {
        Ok(sending_domains::table
            .find(account)
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()?)
    }

    async fn lock(conn: &mut Conn, account: AccountId) -> Result<Option<Self>> {
        Ok(sending_domains::table
            .find(account)
            .select(Self::as_select())
            .for_update()
            .first(conn)
            .await
            .optional()?)
    }

    /// Those of these accounts that are verified.
    pub(crate) async fn verified(conn: &mut Conn, accounts: &[AccountId]) -> Result<Vec<VerifiedDomain>> {
        Ok(sending_domains::table
            .filter(sending_domains::account_id.eq_any(accounts))
            .filter(sending_domains::status.eq(SendingDomainStatus::Verified))
            .select(VerifiedDomain::as_select())
            .load(conn)
            .await?)
    }

    /// Refuses a domain that another account has verified. One that is only waiting doesn't block it.
    pub(crate) async fn check_free(conn: &mut Conn, account: AccountId, domain: &str) -> Result<()> {
        if Self::taken(conn, account, domain).await? {
            let message = "Another account has verified this domain.";
            return Err(Error::new(Code::Conflict, message).at("input.domain"));
        }
        Ok(())
    }

    async fn taken(conn: &mut Conn, account: AccountId, domain: &str) -> Result<bool> {
        let other = sending_domains::table
            .filter(sending_domains::domain.eq(domain))
            .filter(sending_domains::status.eq(SendingDomainStatus::Verified))
            .filter(sending_domains::account_id.ne(account));
        Ok(diesel::select(exists(other)).get_result(conn).await?)
    }

    /// Sets the domain, or replaces another one. The account must be locked.
    pub(crate) async fn set(
        conn: &mut Conn,
        account: AccountId,
        domain: &str,
        key: NewKey,
        moment: &Moment,
    ) -> Result<Self> {
        let new = Self {
            account_id: account,
            domain: domain.to_owned(),
            selector: key.selector,
            sealed_key: key.sealed,
            public_key: key.public,
            status: SendingDomainStatus::Pending,
            problem: None,
            found: json!({}),
            waiting_since: moment.now,
            checked_at: None,
            verified_at: None,
            next_check_at: Some(moment.now + check::FIRST_WAIT),
        };
        diesel::insert_into(sending_domains::table)
            .values(&new)
            .on_conflict(sending_domains::account_id)
            .do_update()
            .set(&new)
            .execute(conn)
            .await?;
        Ok(new)
    }

    /// Removes the domain; `false` if it is not the account's.
    pub(crate) async fn remove(conn: &mut Conn, account: AccountId, domain: &str) -> Result<bool> {
        let removed = diesel::delete(sending_domains::table.find(account))
            .filter(sending_domains::domain.eq(domain))
            .execute(conn)
            .await?;
        Ok(removed == 1)
    }

    pub(crate) fn published(&self) -> Published<'_> {
        Published {
            domain: &self.domain,
            selector: &self.selector,
            public_key: &self.public_key,
        }
    }

    /// The records to publish, and what the last answered check found.
    pub(crate) fn records(&self, hosts: &MailHosts) -> Vec<Record> {
        let found: Found = serde_json::from_value(self.found.clone()).unwrap_or_default();
        self.published().records(hosts, &found)
    }
}
