//! What happened to one contact, from the rows of the audit log.

use async_graphql::{Context, ID, Object};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::loaders::{BatchLoad, Lookup};
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::audit::{AuditEvent, EventKind, Timeline};
use crate::base::device;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactEventId, ContactId};
use crate::base::locale::Locale;
use crate::base::page::{PageArgs, PageRequest};
use crate::communities::graphql::Community;
use crate::courses::graphql::Course;
use crate::courses::graphql::outline::Lesson;
use crate::invitations::graphql::Invitation;
use crate::magic_links::graphql::MagicLink;
use crate::messages::graphql::Message;
use crate::offers::graphql::Offer;

#[derive(Clone)]
pub(crate) struct ContactEvent(AuditEvent);

impl From<AuditEvent> for ContactEvent {
    fn from(event: AuditEvent) -> Self {
        Self(event)
    }
}

/// Something that happened to a contact or their messages.
#[Object]
impl ContactEvent {
    /// The id: `contactevent_…`. Opaque; later events have greater ids.
    pub(crate) async fn id(&self) -> ID {
        ID(ContactEventId(self.0.id.0).to_string())
    }

    /// What happened.
    async fn kind(&self) -> EventKind {
        self.0.kind
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// `OK`, or why it was refused, such as `LINK_EXPIRED`.
    async fn outcome(&self) -> &str {
        &self.0.outcome
    }

    /// The sign-in method, such as `PASSWORD`; null if it was not a sign-in.
    async fn method(&self) -> Option<&str> {
        self.0.detail_text("method")
    }

    /// The fields of the contact that a `CONTACT_UPDATED` changed, such as `firstName`; never their values. Empty for other kinds.
    async fn changed_fields(&self) -> Vec<&str> {
        self.0.changed_fields()
    }

    /// Who did it: the id of a team member, API key or contact, or `anonymous` or `system`.
    async fn by(&self) -> &str {
        &self.0.actor
    }

    /// The id of the object concerned, if it is not the contact.
    async fn subject_id(&self) -> Option<ID> {
        self.0.subject.clone().map(ID)
    }

    /// The device that it came from in words, such as `Chrome on Windows`, by its user agent; null if it came from the server itself.
    async fn device(&self) -> Option<String> {
        let agent = self.0.user_agent.as_deref();
        agent.map(|agent| device::describe(Some(agent), Locale::DEFAULT))
    }

    /// The network that it came from, without its last part: `203.0.113.x`, `2001:db8:1::/48`. Null if unknown.
    async fn network(&self) -> Option<String> {
        self.0.ip.as_deref().and_then(device::network_of)
    }

    /// The course that it was about; null if it no longer exists.
    async fn course(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Course>> {
        nullable(self.load_about(&ctx.loaders().courses)).await
    }

    /// The lesson that it was about; null if it no longer exists.
    async fn lesson(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Lesson>> {
        nullable(self.load_about(&ctx.loaders().lessons)).await
    }

    /// The community that it was about; null if it no longer exists.
    async fn community(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Community>> {
        nullable(self.load_about(&ctx.loaders().communities)).await
    }

    /// The offer that it was about; null if it no longer exists.
    async fn offer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Offer>> {
        nullable(self.load_about(&ctx.loaders().offers)).await
    }

    /// The magic link that it was about.
    async fn magic_link(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<MagicLink>> {
        nullable(MagicLink::load(ctx, self.about())).await
    }

    /// The invitation that it was about.
    async fn invitation(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Invitation>> {
        nullable(Invitation::load(ctx, self.about())).await
    }

    /// The message that it was about.
    async fn message(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Message>> {
        nullable(Message::load(ctx, self.about())).await
    }
}

impl ContactEvent {
    /// What it was done to, if that is of this kind.
    fn about<T: std::str::FromStr>(&self) -> Option<T> {
        self.0.subject.as_deref()?.parse().ok()
    }

    async fn load_about<L: BatchLoad, T: From<L::Value>>(&self, loader: &Lookup<L>) -> Result<Option<T>>
    where
        L::Key: std::str::FromStr,
    {
        match self.about() {
            Some(id) => Ok(loader.get(id).await?.map(T::from)),
            None => Ok(None),
        }
    }

    pub(crate) async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        contact: ContactId,
    ) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = format!("timeline/{contact}");
        let page = PageRequest::parse(&list, &args)?;
        let of = Timeline(contact);
        let rows = ctx.loaders().lists().timelines.page(&of, &page).await?;
        Ok(Connection::new(
            &list,
            rows,
            |row| by_id(row.id.0),
            staff.account,
            of,
        ))
    }
}

impl Listed for ContactEvent {
    type Of = Timeline;
}

impl Counted for Timeline {
    async fn count(&self, ctx: &Context<'_>, _: AccountId) -> Result<i64> {
        ctx.loaders().lists().timelines.count(self).await
    }
}
