//! The recipients of an invitation or a login email, as the API takes them.

use std::collections::HashMap;

use async_graphql::{Context, ID, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::Value;

use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::base::actor::{Scope, Staff};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::bulk_jobs::model::item::payload;
use crate::bulk_jobs::model::{BulkJob, BulkJobKind, NewJob, Plan};
use crate::contacts::graphql::input::ContactSelection;
use crate::contacts::model::Contact;
use crate::contacts::model::list::Filter;
use crate::invitations::model::recipients::{Indexed, RequestedRecipient, escape_input};
use crate::invitations::model::skipped::{SkipReason, Skipped};
use crate::live::Topic;
use crate::smart_lists::graphql::filter_of;

/// A request with more recipients becomes a bulk job.
pub(crate) const MAX_DIRECT_RECIPIENTS: usize = 100;

/// A request for more recipients needs a CSV file or a filter.
pub(crate) const MAX_RECIPIENTS: usize = 20_000;

/// A skipped recipient, and why.
#[derive(SimpleObject)]
pub(crate) struct SkippedRecipient {
    /// The contact, if the recipient is one.
    contact_id: Option<ID>,
    /// The address as the request has it, with invisible characters escaped. For a contact that was named by its id or found
    /// by a filter: its address, for callers with the scope `READ`.
    email: Option<String>,
    /// Why.
    reason: SkipReason,
}

impl SkippedRecipient {
    /// All that were skipped, in the order of the input.
    pub(crate) fn all(
        ctx: &Context<'_>,
        mut skipped: Vec<Skipped>,
        requested: &[Indexed<RequestedRecipient>],
    ) -> Vec<Self> {
        skipped.sort_by_key(|skipped| skipped.index);
        let inputs: HashMap<usize, &str> = requested
            .iter()
            .filter_map(|(index, requested)| Some((*index, requested.address_input()?)))
            .collect();
        let one = |skipped: Skipped| {
            let input = inputs.get(&skipped.index).map(|text| escape_input(text));
            Self {
                contact_id: skipped.contact.map(|id| ID(id.to_string())),
                email: input.or(skipped.email.filter(|_| ctx.may_read())),
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

/// The recipients of a request: listed ones, or all that match a filter or are in a smart list.
#[derive(Debug)]
pub(crate) enum Recipients {
    Named(Vec<RequestedRecipient>),
    Matching(Box<Filter>),
}

impl Recipients {
    /// `field` is the path of the selection. A smart list, and a filter by more than the portal status, reveal what they match, so they
    /// need `READ`.
    pub(crate) async fn selected(
        ctx: &Context<'_>,
        field: &str,
        selection: ContactSelection,
    ) -> Result<Self> {
        let ContactSelection {
            contact_ids,
            emails,
            filter,
            smart_list_id,
        } = selection;
        let named = named(contact_ids, emails);
        let [filter_field, list_field] = ["filter", "smartListId"].map(|name| format!("{field}.{name}"));
        let matching = match (filter, smart_list_id) {
            (None, None) => return Self::parse_named(field, named),
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(
                    list_field,
                    "Pass a smart list or a filter, not both.",
                ));
            }
            (Some(_), None) if !named.is_empty() => {
                return Err(Error::bad_input(
                    filter_field,
                    "Pass a filter, or ids and addresses, not both.",
                ));
            }
            (None, Some(_)) if !named.is_empty() => {
                return Err(Error::bad_input(
                    list_field,
                    "Pass a smart list, or ids and addresses, not both.",
                ));
            }
            (Some(filter), None) => {
                let conditions = filter.conditions()?;
                if conditions.need_read() {
                    ctx.staff(Scope::Read).map_err(|error| error.at(&filter_field))?;
                }
                conditions.parse(&filter_field, ctx.services().clock.now())?
            }
            (None, Some(id)) => Box::pin(filter_of(ctx, &list_field, &id)).await?,
        };
        Ok(Self::Matching(Box::new(matching)))
    }

    fn parse_named(field: &str, named: Vec<RequestedRecipient>) -> Result<Self> {
        match named.len() {
            0 => Err(Error::bad_input(
                field,
                "Name at least one recipient: contactIds, emails, filter or smartListId.",
            )),
            count if count > MAX_RECIPIENTS => {
                let message = format!(
                    "Name at most {MAX_RECIPIENTS} recipients at once; import more as a CSV, or use a filter."
                );
                Err(Error::bad_input(field, message))
            }
            _ => Ok(Self::Named(named)),
        }
    }

    /// Whether a bulk job is needed: for a filter, and for more named recipients than one request handles.
    pub(crate) fn needs_job(&self) -> bool {
        match self {
            Self::Named(named) => named.len() > MAX_DIRECT_RECIPIENTS,
            Self::Matching(_) => true,
        }
    }

    pub(crate) fn requested(&self) -> Vec<Indexed<RequestedRecipient>> {
        match self {
            Self::Named(named) => named.iter().cloned().enumerate().collect(),
            Self::Matching(_) => Vec::new(),
        }
    }

    /// What the bulk job has to do.
    pub(crate) fn plan(&self, section: PortalSection, note: Option<String>) -> Plan {
        let filter = match self {
            Self::Named(_) => None,
            Self::Matching(filter) => Some((**filter).clone()),
        };
        Plan {
            filter,
            section: section.as_str().to_owned(),
            note,
            ..Plan::default()
        }
    }

    /// Creates a bulk job, with an item for each named recipient.
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
                let new = NewJob {
                    kind,
                    plan,
                    total: self.total(conn, staff).await?,
                    items: self.payloads(),
                };
                BulkJob::create(conn, staff.account, new, &requester, &moment).await
            })
            .await?;
        services
            .live
            .nudge(staff.account, &[Topic::Jobs, Topic::Job(job.id)]);
        Ok(job)
    }

    pub(crate) async fn total(&self, conn: &mut Conn, staff: &Staff) -> Result<usize> {
        match self {
            Self::Named(named) => Ok(named.len()),
            Self::Matching(filter) => {
                Ok(usize::try_from(Contact::count(conn, staff.account, filter).await?).unwrap_or_default())
            }
        }
    }

    pub(crate) fn payloads(&self) -> Vec<Value> {
        let Self::Named(named) = self else {
            return Vec::new();
        };
        let of = |requested: &RequestedRecipient| match requested {
            RequestedRecipient::Id(id) => payload("id", id),
            RequestedRecipient::Email(email) => payload("email", email),
        };
        named.iter().map(of).collect()
    }
}

fn named(ids: Option<Vec<ID>>, emails: Option<Vec<String>>) -> Vec<RequestedRecipient> {
    let ids = ids.unwrap_or_default().into_iter();
    let emails = emails.unwrap_or_default().into_iter();
    ids.map(|id| RequestedRecipient::Id(id.0))
        .chain(emails.map(RequestedRecipient::Email))
        .collect()
}
