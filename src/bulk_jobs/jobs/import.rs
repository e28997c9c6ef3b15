//! One chunk of an import: contacts from rows and, if the plan says so, invitations in the same transaction.

use std::collections::HashMap;

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::bulk_jobs::jobs::{Chunk, Halt, Settled};
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::contacts::model::import::details;
use crate::contacts::model::import::merge::{Merged, merge};
use crate::contacts::model::{Contact, ContactDetails};
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Chosen, SkipReason};

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: &Chunk<'_>) -> Result<Settled, Halt> {
    let mut items = chunk.items(conn).await?;
    if items.is_empty() {
        return Ok(Settled::default());
    }
    let (indexes, rows) = rows(&mut items);
    let (merged, contacts) = merge(conn, chunk.account.id, &rows, &chunk.requester, chunk.moment).await?;
    for (place, merged) in indexes.iter().zip(&merged) {
        items[*place].end(merged.outcome, Some(merged.contact));
    }
    if chunk.plan.invite {
        invite(conn, chunk, &mut items, (&indexes, &merged, contacts)).await?;
    }
    Ok(Settled { items, reach: None })
}

/// The rows of the items, with the indexes of the items.
fn rows(items: &mut [BulkItem]) -> (Vec<usize>, Vec<ContactDetails>) {
    let (mut indexes, mut rows) = (Vec::new(), Vec::new());
    for (place, item) in items.iter_mut().enumerate() {
        match details(item.payload.take().unwrap_or_default()) {
            Ok(row) => {
                indexes.push(place);
                rows.push(row);
            }
            Err(error) => {
                item.end(BulkItemOutcome::Failed, None);
                item.reason = Some("BAD_ROW".to_owned());
                item.detail = Some(error.report());
            }
        }
    }
    (indexes, rows)
}

/// Invites each contact of the chunk once; the row of a contact that isn't invited gets the reason.
async fn invite(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    items: &mut [BulkItem],
    (indexes, merged, contacts): (&[usize], &[Merged], Vec<Contact>),
) -> Result<(), Halt> {
    let mut by_id: HashMap<ContactId, Contact> = contacts.into_iter().map(|one| (one.id, one)).collect();
    let mut chosen = Chosen::default();
    for (place, merged) in indexes.iter().zip(merged) {
        match by_id.remove(&merged.contact) {
            Some(contact) => chosen.contacts.push((*place, contact)),
            None => chosen.skip(*place, Some(merged.contact), None, SkipReason::Duplicate),
        }
    }
    if let Err(spent) = Invitation::issue(conn, &chunk.offer()?, &mut chosen, chunk.moment).await? {
        return Err(Halt::Spent(spent));
    }
    for skipped in &chosen.skipped {
        items[skipped.place].reason = Some(skipped.reason.as_str().to_owned());
    }
    Ok(())
}
