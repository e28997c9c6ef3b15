//! Contacts as staff see them.

pub(crate) mod access;
pub(crate) mod activity;
pub(crate) mod bulk_changes;
pub(crate) mod import;
pub(crate) mod input;
mod list;
pub(crate) mod merge;
pub(crate) mod mutations;
pub(crate) mod own_details;
pub(crate) mod personal_data;
pub(crate) mod portal_stats;
pub(crate) mod queries;
mod readable;
pub(crate) mod stats_history;
pub(crate) mod tags;
pub(crate) mod timeline;
mod update_contact;

pub(crate) use readable::Detail;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::access::graphql::grant::AccessGrant;
use crate::access::graphql::opened::{
    ContactCommunityConnection, ContactCourseConnection, ContactCourseEdge, ContactOfferConnection,
};
use crate::access_report::graphql::AccessReport;
use crate::affiliates::graphql::Affiliate;
use crate::api::connection::{Connection, field, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, EmailAddress, PhoneNumber};
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::page::PageArgs;
use crate::contacts::graphql::timeline::ContactEvent;
use crate::contacts::model as contact;
use crate::contacts::model::PortalStatus;
use crate::invitations::graphql::Invitation;
use crate::magic_links::graphql::MagicLink;
use crate::magic_links::model::MagicLinkStatus;
use crate::messages::graphql::Message;
use crate::messages::graphql::suppression::Suppression;
use crate::messages::model::{MessageConditions, MessageFilter, MessageStatus};
use crate::sign_in::sessions::graphql::Session;
use crate::sign_in::sessions::model::Holder;
use crate::workflows::graphql::run::WorkflowRun;

#[derive(Clone)]
pub(crate) struct Contact {
    row: contact::Contact,
    /// The details that the caller wrote in this mutation; none if the mutation did not change the contact.
    written: Option<Vec<Detail>>,
}

/// A person the account knows. Apart from the id, their fields need the scope `READ`; an API key without it that
/// changes a contact sees what it wrote, `portalStatus`, `revokedAt`, `createdAt` and `updatedAt`.
#[Object]
impl Contact {
    /// The id: `contact_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The address; unique in the account, whatever its letter case.
    async fn email(&self, ctx: &Context<'_>) -> Option<GraphqlResult<EmailAddress>> {
        let email = self.row.email.clone().map(EmailAddress);
        field(self.readable_details(ctx, &[Detail::Email], email))
    }

    /// The phone number in E.164.
    async fn phone(&self, ctx: &Context<'_>) -> Option<GraphqlResult<PhoneNumber>> {
        let phone = self.row.phone.clone().map(PhoneNumber);
        field(self.readable_details(ctx, &[Detail::Phone], phone))
    }

    /// The first name.
    async fn first_name(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        field(self.readable_details(ctx, &[Detail::FirstName], self.row.first_name.as_deref()))
    }

    /// The last name.
    async fn last_name(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        field(self.readable_details(ctx, &[Detail::LastName], self.row.last_name.as_deref()))
    }

    /// First and last name, as far as they are known.
    async fn name(&self, ctx: &Context<'_>) -> Option<GraphqlResult<String>> {
        field(self.readable_details(ctx, &[Detail::FirstName, Detail::LastName], self.row.name()))
    }

    /// The contact's tags.
    async fn tags(&self, ctx: &Context<'_>) -> Result<&[String]> {
        self.readable_details(ctx, &[Detail::Tags], &self.row.tags[..])
    }

    /// The IANA time zone, such as `Europe/Berlin`.
    async fn timezone(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        field(self.readable_details(ctx, &[Detail::Timezone], self.row.timezone.as_deref()))
    }

    /// The language tag (BCP 47), such as `de-DE`.
    async fn locale(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        field(self.readable_details(ctx, &[Detail::Locale], self.row.locale.as_deref()))
    }

    /// The contact's status in the portal.
    async fn portal_status(&self, ctx: &Context<'_>) -> Result<PortalStatus> {
        self.readable_status(ctx, self.row.status())
    }

    /// When the contact was invited; null if they never were, or if the invitation was cancelled.
    async fn invited_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        field(ctx.readable(self.row.invited_at.map(DateTime)))
    }

    /// When the contact first signed in to the portal.
    async fn joined_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        field(ctx.readable(self.row.joined_at.map(DateTime)))
    }

    /// When the contact was last in the portal; updated at most once a day (UTC).
    async fn last_seen_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        field(ctx.readable(self.row.last_seen_at.map(DateTime)))
    }

    /// When their access to the portal was revoked; null if it was not, or was restored.
    async fn revoked_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        field(self.readable_status(ctx, self.row.revoked_at.map(DateTime)))
    }

    /// When the contact was added.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        self.readable_status(ctx, DateTime(self.row.created_at))
    }

    /// When the contact's details, address, tags or status last changed, to the microsecond. A visit doesn't change it.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        self.readable_status(ctx, DateTime(self.row.updated_at))
    }

    /// The contact's invitation, open or not.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Invitation>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Invitation::of_contact(ctx, self.row.id).await
        })
        .await
    }

    /// The contact's magic links, newest first, without their URLs. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn magic_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this status now.")] status: Option<MagicLinkStatus>,
    ) -> Result<Connection<MagicLink>> {
        MagicLink::list(
            ctx,
            PageArgs::new(first, after, last, before),
            Some(self.row.id),
            status,
        )
        .await
    }

    /// The messages to the contact, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those with this status.")] status: Option<MessageStatus>,
    ) -> Result<Connection<Message>> {
        let of = MessageFilter {
            contact: Some(self.row.id),
            conditions: MessageConditions {
                statuses: status.map(|status| vec![status]),
                ..MessageConditions::default()
            },
            with_invitation: false,
        };
        Message::list(ctx, PageArgs::new(first, after, last, before), of).await
    }

    /// The contact's ways through workflows, newest first. Needs the scope `ADMIN`.
    async fn workflow_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<WorkflowRun>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(WorkflowRun::of_contact(
            ctx,
            args,
            self.row.account_id,
            self.row.id,
        ))
        .await
    }

    /// The newest message to the contact, with its delivery state. Needs the scope `READ`.
    async fn last_message(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Message>> {
        nullable(Message::newest(ctx, self.row.id, false)).await
    }

    /// Why no email is sent to the contact's address; null if email is sent. Needs the scope `READ`.
    async fn suppression(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Suppression>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Suppression::of_contact(ctx, self.row.id).await
        })
        .await
    }

    /// Since when the contact gets no marketing emails; null if they get them. Needs the scope `READ`.
    async fn unsubscribed_at(&self, ctx: &Context<'_>) -> Option<GraphqlResult<DateTime>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            let found = ctx.loaders().opt_outs.get(self.row.id).await?;
            Ok(found.map(|found| DateTime(found.created_at))) as Result<_>
        })
        .await
    }

    /// Why no text message is sent to the contact's phone number; null if text messages are sent. Needs the scope `READ`.
    async fn sms_suppression(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Suppression>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Suppression::of_phone(ctx, self.row.id).await
        })
        .await
    }

    /// The contact's active sessions, newest first. Needs the scope `READ`.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<Session>> {
        let staff = ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        Session::list(ctx, args, staff.account, Holder::Contact(self.row.id)).await
    }

    /// What happened to the contact and their messages, newest first: invited, emailed, bounced, links created, used and
    /// refused, signed in, revoked. Needs the scope `READ`.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Connection<ContactEvent>> {
        ContactEvent::list(ctx, PageArgs::new(first, after, last, before), self.row.id).await
    }

    /// Why the contact gets in or doesn't: each step that lets them in or stops them. Needs the scope `READ`.
    async fn access_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A course or community that the report is about too.")] item_id: Option<ID>,
    ) -> Option<GraphqlResult<AccessReport>> {
        nullable(AccessReport::load(ctx, self.row.id, item_id)).await
    }

    /// The courses that the contact may open now or later. Needs the scope `READ`.
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<ContactCourseConnection> {
        ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        ContactCourseConnection::load(ctx, args, self.row.id, false).await
    }

    /// One course that the contact may open now or later, and their progress in it; null if they may not. Needs the scope `READ`.
    async fn course(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The course.")] id: ID,
    ) -> Option<GraphqlResult<ContactCourseEdge>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            ContactCourseEdge::find(ctx, self.row.id, &id).await
        })
        .await
    }

    /// The communities that the contact may open now or later. Needs the scope `READ`.
    async fn communities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<ContactCommunityConnection> {
        ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        ContactCommunityConnection::load(ctx, args, self.row.id, false).await
    }

    /// The contact as an affiliate; null if they are none. Needs the scope `READ`.
    async fn affiliate(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Affiliate>> {
        nullable(async {
            ctx.staff(Scope::Read)?;
            Affiliate::of_contact(ctx, self.row.id).await
        })
        .await
    }

    /// What the contact was granted, and by what, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Also those that were revoked.")] include_revoked: Option<bool>,
    ) -> Result<Connection<AccessGrant>> {
        let args = PageArgs::new(first, after, last, before);
        AccessGrant::of_contact(ctx, args, self.row.id, include_revoked == Some(true)).await
    }

    /// The offers that the contact has, now or later. Needs the scope `READ`.
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<ContactOfferConnection> {
        ctx.staff(Scope::Read)?;
        let args = PageArgs::new(first, after, last, before);
        ContactOfferConnection::load(ctx, args, self.row.id, false).await
    }
}
