//! The queries.

use async_graphql::{Context, ID, MergedObject, Object, Result};

use super::account::{Portal, PublicPortal, portal_named};
use super::activity::{self, PortalEventConnection};
use super::bulk_job::{self, BulkJob, BulkJobConnection};
use super::contact::{self, Contact, ContactConnection, newest};
use super::contact_input::{ContactFilter, ContactOrder, search};
use super::context::Request;
use super::enums::{InvitationStatus, MagicLinkStatus, MessageStatus};
use super::invitation::{self, InvitationConnection};
use super::magic_link::{self, MagicLinkConnection};
use super::message::{self, MessageConnection};
use super::node::Node;
use super::portal_stats::PortalStats;
use super::scalars::EmailAddress;
use super::viewer::{PortalUser, Viewer};
use crate::auth::viewer::{Scope, Viewer as Who};
use crate::error::Error;
use crate::ids::{BulkJobId, ContactId};
use crate::models;
use crate::models::account::Account;
use crate::models::contact::PortalStatus;
use crate::models::contact_list::{Filter, Order, OrderField};
use crate::models::magic_link::LinkFilter;
use crate::models::message::MessageFilter;
use crate::models::page::PageArgs;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(WhoQuery, PortalQuery, ContactQuery, HistoryQuery);

#[derive(Default)]
pub struct WhoQuery;

#[Object]
impl WhoQuery {
    /// Anything by its id; null when there is none in the account. Needs the scope `READ`.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, of any kind.")] id: ID,
    ) -> Option<Result<Node>> {
        let found = async {
            let staff = ctx.staff(Scope::Read)?;
            let mut conn = ctx.services().db.conn().await?;
            Node::find(&mut conn, &staff, &[id]).await
        };
        found
            .await
            .map(|mut found| found.pop().flatten())
            .map_err(Into::into)
            .transpose()
    }

    /// Several by their ids, in their order, null for those that are not in the account. At most 100. Needs the scope
    /// `READ`.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, of any kinds.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        let staff = ctx.staff(Scope::Read)?;
        if ids.len() > 100 {
            return Err(Error::bad_input("ids", "Ask for at most 100 at once.").into());
        }
        let mut conn = ctx.services().db.conn().await?;
        Ok(Node::find(&mut conn, &staff, &ids).await?)
    }

    /// Who is signed in; null when nobody is.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Viewer>> {
        if ctx.pass().viewer == Who::Anonymous {
            return None;
        }
        let found = async {
            let mut conn = ctx.services().db.conn().await?;
            Viewer::find(&mut conn, &ctx.pass().viewer).await
        };
        found.await.map_err(Into::into).transpose()
    }

    /// The contact who is signed in to the portal; null for anyone else.
    async fn me(&self, ctx: &Context<'_>) -> Option<Result<PortalUser>> {
        let Who::Contact { account, contact, .. } = ctx.pass().viewer else {
            return None;
        };
        let found = async {
            let mut conn = ctx.services().db.conn().await?;
            models::contact::Contact::find(&mut conn, account, contact).await
        };
        found
            .await
            .map(|found| found.map(PortalUser))
            .map_err(Into::into)
            .transpose()
    }
}

#[derive(Default)]
pub struct PortalQuery;

#[Object]
impl PortalQuery {
    /// What a sign-in page needs of a portal; for anyone. Null when there is none.
    async fn public_portal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The portal's slug or host.")] portal: String,
    ) -> Option<Result<PublicPortal>> {
        let services = ctx.services();
        let found = async {
            let mut conn = services.db.conn().await?;
            portal_named(services, &mut conn, &portal).await
        };
        let found = found
            .await
            .map(|found| found.map(|account| PublicPortal::new(account, services)));
        found.map_err(Into::into).transpose()
    }

    /// The account's portal, with its settings. Needs the scope `READ`.
    async fn portal(&self, ctx: &Context<'_>) -> Result<Portal> {
        let staff = ctx.staff(Scope::Read)?;
        let mut conn = ctx.services().db.conn().await?;
        Ok(Portal(Account::find(&mut conn, staff.account).await?))
    }

    /// How many were invited and how many joined. Needs the scope `READ`.
    async fn portal_stats(&self, ctx: &Context<'_>) -> Result<PortalStats> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(ctx.services().live.stats(staff.account).await?.into())
    }
}

#[derive(Default)]
pub struct ContactQuery;

#[Object]
impl ContactQuery {
    /// Contacts that are invited and have not joined, last invited first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "search and order beside the four arguments of a page"
    )]
    async fn invited_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Beginnings of words in the name or address.", name = "search")] words: Option<
            String,
        >,
        #[graphql(desc = "The order. Default: `INVITED_AT DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<ContactConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let filter = Filter::status(PortalStatus::Invited, search("search", words)?);
        let order = order_by.map_or(newest(OrderField::InvitedAt), Order::from);
        Ok(contact::list(
            ctx,
            &staff,
            filter,
            order,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// Contacts that have joined, last joined first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "search and order beside the four arguments of a page"
    )]
    async fn active_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Beginnings of words in the name or address.", name = "search")] words: Option<
            String,
        >,
        #[graphql(desc = "The order. Default: `JOINED_AT DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<ContactConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let filter = Filter::status(PortalStatus::Active, search("search", words)?);
        let order = order_by.map_or(newest(OrderField::JoinedAt), Order::from);
        Ok(contact::list(
            ctx,
            &staff,
            filter,
            order,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// Contacts, last added first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "filter and order beside the four arguments of a page"
    )]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which contacts. Default: everyone.")] filter: Option<ContactFilter>,
        #[graphql(desc = "The order. Default: `CREATED_AT DESC`.")] order_by: Option<ContactOrder>,
    ) -> Result<ContactConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let filter = filter.unwrap_or_default().parse("filter")?;
        let order = order_by.map_or(newest(OrderField::CreatedAt), Order::from);
        Ok(contact::list(
            ctx,
            &staff,
            filter,
            order,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// One contact, by its id or its address; null when there is none in the account. Needs the scope `READ`.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contact's id. Pass this or the address.")] id: Option<ID>,
        #[graphql(desc = "The contact's address, in any letter case.")] email: Option<EmailAddress>,
    ) -> Option<Result<Contact>> {
        let found = async {
            let staff = ctx.staff(Scope::Read)?;
            let services = ctx.services();
            match (id, email) {
                (Some(id), None) => {
                    let Ok(id) = id.parse::<ContactId>() else {
                        return Ok(None);
                    };
                    let mut conn = services.db.conn().await?;
                    models::contact::Contact::find(&mut conn, staff.account, id).await
                }
                (None, Some(email)) => {
                    let email = crate::address::EmailAddress::parse(&email.0).map_err(|fault| {
                        Error::bad_input("email", format!("This can't be looked for: {fault}."))
                    })?;
                    let mut conn = services.db.conn().await?;
                    models::contact::Contact::by_email(&mut conn, staff.account, &email).await
                }
                (None, None) => Err(Error::bad_input("id", "Pass the id or the email of the contact.")),
                (Some(_), Some(_)) => Err(Error::bad_input("email", "Pass the id or the email, not both.")),
            }
        };
        found
            .await
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }
}

#[derive(Default)]
pub struct HistoryQuery;

#[Object]
impl HistoryQuery {
    /// Invitations, newest first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "a filter beside the four arguments of a page"
    )]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those that stand there now.")] status: Option<InvitationStatus>,
    ) -> Result<InvitationConnection> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(invitation::list(
            ctx,
            &staff,
            status,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// Magic links, newest first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "two filters beside the four arguments of a page"
    )]
    async fn magic_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those of this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Only those that stand there now.")] status: Option<MagicLinkStatus>,
    ) -> Result<MagicLinkConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let contact = of_contact(contact_id)?;
        let of = LinkFilter {
            contact,
            status: status.map(Into::into),
            now: ctx.services().clock.now(),
        };
        Ok(magic_link::list(
            ctx,
            &staff,
            of,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// Messages, newest first. Needs the scope `READ`.
    #[expect(
        clippy::too_many_arguments,
        reason = "two filters beside the four arguments of a page"
    )]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those to this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Only those that have come this far.")] status: Option<MessageStatus>,
    ) -> Result<MessageConnection> {
        let staff = ctx.staff(Scope::Read)?;
        let of = MessageFilter {
            contact: of_contact(contact_id)?,
            status: status.map(Into::into),
        };
        Ok(message::list(
            ctx,
            &staff,
            of,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// One bulk job; null when there is none in the account. Needs the scope `READ`.
    async fn bulk_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> Option<Result<BulkJob>> {
        let found = async {
            let staff = ctx.staff(Scope::Read)?;
            let Ok(id) = id.parse::<BulkJobId>() else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            models::bulk_job::BulkJob::find(&mut conn, staff.account, id).await
        };
        found
            .await
            .map(|found| found.map(Into::into))
            .map_err(Into::into)
            .transpose()
    }

    /// Bulk jobs, newest first. Needs the scope `READ`.
    async fn bulk_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<BulkJobConnection> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(bulk_job::list(
            ctx,
            &staff,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }

    /// What happened in the portal, newest first: the history of the subscription `portalActivity`. Needs the scope `READ`.
    async fn recent_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<PortalEventConnection> {
        let staff = ctx.staff(Scope::Read)?;
        Ok(activity::list(
            ctx,
            &staff,
            PageArgs {
                first,
                after,
                last,
                before,
            },
        )
        .await?)
    }
}

/// A contact to narrow a list to; one that is none matches nothing.
fn of_contact(id: Option<ID>) -> Result<Option<ContactId>, Error> {
    id.map(|id| {
        id.parse().map_err(|fault: crate::ids::NotAnId| {
            Error::bad_input("contactId", format!("This can't be a contact: {fault}."))
        })
    })
    .transpose()
}
