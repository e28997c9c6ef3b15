//! A grant in the API.

use async_graphql::{Context, ID, Object, Union};

use crate::access::model::Target;
use crate::access::model::grant::list::GrantFilter;
use crate::access::model::grant::{AccessGrant as Row, GrantOrigin, GrantSource, GrantStatus};
use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::base::page::{PageArgs, PageRequest};
use crate::communities::graphql::Community;
use crate::contacts::graphql::Contact;
use crate::contacts::graphql::input::parse_contact_id;
use crate::courses::graphql::Course;
use crate::offers::graphql::Offer;

/// What a grant gives.
#[derive(Union)]
pub(crate) enum AccessTarget {
    Course(Course),
    Community(Community),
    Offer(Offer),
}

impl AccessTarget {
    pub(crate) async fn load(ctx: &Context<'_>, target: Target) -> Result<Option<Self>> {
        let loaders = ctx.loaders();
        Ok(match target {
            Target::Course(id) => loaders.courses.get(id).await?.map(|row| Self::Course(row.into())),
            Target::Community(id) => {
                let found = loaders.communities.get(id).await?;
                found.map(|row| Self::Community(row.into()))
            }
            Target::Offer(id) => loaders.offers.get(id).await?.map(|row| Self::Offer(row.into())),
        })
    }
}

#[derive(Clone)]
pub(crate) struct AccessGrant(Row);

impl From<Row> for AccessGrant {
    fn from(row: Row) -> Self {
        Self(row)
    }
}

/// Access of one contact to a course, a community or an offer, from one source. Something is open while any grant of it, or of an
/// offer that holds it, is active.
#[Object]
impl AccessGrant {
    /// The id: `grant_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The contact.
    async fn contact(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Contact>> {
        nullable(Contact::load(ctx, Some(self.0.contact_id))).await
    }

    /// What it gives. Needs the scope `READ`.
    async fn target(&self, ctx: &Context<'_>) -> Result<AccessTarget> {
        ctx.staff(Scope::Read)?;
        let missing = || Error::internal("a grant without its target");
        let target = self.0.target().ok_or_else(missing)?;
        AccessTarget::load(ctx, target).await?.ok_or_else(missing)
    }

    /// What granted it.
    async fn source(&self) -> GrantSource {
        self.0.source
    }

    /// The id of the bulk job whose import granted it, or of the workflow; null for another source.
    async fn source_id(&self) -> Option<ID> {
        match self.0.origin() {
            GrantOrigin::Direct => None,
            GrantOrigin::Import(job) => Some(ID(job.to_string())),
            GrantOrigin::Workflow(workflow) => Some(ID(workflow.to_string())),
        }
    }

    /// When it starts. The contents of an offer may open later.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.starts_at)
    }

    /// When it ends; null: never.
    async fn ends_at(&self) -> Option<DateTime> {
        self.0.ends_at.map(DateTime)
    }

    /// When it was revoked; null if it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// Whether it gives access now. A course or community must be published too.
    async fn status(&self, ctx: &Context<'_>) -> Result<GrantStatus> {
        let opens_at = match self.0.target() {
            Some(Target::Offer(id)) => {
                let offer = ctx.loaders().offers.get(id).await?;
                offer.and_then(|offer| offer.details.starts_at)
            }
            _ => None,
        };
        Ok(self.0.status(opens_at, ctx.services().clock.now()))
    }

    /// Who granted it: the id of a team member, API key or workflow, or `system`.
    async fn granted_by(&self) -> &str {
        &self.0.granted_by
    }

    /// When it was granted.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

impl AccessGrant {
    /// A contact's grants, newest first.
    pub(crate) async fn of_contact(
        ctx: &Context<'_>,
        args: PageArgs,
        contact: ContactId,
        revoked_too: bool,
    ) -> Result<Connection<Self>> {
        let statuses = if revoked_too {
            GrantStatus::ALL.to_vec()
        } else {
            GrantStatus::KEPT.to_vec()
        };
        let of = GrantFilter {
            contact: Some(contact),
            target: None,
            statuses,
            now: ctx.services().clock.now(),
        };
        Self::list(ctx, args, of).await
    }

    /// A page of grants, newest first.
    async fn list(ctx: &Context<'_>, args: PageArgs, of: GrantFilter) -> Result<Connection<Self>> {
        let staff = ctx.staff(Scope::Read)?;
        let list = format!("grants/{:?}/{:?}/{:?}", of.contact, of.target, of.statuses);
        let page = PageRequest::parse(&list, &args)?;
        let rows = if of.contact.is_some() {
            ctx.loaders().lists().grants.page(&of, &page).await?
        } else {
            let mut conn = ctx.services().db.conn().await?;
            Row::list(&mut conn, staff.account, &of, &page).await?
        };
        let position = |row: &Row| by_id(row.id.0);
        Ok(Connection::new(&list, rows, position, staff.account, of))
    }
}

impl Listed for AccessGrant {
    type Of = GrantFilter;
}

impl Counted for GrantFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        if self.contact.is_some() {
            return ctx.loaders().lists().grants.count(self).await;
        }
        let mut conn = ctx.services().db.conn().await?;
        Row::count(&mut conn, account, self).await
    }
}

#[derive(Default)]
pub(crate) struct GrantQueries;

#[Object]
impl GrantQueries {
    /// What contacts were granted, and by what, newest first. Needs the scope `READ`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those of this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Only those of this course, community or offer.")] target_id: Option<ID>,
        #[graphql(desc = "Only those with one of these statuses now; all but revoked ones by default.")]
        statuses: Option<Vec<GrantStatus>>,
    ) -> Result<Connection<AccessGrant>> {
        ctx.staff(Scope::Read)?;
        let target = target_id.map(|id| {
            let unknown = |_| {
                Error::bad_input(
                    "targetId",
                    "It is not the id of a course, a community or an offer.",
                )
            };
            id.parse::<Target>().map_err(unknown)
        });
        let of = GrantFilter {
            contact: parse_contact_id("contactId", contact_id)?,
            target: target.transpose()?,
            statuses: statuses.unwrap_or_else(|| GrantStatus::KEPT.to_vec()),
            now: ctx.services().clock.now(),
        };
        AccessGrant::list(ctx, PageArgs::new(first, after, last, before), of).await
    }
}
