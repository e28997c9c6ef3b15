//! Saving, changing and deleting smart lists.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::{Value, json};

use super::{SmartList, find};
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::title;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::{Error, Result};
use crate::base::ids::SmartListId;
use crate::contacts::graphql::input::ContactFilter;
use crate::smart_lists::model as smart_list;
use crate::smart_lists::model::{MAX_LISTS, SmartListDetails};

#[derive(Default)]
pub(crate) struct SmartListMutations;

/// A new smart list.
#[derive(InputObject)]
pub(crate) struct CreateSmartListInput {
    /// The name: one line of 1 to 200 characters that no other list of the account has, in any letter case.
    name: String,
    /// The conditions. What they name must exist and not be archived.
    filter: ContactFilter,
}

/// The saved smart list.
#[derive(SimpleObject)]
pub(crate) struct CreateSmartListPayload {
    /// The list. Needs the scope `READ`.
    smart_list: SmartList,
}

/// The changes. An omitted field stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateSmartListInput {
    /// The list.
    smart_list_id: ID,
    /// The name: one line of 1 to 200 characters that no other list of the account has, in any letter case.
    name: Option<String>,
    /// The conditions, in place of all those before. What they name must exist and not be archived.
    filter: Option<ContactFilter>,
}

/// The changed smart list.
#[derive(SimpleObject)]
pub(crate) struct UpdateSmartListPayload {
    /// The list as it is now. Needs the scope `READ`.
    smart_list: SmartList,
}

/// The list to delete.
#[derive(InputObject)]
pub(crate) struct DeleteSmartListInput {
    /// The list.
    smart_list_id: ID,
}

/// What was deleted.
#[derive(SimpleObject)]
pub(crate) struct DeleteSmartListPayload {
    /// The id of the list.
    deleted_smart_list_id: ID,
}

#[Object]
impl SmartListMutations {
    /// Saves conditions on contacts under a name. An account has at most 200 lists. Needs the scope `CONTACTS`.
    async fn create_smart_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: CreateSmartListInput,
    ) -> Option<GraphqlResult<CreateSmartListPayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a smart list. A job that was started with it goes on with what it was. Needs the scope `CONTACTS`.
    async fn update_smart_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateSmartListInput,
    ) -> Option<GraphqlResult<UpdateSmartListPayload>> {
        mutate(update(ctx, input)).await
    }

    /// Deletes a smart list; it can't be undone. Its contacts stay. Needs the scope `CONTACTS`.
    async fn delete_smart_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: DeleteSmartListInput,
    ) -> Option<GraphqlResult<DeleteSmartListPayload>> {
        mutate(delete(ctx, input)).await
    }
}

async fn create(ctx: &Context<'_>, input: CreateSmartListInput) -> Result<CreateSmartListPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["smartList"])?;
    let details = SmartListDetails {
        name: title("input.name", &input.name)?,
        conditions: Value::Object(input.filter.conditions()?.into_json()),
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let list = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            details
                .filter(conn, staff.account, "input.filter", moment.now)
                .await?;
            Account::lock(conn, staff.account).await?;
            if smart_list::SmartList::count(conn, staff.account).await? >= MAX_LISTS {
                let message = format!("An account has at most {MAX_LISTS} smart lists.");
                return Err(Error::bad_input("input", message));
            }
            let list = smart_list::SmartList::create(conn, staff.account, &details, &moment).await?;
            let event = NewEvent::new(EventKind::SmartListCreated).on(list.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(list)
        })
        .await?;
    Ok(CreateSmartListPayload {
        smart_list: list.into(),
    })
}

async fn update(ctx: &Context<'_>, input: UpdateSmartListInput) -> Result<UpdateSmartListPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["smartList"])?;
    let name = input.name.map(|name| title("input.name", &name)).transpose()?;
    let conditions = input.filter.map(|filter| filter.conditions()).transpose()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let list = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, staff.account).await?;
            let before = find(conn, staff.account, "input.smartListId", &input.smart_list_id).await?;
            let details = SmartListDetails {
                name: name.unwrap_or_else(|| before.details.name.clone()),
                conditions: conditions.map_or_else(
                    || before.details.conditions.clone(),
                    |conditions| Value::Object(conditions.into_json()),
                ),
            };
            if details == before.details {
                return Ok(before);
            }
            if details.conditions != before.details.conditions {
                details
                    .filter(conn, staff.account, "input.filter", moment.now)
                    .await?;
            }
            let list = before.update(conn, &details, moment.now).await?;
            let event = NewEvent::new(EventKind::SmartListUpdated).on(list.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(list)
        })
        .await?;
    Ok(UpdateSmartListPayload {
        smart_list: list.into(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteSmartListInput) -> Result<DeleteSmartListPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    let missing = || Error::not_found("input.smartListId", "smart list");
    let id: SmartListId = input.smart_list_id.parse().map_err(|_| missing())?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        let deleted = smart_list::SmartList::delete(conn, staff.account, id)
            .await?
            .ok_or_else(missing)?;
        let name = json!({ "name": deleted.details.name });
        let event = NewEvent::new(EventKind::SmartListDeleted).on(id).with(name);
        record(conn, staff.account, &requester, &[event], &moment).await
    })
    .await?;
    Ok(DeleteSmartListPayload {
        deleted_smart_list_id: ID(id.to_string()),
    })
}
