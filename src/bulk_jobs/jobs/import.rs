//! One chunk of an import: contacts from rows and, if the plan says so, grants and invitations in the same transaction.

use std::collections::HashMap;

use crate::access::model::change::AccessChange;
use crate::access::model::grant::GrantOrigin;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::bulk_jobs::jobs::{Chunk, ChunkError, ProcessedChunk};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::contacts::model::bulk_change::BulkChange;
use crate::contacts::model::import::details;
use crate::contacts::model::import::upsert::{UpsertedContacts, upsert_contacts};
use crate::contacts::model::{Contact, ContactDetails};
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::invitations::model::skipped::SkipReason;

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: &Chunk<'_>) -> Result<ProcessedChunk, ChunkError> {
    let mut items = chunk.items(conn).await?;
    if items.is_empty() {
        return Ok(ProcessedChunk::default());
    }
    let (indexes, rows) = rows(&mut items);
    let account = chunk.account.id;
    let upserted = upsert_contacts(conn, account, &rows, &chunk.requester, chunk.moment).await?;
    for (index, row) in indexes.iter().zip(&upserted.rows) {
        items[*index].finish(row.outcome, Some(row.contact));
    }
    grant(conn, chunk, &upserted).await?;
    if chunk.plan.invite {
        let recipients = recipients(&indexes, upserted);
        invite(conn, chunk, &mut items, recipients).await?;
    }
    Ok(ProcessedChunk {
        items,
        ..ProcessedChunk::default()
    })
}

/// The rows of the items, with the indexes of the items.
fn rows(items: &mut [BulkItem]) -> (Vec<usize>, Vec<ContactDetails>) {
    let (mut indexes, mut rows) = (Vec::new(), Vec::new());
    for (index, item) in items.iter_mut().enumerate() {
        match details(item.payload.take().unwrap_or_default()) {
            Ok(row) => {
                indexes.push(index);
                rows.push(row);
            }
            Err(error) => {
                item.finish(BulkItemOutcome::Failed, None);
                item.reason = Some("BAD_ROW".to_owned());
                item.detail = Some(error.report().message);
            }
        }
    }
    (indexes, rows)
}

/// The contacts of the chunk, each once, with the index of its first item.
fn recipients(indexes: &[usize], upserted: UpsertedContacts) -> ResolvedRecipients {
    let contacts = upserted.contacts.into_iter();
    let mut by_id: HashMap<ContactId, Contact> = contacts.map(|contact| (contact.id, contact)).collect();
    let mut recipients = ResolvedRecipients::default();
    for (index, row) in indexes.iter().zip(&upserted.rows) {
        match by_id.remove(&row.contact) {
            Some(contact) => recipients.contacts.push((*index, contact)),
            None => recipients.skip(*index, Some(row.contact), None, SkipReason::Duplicate),
        }
    }
    recipients
}

/// Grants the offer of the plan to the contacts, whose rows are locked.
async fn grant(conn: &mut Conn, chunk: &Chunk<'_>, upserted: &UpsertedContacts) -> Result<(), ChunkError> {
    let Some(BulkChange::Grants(change)) = &chunk.plan.change else {
        return Ok(());
    };
    let change = AccessChange {
        origin: GrantOrigin::Import(chunk.job.id),
        ..change.clone()
    };
    let contacts: Vec<ContactId> = upserted.contacts.iter().map(|contact| contact.id).collect();
    change
        .apply(conn, chunk.account.id, &contacts, &chunk.requester, chunk.moment)
        .await?;
    Ok(())
}

/// Invites the contacts. The item of a contact that isn't invited gets the reason.
async fn invite(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    items: &mut [BulkItem],
    mut recipients: ResolvedRecipients,
) -> Result<(), ChunkError> {
    let request = chunk.send_request()?;
    if let Err(spent) = Invitation::issue(conn, &request, &mut recipients, chunk.moment).await? {
        return Err(ChunkError::BudgetSpent(spent));
    }
    for skipped in &recipients.skipped {
        items[skipped.index].reason = Some(skipped.reason.as_str().to_owned());
    }
    Ok(())
}
