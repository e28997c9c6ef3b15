//! Templates as staff see them.

mod fields;
pub(crate) mod mutations;
pub(crate) mod preview;
pub(crate) mod problem;
pub(crate) mod test_message;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};

use crate::api::connection::{Connection, Counted, Listed, by_id, nullable};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::{Scope, Staff};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MailingId, TemplateId};
use crate::base::page::{PageArgs, PageRequest};
use crate::base::plain_text;
use crate::messages::model::Channel;
use crate::sign_in::auth_context::Viewer;
use crate::templates::fields::Usage;
use crate::templates::model as template;
use crate::templates::model::version::{self, TemplateFormat, VersionsOf};
use crate::templates::model::{TemplateFilter, TemplateStatus};

pub(crate) use self::fields::MergeFieldQueries;
pub(crate) use self::preview::PreviewQueries;
use self::problem::TemplateProblem;

/// The most characters of a search.
const MAX_SEARCH_CHARS: usize = 200;

/// Whoever may send messages chooses templates; whoever may write them reads them.
fn reader(viewer: &Viewer) -> Result<Staff> {
    viewer
        .staff(Scope::Invite)
        .or_else(|_| viewer.staff(Scope::Admin))
}

#[derive(Clone)]
pub(crate) struct Template(template::Template);

impl Template {
    pub(crate) async fn of_mailing(ctx: &Context<'_>, mailing: Option<MailingId>) -> Result<Option<Self>> {
        reader(&ctx.auth().viewer)?;
        let Some(mailing) = mailing else { return Ok(None) };
        Ok(ctx.loaders().templates_of_mailings.get(mailing).await?.map(Self))
    }
}

impl From<template::Template> for Template {
    fn from(template: template::Template) -> Self {
        Self(template)
    }
}

/// An email or a text message that staff wrote, with merge fields. Every change of what it says is kept as a version.
#[Object]
impl Template {
    /// The id: `template_…`. Opaque.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The name, which no other active template has.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// How messages of it are delivered.
    async fn channel(&self) -> Channel {
        self.0.row.channel
    }

    /// Whether it can be chosen.
    async fn status(&self) -> TemplateStatus {
        self.0.row.status
    }

    /// The number of the newest version, which is what the template says.
    async fn version(&self) -> i32 {
        self.0.row.version
    }

    /// How it is written.
    async fn format(&self) -> TemplateFormat {
        self.0.content.format
    }

    /// The subject of an email; null for a text message.
    async fn subject(&self) -> Option<&str> {
        self.0.content.subject.as_deref()
    }

    /// The body, as it was written.
    async fn body(&self) -> &str {
        &self.0.content.body
    }

    /// An email's own text part; null if it is made from the body.
    async fn text(&self) -> Option<&str> {
        self.0.content.text_part.as_deref()
    }

    /// What its author should know. An error arises only when merge fields change after it was saved.
    async fn problems(&self) -> Result<Vec<TemplateProblem>> {
        let usage = Usage {
            channel: self.0.row.channel,
            triggers: &[],
            marketing: true,
        };
        let checked = self.0.content.check(usage).await?.of_template();
        Ok(TemplateProblem::list(checked.problems))
    }

    /// What it said from one change to the next, newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Option<GraphqlResult<Connection<TemplateVersion>>> {
        let args = PageArgs::new(first, after, last, before);
        nullable(TemplateVersion::list(ctx, args, &self.0)).await
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.row.updated_at)
    }
}

impl Template {
    /// Whether the viewer may read templates.
    pub(crate) fn is_visible_to(viewer: &Viewer) -> bool {
        reader(viewer).is_ok()
    }
}

pub(crate) struct TemplateVersion(version::TemplateVersion);

impl From<version::TemplateVersion> for TemplateVersion {
    fn from(version: version::TemplateVersion) -> Self {
        Self(version)
    }
}

/// What a template said from one change to the next.
#[Object]
impl TemplateVersion {
    /// Its number, from 1 on.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// How it was written.
    async fn format(&self) -> TemplateFormat {
        self.0.content.format
    }

    /// The subject of an email; null for a text message.
    async fn subject(&self) -> Option<&str> {
        self.0.content.subject.as_deref()
    }

    /// The body, as it was written.
    async fn body(&self) -> &str {
        &self.0.content.body
    }

    /// An email's own text part; null if it was made from the body.
    async fn text(&self) -> Option<&str> {
        self.0.content.text_part.as_deref()
    }

    /// When it was saved.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Who wrote it: the id of a team member or API key. For staff with the scope `READ`.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        Some(ctx.readable(&self.0.created_by[..]).map_err(Into::into))
    }
}

impl TemplateVersion {
    async fn list(
        ctx: &Context<'_>,
        args: PageArgs,
        of: &template::Template,
    ) -> Result<Option<Connection<Self>>> {
        let list = "templateVersions";
        let page = PageRequest::parse(list, &args)?;
        let versions = VersionsOf(of.row.id);
        let rows = ctx
            .loaders()
            .lists()
            .template_versions
            .page(&versions, &page)
            .await?;
        let position = |row: &version::TemplateVersion| by_id(version::position_of(row.version));
        Ok(Some(Connection::new(
            list,
            rows,
            position,
            of.row.account_id,
            versions,
        )))
    }
}

impl Listed for TemplateVersion {
    type Of = VersionsOf;
}

impl Counted for VersionsOf {
    async fn count(&self, ctx: &Context<'_>, _account: AccountId) -> Result<i64> {
        ctx.loaders().lists().template_versions.count(self).await
    }
}

impl Listed for Template {
    type Of = TemplateFilter;
}

impl Counted for TemplateFilter {
    async fn count(&self, ctx: &Context<'_>, account: AccountId) -> Result<i64> {
        let mut conn = ctx.services().db.conn().await?;
        self.count(&mut conn, account).await
    }
}

#[derive(Default)]
pub(crate) struct TemplateQueries;

#[Object]
impl TemplateQueries {
    /// The template with this id; null if there is none. Needs the scope `INVITE` or `ADMIN`.
    async fn template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Option<GraphqlResult<Template>> {
        nullable(async {
            let staff = reader(&ctx.auth().viewer)?;
            let Ok(id) = id.parse::<TemplateId>() else {
                return Ok(None);
            };
            let mut conn = ctx.services().db.conn().await?;
            let found = template::Template::find_many(&mut conn, staff.account, &[id]).await?;
            Ok(found.into_iter().next().map(Template)) as Result<_>
        })
        .await
    }

    /// The account's templates, newest first. Needs the scope `INVITE` or `ADMIN`.
    #[expect(clippy::too_many_arguments, reason = "the API's arguments")]
    async fn templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start: 0 to 100; default 20.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 0 to 100, instead of `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those of this channel.")] channel: Option<Channel>,
        #[graphql(desc = "Only those with one of these statuses; active ones by default.")] statuses: Option<
            Vec<TemplateStatus>,
        >,
        #[graphql(desc = "Only those whose name contains this, whatever its case.")] search: Option<String>,
    ) -> Result<Connection<Template>> {
        let staff = reader(&ctx.auth().viewer)?;
        let args = PageArgs::new(first, after, last, before);
        let page = PageRequest::parse("templates", &args)?;
        let search = search.map_or(Ok(None), |text| {
            plain_text::line("search", &text, MAX_SEARCH_CHARS)
        })?;
        let filter = TemplateFilter {
            channel,
            statuses: statuses.unwrap_or_else(|| vec![TemplateStatus::Active]),
            search,
        };
        let mut conn = ctx.services().db.conn().await?;
        let rows = template::Template::list(&mut conn, staff.account, &filter, &page).await?;
        let position = |found: &template::Template| by_id(found.row.id.0);
        Ok(Connection::new(
            "templates",
            rows,
            position,
            staff.account,
            filter,
        ))
    }
}
