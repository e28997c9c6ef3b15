//! Creating, changing and archiving templates.

mod types;

use async_graphql::{Context, ID, Object, Result as GraphqlResult};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::title;
use crate::api::mutation::mutate;
use crate::base::actor::{Scope, Staff};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::TemplateId;
use crate::messages::model::Channel;
use crate::templates::content::{CheckedContent, parse};
use crate::templates::fields::Usage;
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model as template;
use crate::templates::model::TemplateStatus;
use crate::templates::model::version::{TemplateContent, TemplateVersion};
use crate::workflows::model::Workflow;
use types::{
    ArchiveTemplateInput, ArchiveTemplatePayload, CreateTemplateInput, CreateTemplatePayload,
    RestoreTemplateVersionInput, RestoreTemplateVersionPayload, UpdateTemplateInput, UpdateTemplatePayload,
};

#[derive(Default)]
pub(crate) struct TemplateMutations;

#[Object]
impl TemplateMutations {
    /// Saves a new template. A template with an error is refused; the error names the line and the column. Needs the scope `ADMIN`.
    async fn create_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] input: CreateTemplateInput,
    ) -> Option<GraphqlResult<CreateTemplatePayload>> {
        mutate(create(ctx, input)).await
    }

    /// Changes a template. If what it says changes, that becomes the next version. Needs the scope `ADMIN`.
    async fn update_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateTemplateInput,
    ) -> Option<GraphqlResult<UpdateTemplatePayload>> {
        mutate(update(ctx, input)).await
    }

    /// Puts a template away, or takes it out of the archive. Workflows that send it go on. Needs the scope `ADMIN`.
    async fn archive_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template.")] input: ArchiveTemplateInput,
    ) -> Option<GraphqlResult<ArchiveTemplatePayload>> {
        mutate(archive(ctx, input)).await
    }

    /// Makes a template say what it said before: a copy of that version becomes the next one. Needs the scope `ADMIN`.
    async fn restore_template_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: RestoreTemplateVersionInput,
    ) -> Option<GraphqlResult<RestoreTemplateVersionPayload>> {
        mutate(restore(ctx, input)).await
    }
}

/// The content as it is saved, and what its author should know. Problems lie where the author wrote them.
async fn saved_form(
    channel: Channel,
    content: &TemplateContent,
) -> Result<(TemplateContent, CheckedContent)> {
    let usage = Usage {
        channel,
        triggers: &[],
        marketing: true,
    };
    let checked = content.check(usage).await?.of_template().refuse_errors()?;
    Ok((content.with_own_names(), checked))
}

async fn create(ctx: &Context<'_>, input: CreateTemplateInput) -> Result<CreateTemplatePayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let name = title("input.name", &input.name)?;
    let parts = (input.subject.as_deref(), &input.body[..], input.text.as_deref());
    let content = parse(input.channel, input.format, parts)?;
    let (content, checked) = saved_form(input.channel, &content).await?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let template = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, staff.account).await?;
            let named = (&name[..], input.channel);
            let by = (staff.actor, &moment);
            let created = template::Template::create(conn, staff.account, named, &content, by).await?;
            let event = NewEvent::new(EventKind::TemplateCreated).on(created.row.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok(created)
        })
        .await?;
    Ok(CreateTemplatePayload {
        template: template.into(),
        problems: TemplateProblem::list(checked.problems),
    })
}

/// Locks the template that `input.templateId` names.
async fn lock(conn: &mut Conn, staff: &Staff, id: &ID) -> Result<template::Template> {
    let missing = || Error::not_found("input.templateId", "template");
    let id: TemplateId = id.parse().map_err(|_| missing())?;
    let found = template::Template::lock(conn, staff.account, id).await?;
    found.ok_or_else(missing)
}

/// The content with the changes of the input.
fn changed(template: &template::Template, input: &UpdateTemplateInput) -> Result<TemplateContent> {
    if input.expected_version != template.row.version {
        let message = format!(
            "There is a newer version, {}: read the template again.",
            template.row.version
        );
        return Err(Error::new(Code::Conflict, message).at("input.expectedVersion"));
    }
    let before = &template.content;
    let text = match &input.text {
        async_graphql::MaybeUndefined::Undefined => before.text_part.as_deref(),
        async_graphql::MaybeUndefined::Null => None,
        async_graphql::MaybeUndefined::Value(text) => Some(&text[..]),
    };
    let subject = input.subject.as_deref().or(before.subject.as_deref());
    let body = input.body.as_deref().unwrap_or(&before.body);
    parse(
        template.row.channel,
        input.format.unwrap_or(before.format),
        (subject, body, text),
    )
}

async fn update(ctx: &Context<'_>, input: UpdateTemplateInput) -> Result<UpdateTemplatePayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let name = input
        .name
        .as_deref()
        .map(|name| title("input.name", name))
        .transpose()?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (template, checked) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let template = lock(conn, &staff, &input.template_id).await?;
            let content = changed(&template, &input)?;
            let (content, checked) = saved_form(template.row.channel, &content).await?;
            let name = name.unwrap_or_else(|| template.row.name.clone());
            if content == template.content && name == template.row.name {
                return Ok((template, checked));
            }
            let saved = template
                .update(conn, &name, &content, (staff.actor, &moment))
                .await?;
            let event = NewEvent::new(EventKind::TemplateUpdated).on(saved.row.id);
            let event = event.with(json!({"version": saved.row.version}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((saved, checked))
        })
        .await?;
    Ok(UpdateTemplatePayload {
        template: template.into(),
        problems: TemplateProblem::list(checked.problems),
    })
}

async fn archive(ctx: &Context<'_>, input: ArchiveTemplateInput) -> Result<ArchiveTemplatePayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let (status, kind) = if input.archived {
        (TemplateStatus::Archived, EventKind::TemplateArchived)
    } else {
        (TemplateStatus::Active, EventKind::TemplateUnarchived)
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (template, workflows) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let template = lock(conn, &staff, &input.template_id).await?;
            let workflows = Workflow::sending(conn, staff.account, template.row.id).await?;
            if template.row.status == status {
                return Ok((template, workflows));
            }
            let saved = template.set_status(conn, status, moment.now).await?;
            let event = NewEvent::new(kind).on(saved.row.id);
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((saved, workflows))
        })
        .await?;
    Ok(ArchiveTemplatePayload {
        template: template.into(),
        workflows: workflows.into_iter().map(Into::into).collect(),
    })
}

async fn restore(
    ctx: &Context<'_>,
    input: RestoreTemplateVersionInput,
) -> Result<RestoreTemplateVersionPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let (template, checked) = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let template = lock(conn, &staff, &input.template_id).await?;
            let (account, id) = (staff.account, template.row.id);
            let found = TemplateVersion::find(conn, account, id, input.version).await?;
            let missing = || Error::not_found("input.version", "version of this template");
            let content = found.ok_or_else(missing)?.content;
            let (content, checked) = saved_form(template.row.channel, &content)
                .await
                .map_err(|error| error.at("input.version"))?;
            if content == template.content {
                return Ok((template, checked));
            }
            let by = (staff.actor, &moment);
            let saved = template.update(conn, &template.row.name, &content, by).await?;
            let event = NewEvent::new(EventKind::TemplateUpdated).on(id);
            let event = event.with(json!({"version": saved.row.version, "restored": input.version}));
            record(conn, staff.account, &requester, &[event], &moment).await?;
            Ok((saved, checked))
        })
        .await?;
    Ok(RestoreTemplateVersionPayload {
        template: template.into(),
        problems: TemplateProblem::list(checked.problems),
    })
}
