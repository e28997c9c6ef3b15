//! Writing own texts, and going back to the built-in ones.

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use serde_json::{Value, json};

use super::SystemEmail;
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::input::ExpectedUpdatedAt;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTimeText;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::error::Result;
use crate::base::locale::Language;
use crate::messages::model::Channel;
use crate::system_emails::fields::check;
use crate::system_emails::model::{OwnText, SystemEmailKind, TextOf};
use crate::templates::content::parse;
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model::version::TemplateFormat;

/// The account's own text of a system email. HighLevel's names of merge fields are replaced by those of `mergeFields`.
#[derive(InputObject)]
pub(crate) struct SetSystemEmailInput {
    /// Which email.
    kind: SystemEmailKind,
    /// The language of the recipients who get it.
    locale: Language,
    /// The subject: one line of at most 500 characters. It can't hold a link.
    subject: String,
    /// The text before the button or code, in Markdown: at most 100,000 bytes.
    body: String,
    /// The `updatedAt` that was read: `CONFLICT` if the text has changed since.
    expected_updated_at: Option<DateTimeText>,
}

/// The saved text.
#[derive(SimpleObject)]
pub(crate) struct SetSystemEmailPayload {
    /// The email as it is now.
    system_email: SystemEmail,
    /// What its author should know although it was saved.
    problems: Vec<TemplateProblem>,
}

/// The email that gets its built-in text back.
#[derive(InputObject)]
pub(crate) struct ResetSystemEmailInput {
    /// Which email.
    kind: SystemEmailKind,
    /// The language.
    locale: Language,
}

/// The email with its built-in text.
#[derive(SimpleObject)]
pub(crate) struct ResetSystemEmailPayload {
    /// The email as it is now.
    system_email: SystemEmail,
}

#[derive(Default)]
pub(crate) struct SystemEmailMutations;

#[Object]
impl SystemEmailMutations {
    /// Writes the account's own text of a system email. A text with an error is refused; the error names the line and the column. Needs
    /// the scope `ADMIN`.
    async fn set_system_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text.")] input: SetSystemEmailInput,
    ) -> Option<GraphqlResult<SetSystemEmailPayload>> {
        mutate(set(ctx, input)).await
    }

    /// Gives a system email its built-in text back. Needs the scope `ADMIN`.
    async fn reset_system_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which email.")] input: ResetSystemEmailInput,
    ) -> Option<GraphqlResult<ResetSystemEmailPayload>> {
        mutate(reset(ctx, input)).await
    }
}

/// What the audit log says about a text.
fn details(of: TextOf) -> Value {
    json!({"kind": of.kind.as_str(), "language": of.language.code()})
}

async fn set(ctx: &Context<'_>, input: SetSystemEmailInput) -> Result<SetSystemEmailPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let of = TextOf {
        account: staff.account,
        kind: input.kind,
        language: input.locale,
    };
    let parts = (Some(&input.subject[..]), &input.body[..], None);
    let content = parse(Channel::Email, TemplateFormat::Markdown, parts)?;
    let expected = ExpectedUpdatedAt::parse(input.expected_updated_at)?;
    let checked = check(of.kind, &content).await?.refuse_errors()?;
    let content = content.with_own_names();
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let saved = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            Account::lock(conn, of.account).await?;
            let before = OwnText::find(conn, of).await?;
            // A built-in text has no time, so each one that is expected is outdated.
            let updated_at = before.as_ref().map(|text| text.updated_at);
            expected.check("system email", updated_at.unwrap_or(DateTime::<Utc>::MIN_UTC))?;
            if let Some(before) = before.filter(|before| before.content() == content) {
                return Ok(before);
            }
            let parts = (content.subject.as_deref().unwrap_or_default(), &content.body[..]);
            let saved = OwnText::set(conn, of, parts, (staff.actor, moment.now)).await?;
            let event = NewEvent::new(EventKind::SystemEmailChanged).with(details(of));
            record(conn, of.account, &requester, &[event], &moment).await?;
            Ok(saved)
        })
        .await?;
    Ok(SetSystemEmailPayload {
        system_email: SystemEmail::new(of, Some(saved)),
        problems: TemplateProblem::list(checked.problems),
    })
}

async fn reset(ctx: &Context<'_>, input: ResetSystemEmailInput) -> Result<ResetSystemEmailPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    let of = TextOf {
        account: staff.account,
        kind: input.kind,
        language: input.locale,
    };
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        if OwnText::reset(conn, of).await? {
            let event = NewEvent::new(EventKind::SystemEmailReset).with(details(of));
            record(conn, of.account, &requester, &[event], &moment).await?;
        }
        Ok(())
    })
    .await?;
    Ok(ResetSystemEmailPayload {
        system_email: SystemEmail::new(of, None),
    })
}
