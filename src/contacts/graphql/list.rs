//! Reading contacts: one by its id, and lists.

use async_graphql::Context;

use crate::access::model::Target;
use crate::api::connection::{Connection, Counted, Listed};
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::{Page, PageArgs, PageRequest};
use crate::contacts::graphql::Contact;
use crate::contacts::model as contact;
use crate::contacts::model::list::{AccessTo, Filter, Order};

impl Contact {
    pub(crate) async fn load(ctx: &Context<'_>, id: Option<ContactId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().contacts.get(id).await?.map(Into::into))
    }

    /// The contacts whose access to this has not ended.
    pub(crate) async fn members(
        ctx: &Context<'_>,
        args: PageArgs,
        target: Target,
    ) -> Result<Option<Connection<Self>>> {
        let access = AccessTo::one(target, ctx.services().clock.now());
        let of = Filter {
            access: vec![access],
            ..Filter::default()
        };
        Self::list(ctx, args, of, Order::NEWEST_FIRST).await.map(Some)
    }

    pub(crate) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        of: Filter,
        order: Order,
    ) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = order.list_name();
        let page = PageRequest::parse(&list, &args)?;
        let rows = if page.size == 0 && !ctx.look_ahead().field("pageInfo").exists() {
            Page {
                rows: Vec::new(),
                has_previous: false,
                has_next: false,
            }
        } else {
            let mut conn = ctx.services().db.conn().await?;
            Box::pin(contact::Contact::list(
                &mut conn,
                staff.account,
                &of,
                order,
                &page,
            ))
            .await?
        };
        Ok(Connection::new(
            &list,
            rows,
            |row| order.position(row),
            staff.account,
            of,
        ))
    }
}

impl Listed for Contact {
    type Of = Filter;
}

impl Counted for Filter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        contact::Contact::count(&mut conn, account, self).await
    }
}
