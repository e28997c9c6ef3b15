//! The recipients of an invitation or a login email, as the API takes them.

use std::collections::HashMap;

use async_graphql::{Context, ID, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::actor::{Scope, Staff};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::graphql::input::ContactFilter;
use crate::invitations::model::recipients::SkipReason;
use crate::live::Topic;
use crate::services::Services;

use crate::accounts::model::section::PortalSection;
use crate::bulk_jobs::model::item::BulkItem;
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, NewJob, Plan};
use crate::contacts::model::Contact;
use crate::contacts::model::list::Filter;
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Chosen, Skipped, Wanted, shown};
use crate::magic_links::model::login_email;

/// More recipients become a job.
pub(crate) const MAX_DIRECT_RECIPIENTS: usize = 100;

/// More recipients need a CSV or a filter.
const MAX_RECIPIENTS: usize = 10_000;

/// A recipient who gets nothing, and why.
#[derive(SimpleObject)]
pub(crate) struct SkippedRecipient {
    /// The contact, if the recipient is one.
    contact_id: Option<ID>,
    /// The address as it was typed, with invisible characters escaped. Of a contact that was named by its id or found by a
    /// filter: its address, for callers with the scope `READ`.
    email: Option<String>,
    /// Why.
    reason: SkipReason,
}

impl SkippedRecipient {
    /// All that were skipped, in the order of the input.
    pub(crate) fn all(ctx: &Context<'_>, mut skipped: Vec<Skipped>, wanted: &[(usize, Wanted)]) -> Vec<Self> {
        skipped.sort_by_key(|skipped| skipped.place);
        let typed: HashMap<usize, &str> = wanted
            .iter()
            .filter_map(|(place, wanted)| Some((*place, wanted.typed()?)))
            .collect();
        let one = |skipped: Skipped| {
            let typed = typed.get(&skipped.place).map(|text| shown(text));
            Self {
                contact_id: skipped.contact.map(|id| ID(id.to_string())),
                email: typed.or(skipped.email.filter(|_| ctx.may_read())),
                reason: skipped.reason,
            }
        };
        skipped.into_iter().map(one).collect()
    }

    /// A contact that the caller did not identify by its address.
    pub(crate) fn contact(ctx: &Context<'_>, contact: &Contact, reason: SkipReason) -> Self {
        Self {
            contact_id: Some(ID(contact.id.to_string())),
            email: contact.email.clone().filter(|_| ctx.may_read()),
            reason,
        }
    }
}

/// The recipients of a request: listed ones, or all that match a filter.
#[derive(Debug)]
pub(crate) enum Recipients {
    Named(Vec<Wanted>),
    Matching(Box<Filter>),
}

impl Recipients {
    /// A filter by more than the portal status reveals what it matches, so it needs `READ`.
    pub(crate) fn parse(
        ctx: &Context<'_>,
        ids: Option<Vec<ID>>,
        emails: Option<Vec<String>>,
        filter: Option<ContactFilter>,
    ) -> Result<Self> {
        if filter.as_ref().is_some_and(ContactFilter::needs_read) {
            ctx.staff(Scope::Read).map_err(|error| error.at("input.filter"))?;
        }
        Self::parse_permitted(ids, emails, filter)
    }

    fn parse_permitted(
        ids: Option<Vec<ID>>,
        emails: Option<Vec<String>>,
        filter: Option<ContactFilter>,
    ) -> Result<Self> {
        let ids = ids.unwrap_or_default().into_iter().map(|id| Wanted::Id(id.0));
        let emails = emails.unwrap_or_default().into_iter().map(Wanted::Email);
        let named: Vec<Wanted> = ids.chain(emails).collect();
        match filter {
            Some(_) if !named.is_empty() => Err(Error::bad_input(
                "input.filter",
                "Pass a filter, or ids and addresses, not both.",
            )),
            Some(filter) => Ok(Self::Matching(Box::new(filter.parse("input.filter")?))),
            None if named.is_empty() => Err(Error::bad_input(
                "input",
                "Name at least one recipient: contactIds, emails or filter.",
            )),
            None if named.len() > MAX_RECIPIENTS => {
                let message = format!(
                    "Name at most {MAX_RECIPIENTS} recipients at once; import more as a CSV, or use a filter."
                );
                Err(Error::bad_input("input", message))
            }
            None => Ok(Self::Named(named)),
        }
    }

    /// How many are named.
    pub(crate) fn named_count(&self) -> Option<usize> {
        match self {
            Self::Named(named) => Some(named.len()),
            Self::Matching(_) => None,
        }
    }

    pub(crate) fn wanted(&self) -> Vec<(usize, Wanted)> {
        match self {
            Self::Named(named) => named.iter().cloned().enumerate().collect(),
            Self::Matching(_) => Vec::new(),
        }
    }

    pub(crate) fn plan(&self, section: PortalSection, note: Option<String>) -> Plan {
        let filter = match self {
            Self::Named(_) => None,
            Self::Matching(filter) => Some((**filter).clone()),
        };
        Plan {
            filter,
            section: section.as_str().to_owned(),
            note,
            invite: false,
        }
    }

    /// Keeps the work as a job, with an item for each that is named.
    pub(crate) async fn start_job(
        &self,
        ctx: &Context<'_>,
        staff: &Staff,
        kind: BulkJobKind,
        plan: &Plan,
    ) -> Result<BulkJob> {
        let (services, requester) = (ctx.services(), ctx.requester());
        let moment = services.clock.moment();
        let mut conn = services.db.conn().await?;
        let job = conn
            .transaction(async |conn| -> Result<_> {
                claim_idempotency_key(ctx, conn, &moment).await?;
                let total = self.total(conn, staff).await?;
                let job = BulkJob::create(
                    conn,
                    staff.account,
                    NewJob { kind, plan, total },
                    &requester,
                    &moment,
                )
                .await?;
                BulkItem::insert(conn, &self.items(&job)).await?;
                Ok(job)
            })
            .await?;
        services
            .live
            .nudge(staff.account, &[Topic::Jobs, Topic::Job(job.id)]);
        Ok(job)
    }

    async fn total(&self, conn: &mut Conn, staff: &Staff) -> Result<usize> {
        match self {
            Self::Named(named) => Ok(named.len()),
            Self::Matching(filter) => {
                Ok(usize::try_from(Contact::count(conn, staff.account, filter).await?).unwrap_or_default())
            }
        }
    }

    fn items(&self, job: &BulkJob) -> Vec<BulkItem> {
        let Self::Named(named) = self else {
            return Vec::new();
        };
        named
            .iter()
            .zip(0..)
            .map(|(wanted, position)| {
                let payload = match wanted {
                    Wanted::Id(id) => json!({ "id": storable(id) }),
                    Wanted::Email(email) => json!({ "email": storable(email) }),
                };
                BulkItem::pending(job.account_id, job.id, position, payload)
            })
            .collect()
    }
}

/// PostgreSQL keeps no NUL; what replaces it is no better in an id or an address.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// What would happen: how many would get a message, and of the named ones who would not. Nothing is written.
pub(crate) async fn dry_run(
    ctx: &Context<'_>,
    staff: &Staff,
    recipients: &Recipients,
    kind: BulkJobKind,
) -> Result<(i32, Vec<SkippedRecipient>)> {
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let mut count = 0;
    let mut skipped = Vec::new();
    let mut reach = None;
    match recipients {
        Recipients::Named(_) => {
            let wanted = recipients.wanted();
            let (ready, left_out) = preview(services, &mut conn, staff, &wanted, kind).await?;
            return Ok((ready, SkippedRecipient::all(ctx, left_out, &wanted)));
        }
        Recipients::Matching(filter) => loop {
            let ids = Contact::walk(&mut conn, staff.account, filter, reach, 1_000).await?;
            let Some(last) = ids.last() else { break };
            reach = Some(*last);
            let wanted: Vec<_> = ids
                .iter()
                .map(|id: &ContactId| Wanted::Id(id.to_string()))
                .enumerate()
                .collect();
            let (ready, mut left_out) = preview(services, &mut conn, staff, &wanted, kind).await?;
            count += ready;
            left_out.truncate(MAX_DIRECT_RECIPIENTS.saturating_sub(skipped.len()));
            skipped.extend(SkippedRecipient::all(ctx, left_out, &wanted));
        },
    }
    Ok((count, skipped))
}

/// How many would get a message, and who would not.
async fn preview(
    services: &Services,
    conn: &mut Conn,
    staff: &Staff,
    wanted: &[(usize, Wanted)],
    kind: BulkJobKind,
) -> Result<(i32, Vec<Skipped>)> {
    let moment = services.clock.moment();
    let create = kind == BulkJobKind::Invite;
    let mut found = Chosen::preview(conn, staff.account, wanted, create, &moment).await?;
    match kind {
        BulkJobKind::Invite => Invitation::leave_out(conn, staff.account, &mut found, moment.now).await?,
        _ => login_email::leave_out(conn, staff.account, &mut found, moment.now).await?,
    }
    found.skipped.sort_by_key(|skipped| skipped.place);
    let count = i32::try_from(found.contacts.len()).unwrap_or(i32::MAX);
    Ok((count, found.skipped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Code;

    #[test]
    fn nobody_and_both_ways_are_refused() {
        let nobody = Recipients::parse_permitted(None, Some(Vec::new()), None).expect_err("refused");
        assert_eq!(
            (nobody.code, nobody.field.as_deref()),
            (Code::BadUserInput, Some("input"))
        );
        let both = Recipients::parse_permitted(
            None,
            Some(vec!["a@example.com".into()]),
            Some(ContactFilter::default()),
        );
        assert_eq!(both.expect_err("refused").field.as_deref(), Some("input.filter"));
    }
}
