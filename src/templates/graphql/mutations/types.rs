//! Inputs and payloads.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};

use crate::messages::model::Channel;
use crate::templates::graphql::Template;
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model::version::TemplateFormat;
use crate::workflows::graphql::Workflow;

/// A new template. HighLevel's names of merge fields are replaced by those of `mergeFields`.
#[derive(InputObject)]
pub(crate) struct CreateTemplateInput {
    /// The name: one line of 1 to 200 characters, which no other active template has.
    pub(super) name: String,
    /// How messages of it are delivered. It can't be changed.
    pub(super) channel: Channel,
    /// How it is written: `HTML` or `MARKDOWN` for an email, `TEXT` for a text message.
    pub(super) format: TemplateFormat,
    /// The subject of an email: one line of at most 500 characters.
    pub(super) subject: Option<String>,
    /// The body: at most 100,000 bytes.
    pub(super) body: String,
    /// An email's own text part, at most 100,000 bytes; without one, it is made from the body.
    pub(super) text: Option<String>,
}

/// The created template.
#[derive(SimpleObject)]
pub(crate) struct CreateTemplatePayload {
    /// The template.
    pub(super) template: Template,
    /// What its author should know although it was saved.
    pub(super) problems: Vec<TemplateProblem>,
}

/// The changes. An omitted field stays as it is. HighLevel's names of merge fields are replaced by those of `mergeFields`.
#[derive(InputObject)]
pub(crate) struct UpdateTemplateInput {
    /// The template.
    pub(super) template_id: ID,
    /// The version that was changed: `CONFLICT` if there is a newer one.
    pub(super) expected_version: i32,
    /// The name: one line of 1 to 200 characters, which no other active template has.
    pub(super) name: Option<String>,
    /// How it is written: `HTML` or `MARKDOWN` for an email.
    pub(super) format: Option<TemplateFormat>,
    /// The subject of an email: one line of at most 500 characters.
    pub(super) subject: Option<String>,
    /// The body: at most 100,000 bytes.
    pub(super) body: Option<String>,
    /// An email's own text part, at most 100,000 bytes; `null`: it is made from the body.
    pub(super) text: MaybeUndefined<String>,
}

/// The changed template.
#[derive(SimpleObject)]
pub(crate) struct UpdateTemplatePayload {
    /// The template as it is now.
    pub(super) template: Template,
    /// What its author should know although it was saved.
    pub(super) problems: Vec<TemplateProblem>,
}

/// The template to put away, or to take out of the archive.
#[derive(InputObject)]
pub(crate) struct ArchiveTemplateInput {
    /// The template.
    pub(super) template_id: ID,
    /// False takes it out of the archive: `CONFLICT` if another active template has its name.
    #[graphql(default = true)]
    pub(super) archived: bool,
}

/// The archived template.
#[derive(SimpleObject)]
pub(crate) struct ArchiveTemplatePayload {
    /// The template as it is now.
    pub(super) template: Template,
    /// The published and paused workflows whose last version sends it. They go on sending what it said when they were published; with
    /// the template archived, changes of them can't be published.
    pub(super) workflows: Vec<Workflow>,
}

/// The version to go back to.
#[derive(InputObject)]
pub(crate) struct RestoreTemplateVersionInput {
    /// The template.
    pub(super) template_id: ID,
    /// The number of the version.
    pub(super) version: i32,
}

/// The template that says what it said before.
#[derive(SimpleObject)]
pub(crate) struct RestoreTemplateVersionPayload {
    /// The template as it is now, with a new version.
    pub(super) template: Template,
    /// What its author should know although it was saved.
    pub(super) problems: Vec<TemplateProblem>,
}
