//! One chunk of contacts that are invited, emailed or changed: those that the request named, or the next matches of a filter.

use serde_json::Value;

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::bulk_jobs::jobs::{Chunk, ChunkError, ProcessedChunk, messages};
use crate::bulk_jobs::model::BulkJobKind;
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome, payload};
use crate::contacts::model::Contact;
use crate::contacts::model::list::Filter;
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Indexed, RequestedRecipient, ResolvedRecipients};
use crate::invitations::model::skipped::SkipReason;
use crate::magic_links::model::login_email;

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: &Chunk<'_>) -> Result<ProcessedChunk, ChunkError> {
    let mut processed = match &chunk.plan.filter {
        Some(filter) => next_matches(conn, chunk, filter).await?,
        None => ProcessedChunk {
            items: chunk.items(conn).await?,
            ..ProcessedChunk::default()
        },
    };
    let requested = requested_recipients(&mut processed.items);
    let invites = chunk.job.kind == BulkJobKind::Invite;
    let (account, moment) = (chunk.account.id, chunk.moment);
    let mut resolved = ResolvedRecipients::resolve(conn, account, &requested, invites, moment).await?;
    if let Some(filter) = &chunk.plan.filter {
        resolved.keep_matches(conn, account, filter).await?;
    } else if !invites {
        skip_repeated(conn, chunk, &mut resolved).await?;
    }
    if let Some(change) = &chunk.plan.change {
        let ended = change.apply(conn, account, &mut resolved, &chunk.requester, moment);
        processed.ended = ended.await?;
    } else {
        send(conn, chunk, &mut resolved).await?;
    }
    apply(&mut processed.items, resolved);
    processed.leave_out_unmatched();
    Ok(processed)
}

/// Sends the invitations, the login emails, or what staff wrote.
async fn send(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    resolved: &mut ResolvedRecipients,
) -> Result<(), ChunkError> {
    let spent = match chunk.job.kind {
        BulkJobKind::Message => messages::send(conn, chunk, resolved).await?.err(),
        BulkJobKind::Invite => {
            let request = chunk.send_request()?;
            let issued = Invitation::issue(conn, &request, resolved, chunk.moment).await?;
            issued.err()
        }
        BulkJobKind::LoginEmail
        | BulkJobKind::ResendInvitations
        | BulkJobKind::CancelInvitations
        | BulkJobKind::Import
        | BulkJobKind::Access
        | BulkJobKind::Grant
        | BulkJobKind::Tag => {
            let request = chunk.send_request()?;
            let sent = login_email::send(conn, &request, resolved, chunk.moment).await?;
            sent.err()
        }
    };
    spent.map_or(Ok(()), |spent| Err(ChunkError::BudgetSpent(spent)))
}

/// The next contacts that match, as items.
async fn next_matches(conn: &mut Conn, chunk: &Chunk<'_>, filter: &Filter) -> Result<ProcessedChunk> {
    let (account, job) = (chunk.account.id, chunk.job.id);
    let after = chunk.job.last_processed_id.map(ContactId);
    let limit = usize::try_from(chunk.limit).unwrap_or(1);
    let ids = Contact::list_ids(conn, account, filter, after, limit).await?;
    let first = BulkItem::next_position(conn, account, job).await?;
    let item = |(position, id): (i32, &ContactId)| {
        BulkItem::pending(account, job, position, payload("id", &id.to_string()))
    };
    Ok(ProcessedChunk {
        last_processed_id: ids.last().map(|id| id.0),
        items: (first..).zip(&ids).map(item).collect(),
        ..ProcessedChunk::default()
    })
}

/// The recipients that the items name. An item that names none fails.
fn requested_recipients(items: &mut [BulkItem]) -> Vec<Indexed<RequestedRecipient>> {
    let mut requested = Vec::with_capacity(items.len());
    for (index, item) in items.iter_mut().enumerate() {
        let text = |key: &str| {
            item.payload
                .as_ref()?
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        match (text("id"), text("email")) {
            (Some(id), _) => requested.push((index, RequestedRecipient::Id(id))),
            (None, Some(email)) => requested.push((index, RequestedRecipient::Email(email))),
            (None, None) => {
                item.finish(BulkItemOutcome::Failed, None);
                item.reason = Some(SkipReason::NotFound.as_str().to_owned());
                item.detail = Some("It names neither a contact nor an address.".to_owned());
            }
        }
    }
    requested
}

/// A contact gets one login email or change per request, even if several chunks name them.
async fn skip_repeated(conn: &mut Conn, chunk: &Chunk<'_>, resolved: &mut ResolvedRecipients) -> Result<()> {
    let ids = resolved.contact_ids();
    let done = BulkItem::done_contacts(conn, chunk.account.id, chunk.job.id, &ids).await?;
    resolved.skip_where(|contact| done.contains(&contact.id).then_some(SkipReason::Duplicate));
    Ok(())
}

fn apply(items: &mut [BulkItem], resolved: ResolvedRecipients) {
    for skipped in &resolved.skipped {
        items[skipped.index].skip(skipped);
    }
    for (index, contact) in resolved.contacts {
        let item = &mut items[index];
        item.finish(BulkItemOutcome::Done, Some(contact.id));
        item.email = contact.email;
    }
}
