//! One chunk of recipients who are invited or sent a login email: those that the request named, or the next matches of a filter.

use serde_json::{Value, json};

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::bulk_jobs::jobs::{Chunk, Halt, Settled};
use crate::bulk_jobs::model::BulkJobKind;
use crate::bulk_jobs::model::item::{BulkItem, BulkItemOutcome};
use crate::contacts::model::Contact;
use crate::contacts::model::list::Filter;
use crate::invitations::model::Invitation;
use crate::invitations::model::recipients::{Chosen, SkipReason, Wanted};
use crate::magic_links::model::login_email;

pub(crate) async fn run_chunk(conn: &mut Conn, chunk: &Chunk<'_>) -> Result<Settled, Halt> {
    let mut settled = match &chunk.plan.filter {
        Some(filter) => next_matches(conn, chunk, filter).await?,
        None => Settled {
            items: chunk.items(conn).await?,
            reach: None,
        },
    };
    let wanted = wanted(&mut settled.items);
    let invites = chunk.job.kind == BulkJobKind::Invite;
    let (account, moment) = (chunk.account.id, chunk.moment);
    let mut chosen = Chosen::resolve(conn, account, &wanted, invites, moment).await?;
    let offer = chunk.offer()?;
    let spent = if invites {
        Invitation::issue(conn, &offer, &mut chosen, moment).await?.err()
    } else {
        skip_repeated(conn, chunk, &mut chosen).await?;
        login_email::send(conn, &offer, &mut chosen, moment).await?.err()
    };
    match spent {
        Some(spent) => Err(Halt::Spent(spent)),
        None => {
            apply(&mut settled.items, chosen);
            Ok(settled)
        }
    }
}

/// The next contacts that match, as items.
async fn next_matches(conn: &mut Conn, chunk: &Chunk<'_>, filter: &Filter) -> Result<Settled> {
    let (account, job) = (chunk.account.id, chunk.job.id);
    let after = chunk.job.reach.map(ContactId);
    let limit = usize::try_from(chunk.limit).unwrap_or(1);
    let ids = Contact::walk(conn, account, filter, after, limit).await?;
    let first = BulkItem::next_position(conn, account, job).await?;
    let item = |(position, id): (i32, &ContactId)| {
        BulkItem::pending(account, job, position, json!({"id": id.to_string()}))
    };
    Ok(Settled {
        reach: ids.last().map(|id| id.0),
        items: (first..).zip(&ids).map(item).collect(),
    })
}

/// The recipients that the items name. An item that names none has failed.
fn wanted(items: &mut [BulkItem]) -> Vec<(usize, Wanted)> {
    let mut wanted = Vec::with_capacity(items.len());
    for (place, item) in items.iter_mut().enumerate() {
        let text = |key: &str| {
            item.payload
                .as_ref()?
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        match (text("id"), text("email")) {
            (Some(id), _) => wanted.push((place, Wanted::Id(id))),
            (None, Some(email)) => wanted.push((place, Wanted::Email(email))),
            (None, None) => {
                item.end(BulkItemOutcome::Failed, None);
                item.reason = Some(SkipReason::NotFound.as_str().to_owned());
                item.detail = Some("It names neither a contact nor an address.".to_owned());
            }
        }
    }
    wanted
}

/// A contact gets one login email per request, even if several chunks name it.
async fn skip_repeated(conn: &mut Conn, chunk: &Chunk<'_>, chosen: &mut Chosen) -> Result<()> {
    if chunk.plan.filter.is_some() {
        return Ok(());
    }
    let ids: Vec<ContactId> = chosen.contacts.iter().map(|(_, contact)| contact.id).collect();
    let done = BulkItem::done_contacts(conn, chunk.account.id, chunk.job.id, &ids).await?;
    for (place, contact) in std::mem::take(&mut chosen.contacts) {
        if done.contains(&contact.id) {
            chosen.skip(place, Some(contact.id), contact.email, SkipReason::Duplicate);
        } else {
            chosen.contacts.push((place, contact));
        }
    }
    Ok(())
}

fn apply(items: &mut [BulkItem], chosen: Chosen) {
    for skipped in &chosen.skipped {
        items[skipped.place].skip(skipped);
    }
    for (place, contact) in chosen.contacts {
        let item = &mut items[place];
        item.end(BulkItemOutcome::Done, Some(contact.id));
        item.email = contact.email;
    }
}
