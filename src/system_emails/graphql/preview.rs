//! How a system email looks. Nothing is sent or minted.

use async_graphql::{Context, InputObject};
use message_templates::Severity;

use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::locale::Language;
use crate::messages::model::Channel;
use crate::system_emails::emails::OwnEmail;
use crate::system_emails::emails::example::Examples;
use crate::system_emails::fields::check;
use crate::system_emails::model::SystemEmailKind;
use crate::templates::content::parse;
use crate::templates::graphql::preview::{TemplatePreview, unrendered};
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model::version::TemplateFormat;

/// The text to show, saved or not.
#[derive(InputObject)]
pub(crate) struct PreviewSystemEmailInput {
    /// Which email.
    kind: SystemEmailKind,
    /// The language of what is built in.
    locale: Language,
    /// The subject: one line of at most 500 characters.
    subject: String,
    /// The text before the button or code, in Markdown.
    body: String,
}

pub(super) async fn preview(ctx: &Context<'_>, input: PreviewSystemEmailInput) -> Result<TemplatePreview> {
    let staff = ctx.staff(Scope::Admin)?;
    let parts = (Some(&input.subject[..]), &input.body[..], None);
    let content = parse(Channel::Email, TemplateFormat::Markdown, parts)?;
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = Account::find(&mut conn, staff.account).await?;
    drop(conn);
    let examples = Examples {
        account: &account,
        addresses: &services.settings.addresses,
        moment: &services.clock.moment(),
    };
    let mut problems = check(input.kind, &content).await?.problems;
    let email = examples.email(input.kind);
    let frame = examples.frame(input.kind, input.locale);
    let own = OwnEmail::new(content.with_own_names(), examples.values(input.kind));
    let (mut preview, failed) = match own.render(&*email, &frame).await {
        Ok(rendered) => {
            let preview = TemplatePreview {
                subject: Some(rendered.subject),
                html: Some(rendered.html),
                text: Some(rendered.text),
                ..TemplatePreview::default()
            };
            (preview, None)
        }
        Err(error) => (TemplatePreview::default(), Some(error)),
    };
    if problems
        .iter()
        .all(|found| found.problem.severity == Severity::Warning)
    {
        problems.extend(failed.as_ref().map(unrendered));
    }
    preview.problems = TemplateProblem::list(problems);
    Ok(preview)
}
