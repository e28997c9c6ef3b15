//! Smart lists as staff see them.

pub(crate) mod mutations;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};
use tokio::sync::OnceCell;

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, SmartListId};
use crate::base::page::{PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::{ContactFilter, ContactOrder};
use crate::contacts::model as contact;
use crate::contacts::model::list::{Filter, OrderField};
use crate::smart_lists::model as smart_list;

#[derive(Clone)]
pub(crate) struct SmartList {
    row: smart_list::SmartList,
    /// Looked up by the first field that needs it.
    contents: Arc<OnceCell<Contents>>,
}

/// What selects its contacts now, or why nothing does.
type Contents = std::result::Result<Filter, String>;

impl From<smart_list::SmartList> for SmartList {
    fn from(row: smart_list::SmartList) -> Self {
        Self {
            row,
            contents: Arc::default(),
        }
    }
}

/// Conditions on contacts under a name. Who is in the list is found out each time it is used.
#[Object]
impl SmartList {
    /// The id: `smartlist_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The name: no other list of the account has it, in any letter case.
    async fn name(&self) -> &str {
        &self.row.details.name
    }

    /// The conditions.
    async fn filter(&self) -> Result<ContactFilter> {
        serde_json::from_value(self.row.details.conditions.clone()).map_err(Error::internal)
    }

    /// Why the list can't be used, such as a course among its conditions that was archived; null if it can.
    async fn problem(&self, ctx: &Context<'_>) -> Option<GraphqlResult<String>> {
        nullable(async { Ok(self.contents(ctx).await?.clone().err()) as Result<_> }).await
    }

    /// How many contacts are in it; null if it can't be used. May be a few seconds old.
    async fn count(&self, ctx: &Context<'_>) -> Option<GraphqlResult<i32>> {
        nullable(async {
            let Ok(filter) = self.contents(ctx).await? else {
                return Ok(None);
            };
            let account = self.row.account_id;
            let count = ctx
                .reader()
                .run(|mut conn| async move { contact::Contact::count(&mut conn, account, filter).await })
                .await?;
            Ok(Some(i32::try_from(count).unwrap_or(i32::MAX))) as Result<_>
        })
        .await
    }

    /// The contacts that are in it now, the last added first, unless ordered otherwise; null if it can't be used.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Default: `CREATED_AT`, `DESC`.")] order_by: Option<ContactOrder>,
    ) -> Option<GraphqlResult<Connection<Contact>>> {
        nullable(async {
            let Ok(filter) = self.contents(ctx).await? else {
                return Ok(None);
            };
            let order = ContactOrder::or_newest(order_by, OrderField::CreatedAt);
            let args = PageArgs::new(first, after, last, before);
            Contact::list(ctx, args, filter.clone(), order).await.map(Some)
        })
        .await
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

impl SmartList {
    async fn contents(&self, ctx: &Context<'_>) -> Result<&Contents> {
        self.contents.get_or_try_init(|| self.find_contents(ctx)).await
    }

    async fn find_contents(&self, ctx: &Context<'_>) -> Result<Contents> {
        let services = ctx.services();
        let mut conn = services.db.conn().await?;
        let details = &self.row.details;
        let filter = details
            .filter(&mut conn, self.row.account_id, "filter", services.clock.now())
            .await;
        match filter {
            Ok(filter) => Ok(Ok(filter)),
            Err(error) if matches!(error.code, Code::BadUserInput | Code::NotFound) => {
                Ok(Err(error.message().to_owned()))
            }
            Err(error) => Err(error),
        }
    }
}

impl Listed for SmartList {
    type Of = AllLists;
}

/// All smart lists of an account.
pub(crate) struct AllLists;

impl Counted for AllLists {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        smart_list::SmartList::count(&mut conn, account).await
    }
}

/// The contacts of the list with this id, in place of a filter. An error is at `field`.
pub(crate) async fn filter_of(ctx: &Context<'_>, field: &str, id: &ID) -> Result<Filter> {
    let staff = ctx.staff(Scope::Read).map_err(|error| error.at(field))?;
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let list = find(&mut conn, staff.account, field, id).await?;
    let filter = list
        .details
        .filter(&mut conn, staff.account, field, services.clock.now())
        .await;
    filter.map_err(|error| match error.code {
        Code::NotFound => Error::bad_input(
            field,
            "A condition of the list names something that the account doesn't have.",
        ),
        _ => error.at(field),
    })
}

async fn find(conn: &mut Conn, account: AccountId, field: &str, id: &ID) -> Result<smart_list::SmartList> {
    let missing = || Error::not_found(field, "smart list");
    let id: SmartListId = id.parse().map_err(|_| missing())?;
    let found = smart_list::SmartList::find_many(conn, account, &[id]).await?;
    found.into_iter().next().ok_or_else(missing)
}

#[derive(Default)]
pub(crate) struct SmartListQueries;

#[Object]
impl SmartListQueries {
    /// The smart list with this id; null if there is none. Needs the scope `READ`.
    async fn smart_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<SmartList>> {
        nullable(async {
            let staff = ctx.staff(Scope::Read)?;
            let Ok(id) = id.parse::<SmartListId>() else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            let found = smart_list::SmartList::find_many(&mut conn, staff.account, &[id]).await?;
            Ok(found.into_iter().next().map(SmartList::from)) as Result<_>
        })
        .await
    }

    /// The account's smart lists, newest first: at most 200. Needs the scope `READ`.
    async fn smart_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<SmartList>> {
        let staff = ctx.staff(Scope::Read)?;
        let page = PageRequest::parse("smartLists", &PageArgs::new(first, after, last, before))?;
        let mut conn = ctx.services().db.conn().await?;
        let rows = smart_list::SmartList::list(&mut conn, staff.account, &page).await?;
        let position = |row: &smart_list::SmartList| by_id(row.id.0);
        Ok(Connection::new(
            "smartLists",
            rows,
            position,
            staff.account,
            AllLists,
        ))
    }
}
