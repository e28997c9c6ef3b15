//! System emails as staff see them.

pub(crate) mod mutations;
mod preview;

use async_graphql::{Context, Object, Result as GraphqlResult};

use self::preview::{PreviewSystemEmailInput, preview};
use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::locale::Language;
use crate::system_emails::emails::built_in::built_in;
use crate::system_emails::fields::check;
use crate::system_emails::model::{OwnText, SystemEmailKind, TextOf};
use crate::templates::graphql::preview::TemplatePreview;
use crate::templates::graphql::problem::TemplateProblem;
use crate::templates::model::version::TemplateContent;

pub(crate) struct SystemEmail {
    kind: SystemEmailKind,
    language: Language,
    content: TemplateContent,
    own: Option<OwnText>,
}

impl SystemEmail {
    fn new(of: TextOf, own: Option<OwnText>) -> Self {
        let TextOf { kind, language, .. } = of;
        let content = own.as_ref().map(OwnText::content);
        Self {
            kind,
            language,
            content: content.unwrap_or_else(|| built_in(kind, language)),
            own,
        }
    }
}

/// What an email of the system says before its button or code. What follows is built in and can't be changed: the button with its
/// link, or the code; how long it works; "This wasn't me"; a note that staff wrote; and who to ask.
#[Object]
impl SystemEmail {
    /// Which email it is.
    async fn kind(&self) -> SystemEmailKind {
        self.kind
    }

    /// The language of the recipients who get it.
    async fn language(&self) -> Language {
        self.language
    }

    /// The subject, with merge fields.
    async fn subject(&self) -> &str {
        self.content.subject.as_deref().unwrap_or_default()
    }

    /// The text before the button or code, in Markdown with merge fields.
    async fn body(&self) -> &str {
        &self.content.body
    }

    /// Whether the account wrote it; else it is the built-in text.
    async fn custom(&self) -> bool {
        self.own.is_some()
    }

    /// What its author should know. An error arises only when merge fields change after it was saved: if it then can't be rendered, the
    /// built-in text is sent.
    async fn problems(&self) -> Result<Vec<TemplateProblem>> {
        if self.own.is_none() {
            return Ok(Vec::new());
        }
        let checked = check(self.kind, &self.content).await?;
        Ok(TemplateProblem::list(checked.problems))
    }

    /// When the account last wrote it; null for the built-in text.
    async fn updated_at(&self) -> Option<DateTime> {
        self.own.as_ref().map(|own| DateTime(own.updated_at))
    }

    /// Who wrote it: the id of a team member or API key; null for the built-in text. For staff with the scope `READ`.
    async fn updated_by(&self, ctx: &Context<'_>) -> Option<GraphqlResult<&str>> {
        let own = self.own.as_ref()?;
        Some(ctx.readable(&own.updated_by[..]).map_err(Into::into))
    }
}

#[derive(Default)]
pub(crate) struct SystemEmailQueries;

#[Object]
impl SystemEmailQueries {
    /// The emails of the system, each in every language. Needs the scope `ADMIN`.
    async fn system_emails(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Vec<SystemEmail>>> {
        nullable(async {
            let account = ctx.staff(Scope::Admin)?.account;
            let mut conn = ctx.services().db.conn().await?;
            let mut own = OwnText::all(&mut conn, account).await?;
            let emails = all(account).map(|of| {
                let found = own.iter().position(|text| text.of() == of);
                SystemEmail::new(of, found.map(|position| own.swap_remove(position)))
            });
            Ok(Some(emails.collect()))
        })
        .await
    }

    /// What an email of the system says in one language. Needs the scope `ADMIN`.
    async fn system_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which email.")] kind: SystemEmailKind,
        #[graphql(desc = "The language.")] language: Language,
    ) -> Option<GraphqlResult<SystemEmail>> {
        nullable(async {
            let account = ctx.staff(Scope::Admin)?.account;
            let of = TextOf {
                account,
                kind,
                language,
            };
            let mut conn = ctx.services().db.conn().await?;
            let own = OwnText::find(&mut conn, of).await?;
            Ok(Some(SystemEmail::new(of, own)))
        })
        .await
    }

    /// How a system email looks with this text, with example values. It mints no link and no code: examples stand for them. Problems of the
    /// text don't fail it. Needs the scope `ADMIN`.
    async fn preview_system_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to show.")] input: PreviewSystemEmailInput,
    ) -> Result<TemplatePreview> {
        preview(ctx, input).await
    }
}

fn all(account: AccountId) -> impl Iterator<Item = TextOf> {
    SystemEmailKind::ALL.iter().flat_map(move |kind| {
        Language::ALL.iter().map(move |language| TextOf {
            account,
            kind: *kind,
            language: *language,
        })
    })
}
