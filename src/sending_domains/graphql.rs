//! The sending domain in the API: for owners and admins.

pub(crate) mod mutations;

use async_graphql::{Context, Object, SimpleObject};

use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sending_domains::model;
use crate::sending_domains::model::SendingDomainStatus;
use crate::sending_domains::records::{DnsRecordPurpose, DnsRecordType, Record};

pub(crate) struct SendingDomain(model::SendingDomain);

impl From<model::SendingDomain> for SendingDomain {
    fn from(domain: model::SendingDomain) -> Self {
        Self(domain)
    }
}

/// The domain that the account's emails are sent from once its DNS records are verified. Until then they are sent from the server's.
#[Object]
impl SendingDomain {
    /// The domain, in its ASCII form: `xn--…` for an internationalised one.
    async fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Whether the records are there.
    async fn status(&self) -> SendingDomainStatus {
        self.0.status
    }

    /// The records to publish, and what was found.
    async fn records(&self, ctx: &Context<'_>) -> Vec<DnsRecord> {
        let hosts = &ctx.services().settings.sending.hosts;
        self.0.records(hosts).into_iter().map(Into::into).collect()
    }

    /// When the DNS was last asked for them; null if not yet.
    async fn checked_at(&self) -> Option<DateTime> {
        self.0.checked_at.map(DateTime)
    }

    /// What is wrong with them, or that the DNS did not answer, in a sentence for staff; null if nothing is.
    async fn problem(&self) -> Option<&str> {
        self.0.problem.as_deref()
    }
}

/// A DNS record to publish for a sending domain.
#[derive(SimpleObject)]
pub(crate) struct DnsRecord {
    /// What it is for.
    purpose: DnsRecordPurpose,
    /// Its type.
    #[graphql(name = "type")]
    record_type: DnsRecordType,
    /// Its whole name, without a dot at the end.
    name: String,
    /// Its value. For an `MX` record, the preference and the host.
    value: String,
    /// The values that the last check found at this name.
    found: Vec<String>,
    /// Whether what was found will do. It may differ from `value`: an SPF record may include others, a DMARC policy may be stricter.
    ok: bool,
    /// Whether the domain is verified only with it.
    required: bool,
}

impl From<Record> for DnsRecord {
    fn from(record: Record) -> Self {
        Self {
            purpose: record.purpose,
            record_type: record.purpose.record_type(),
            name: record.name,
            value: record.value,
            found: record.found,
            ok: record.ok,
            required: record.purpose.required(),
        }
    }
}

/// The field of `Portal`.
pub(crate) async fn of_account(
    ctx: &Context<'_>,
    account: AccountId,
) -> Option<async_graphql::Result<SendingDomain>> {
    nullable(async {
        ctx.manager()?;
        let mut conn = ctx.services().db.conn().await?;
        let found = model::SendingDomain::find(&mut conn, account).await?;
        Ok(found.map(Into::into)) as Result<_>
    })
    .await
}
