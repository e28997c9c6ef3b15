//! One chunk of invitations that are sent again or cancelled: those that the request named, or the next matches of a filter.

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{ContactId, InvitationId};
use crate::bulk_jobs::jobs::{Chunk, ChunkError, ProcessedChunk};
use crate::bulk_jobs::model::BulkJobKind;
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome, payload};
use crate::invitations::model::recipients::Indexed;
use crate::invitations::model::selected::SelectedInvitations;
use crate::invitations::model::skipped::SkipReason;
use crate::invitations::model::{Invitation, InvitationFilter};

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: &Chunk<'_>) -> Result<ProcessedChunk, ChunkError> {
    let mut processed = match &chunk.plan.invitations {
        Some(filter) => next_matches(conn, chunk, filter).await?,
        None => ProcessedChunk {
            items: chunk.items(conn).await?,
            ..ProcessedChunk::default()
        },
    };
    let requested: Vec<Indexed<String>> = processed
        .items
        .iter()
        .map(|item| item.invitation_id().to_owned())
        .enumerate()
        .collect();
    let account = chunk.account.id;
    let mut selected = SelectedInvitations::lock(conn, account, &requested).await?;
    if let Some(filter) = &chunk.plan.invitations {
        let now = chunk.moment.now;
        selected.keep_matches(conn, account, filter, now).await?;
    } else {
        skip_repeated(conn, chunk, &mut selected).await?;
    }
    change(conn, chunk, &mut selected).await?;
    apply(&mut processed.items, selected);
    processed.leave_out_unmatched();
    Ok(processed)
}

/// Sends the invitations again, or cancels them.
async fn change(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    selected: &mut SelectedInvitations,
) -> Result<(), ChunkError> {
    let (account, moment) = (chunk.account.id, chunk.moment);
    if chunk.job.kind == BulkJobKind::CancelInvitations {
        let chosen = selected.invitations();
        Invitation::cancel(conn, account, &chosen, &chunk.requester, moment).await?;
        return Ok(());
    }
    selected.skip_unreachable(conn, account, moment.now).await?;
    let request = chunk.send_request()?;
    let resent = Invitation::resend(conn, &request, &selected.invited(), moment).await?;
    resent.map(|_| ()).map_err(ChunkError::BudgetSpent)
}

/// The next invitations that match, as items.
async fn next_matches(
    conn: &mut Conn,
    chunk: &Chunk<'_>,
    filter: &InvitationFilter,
) -> Result<ProcessedChunk> {
    let (account, job, now) = (chunk.account.id, chunk.job.id, chunk.moment.now);
    let after = chunk.job.last_processed_id.map(InvitationId);
    let limit = usize::try_from(chunk.limit).unwrap_or(1);
    let ids = Invitation::list_ids(conn, account, filter, after, limit, now).await?;
    let first = BulkItem::next_position(conn, account, job).await?;
    let item = |(position, id): (i32, &InvitationId)| {
        BulkItem::pending(account, job, position, payload("invitation", &id.to_string()))
    };
    Ok(ProcessedChunk {
        last_processed_id: ids.last().map(|id| id.0),
        items: (first..).zip(&ids).map(item).collect(),
        ..ProcessedChunk::default()
    })
}

/// An invitation is changed once per request, even if several chunks name it.
async fn skip_repeated(conn: &mut Conn, chunk: &Chunk<'_>, selected: &mut SelectedInvitations) -> Result<()> {
    let ids: Vec<ContactId> = selected.found.iter().map(|one| one.contact.id).collect();
    let done = BulkItem::done_contacts(conn, chunk.account.id, chunk.job.id, &ids).await?;
    selected.skip_where(|one| done.contains(&one.contact.id).then_some(SkipReason::Duplicate));
    Ok(())
}

fn apply(items: &mut [BulkItem], selected: SelectedInvitations) {
    for skipped in &selected.skipped {
        items[skipped.index].skip(skipped);
    }
    for one in selected.found {
        let item = &mut items[one.index];
        item.finish(BulkItemOutcome::Done, Some(one.contact.id));
        item.email = one.contact.email;
    }
}
