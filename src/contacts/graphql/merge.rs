//! Merging two contacts that are the same person.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::contacts::graphql::Contact;
use crate::contacts::model as contact;
use crate::contacts::model::merge::{Merge, Merged, MovedItems};
use crate::live::Topic;

#[derive(Default)]
pub(crate) struct MergeMutations;

/// Two contacts that are the same person.
#[derive(InputObject)]
pub(crate) struct MergeContactsInput {
    /// The contact that stays, with its address.
    contact_id: ID,
    /// The contact whose data goes to the other one. It is deleted.
    duplicate_id: ID,
    /// Only reports what would happen: nothing is changed.
    dry_run: Option<bool>,
}

/// How much the duplicate had.
#[derive(SimpleObject)]
pub(crate) struct MergedItems {
    /// Grants, revoked ones included. Where both had the same target from the same source, one remains.
    grants: i32,
    /// Lessons that were started, completed ones included.
    started_lessons: i32,
    /// Lessons that were completed.
    completed_lessons: i32,
    /// Magic links, used ones included.
    links: i32,
    /// Messages.
    messages: i32,
    /// Events of the timeline.
    events: i32,
    /// Sales as an affiliate.
    affiliate_sales: i32,
}

/// The contact that both became.
#[derive(SimpleObject)]
pub(crate) struct MergeContactsPayload {
    /// The contact that stays. In a dry run its own fields are as they would be, and its lists as they are now.
    contact: Contact,
    /// What the duplicate had. Needs the scope `READ`.
    moved: MergedItems,
    /// The id of the duplicate, which is deleted; in a dry run, which would be.
    deleted_contact_id: ID,
}

impl From<MovedItems> for MergedItems {
    fn from(moved: MovedItems) -> Self {
        let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            grants: count(moved.grants),
            started_lessons: count(moved.started_lessons),
            completed_lessons: count(moved.completed_lessons),
            links: count(moved.links),
            messages: count(moved.messages),
            events: count(moved.events),
            affiliate_sales: count(moved.affiliate_sales),
        }
    }
}

#[Object]
impl MergeMutations {
    /// Merges a contact into another one, which is the same person: grants, progress, links, messages, the invitation, the affiliate,
    /// tags and history go to the contact that stays, and the duplicate is deleted. The earliest times count, and revoked access
    /// stays revoked. The duplicate's sessions, passwords and Google accounts end: the person signs in by email to the address that
    /// stays. Both addresses are notified by email. It can't be undone. Needs the scope `CONTACTS`.
    async fn merge_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact that stays, and the duplicate.")] input: MergeContactsInput,
    ) -> Option<GraphqlResult<MergeContactsPayload>> {
        mutate(merge(ctx, input)).await
    }
}

/// The ids of the contact that stays and of the duplicate.
struct Pair {
    kept: ContactId,
    duplicate: ContactId,
}

fn missing(field: &str) -> Error {
    Error::not_found(field, "contact")
}

impl Pair {
    fn parse(input: &MergeContactsInput) -> Result<Self> {
        let parse = |id: &ID, field| id.parse().map_err(|_| missing(field));
        let pair = Self {
            kept: parse(&input.contact_id, "input.contactId")?,
            duplicate: parse(&input.duplicate_id, "input.duplicateId")?,
        };
        if pair.kept == pair.duplicate {
            let message = "A contact can't be merged with itself.";
            return Err(Error::bad_input("input.duplicateId", message));
        }
        Ok(pair)
    }

    /// Locks both, in the order of their ids.
    async fn lock(
        &self,
        conn: &mut Conn,
        account: AccountId,
    ) -> Result<(contact::Contact, contact::Contact)> {
        let mut kept = contact::Contact::lock_many(conn, account, &[self.kept, self.duplicate]).await?;
        let duplicate = kept.iter().position(|one| one.id == self.duplicate);
        let duplicate = duplicate.map(|at| kept.swap_remove(at));
        let kept = kept.pop().ok_or_else(|| missing("input.contactId"))?;
        Ok((kept, duplicate.ok_or_else(|| missing("input.duplicateId"))?))
    }
}

async fn merge(ctx: &Context<'_>, input: MergeContactsInput) -> Result<MergeContactsPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["contact", "tags"])?;
    ctx.require_read_if_selected(&["moved"])?;
    let pair = Pair::parse(&input)?;
    let dry_run = input.dry_run.unwrap_or(false);
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let merged: Merged = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let (kept, duplicate) = pair.lock(conn, staff.account).await?;
            let merge = Merge {
                kept: &kept,
                duplicate: &duplicate,
            };
            if dry_run {
                return merge.preview(conn).await;
            }
            Box::pin(merge.run(conn, &requester, &moment)).await
        })
        .await?;
    if !dry_run {
        services.live.nudge_sessions_ended(staff.account, merged.ended);
        let topics = [Topic::Counts, Topic::Messages];
        services.live.nudge(staff.account, &topics);
    }
    Ok(MergeContactsPayload {
        contact: Contact::changed(merged.contact, Vec::new()),
        moved: merged.moved.into(),
        deleted_contact_id: ID(pair.duplicate.to_string()),
    })
}
