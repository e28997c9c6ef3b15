//! Sending a template to oneself.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use super::preview::find_contact;
use super::problem::TemplateProblem;
use super::reader;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Scope;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TeamMemberId, TemplateId};
use crate::live::Topic;
use crate::messages::model::{Channel, Message, MessageKind, NewMessage};
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::sessions::model::Holder;
use crate::team::graphql::rules::take_email_budget;
use crate::team::model::TeamMember;
use crate::templates::content::parse;
use crate::templates::fields::Usage;
use crate::templates::model::Template;
use crate::templates::model::test_message::TestMessage;
use crate::templates::model::version::{TemplateContent, TemplateFormat};

#[derive(Default)]
pub(crate) struct TestMessageMutations;

/// What to send: a template, or a content that may not be saved.
#[derive(InputObject)]
pub(crate) struct SendTestMessageInput {
    /// How it is delivered. Only `EMAIL`: team members have no phone numbers.
    channel: Channel,
    /// The template, as it was saved; without one, `format`, `subject` and `body` are needed.
    template_id: Option<ID>,
    /// How it is written: `HTML` or `MARKDOWN`.
    format: Option<TemplateFormat>,
    /// The subject.
    subject: Option<String>,
    /// The body.
    body: Option<String>,
    /// Its own text part; without one, it is made from the body.
    text: Option<String>,
    /// The contact whose values it shows; examples without one. Needs the scope `READ`.
    contact_id: Option<ID>,
}

/// The queued test message.
#[derive(SimpleObject)]
pub(crate) struct SendTestMessagePayload {
    /// What the author should know although it was sent.
    problems: Vec<TemplateProblem>,
}

#[Object]
impl TestMessageMutations {
    /// Sends a template to the signed-in team member, and to no one else. It mints no link: an example stands for it. At most 10 in an hour.
    /// For team members with the scope `INVITE` or `ADMIN`.
    async fn send_test_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send.")] input: SendTestMessageInput,
    ) -> Option<GraphqlResult<SendTestMessagePayload>> {
        mutate(send(ctx, input)).await
    }
}

/// A signed-in team member who may read templates.
fn member(viewer: &Viewer) -> Result<(AccountId, TeamMemberId)> {
    reader(viewer)?;
    match viewer {
        Viewer::Member { account, member, .. } => Ok((*account, *member)),
        Viewer::Anonymous | Viewer::Key { .. } | Viewer::Contact { .. } => {
            let message = "A test message goes to the team member who sends it: sign in to the dashboard.";
            Err(Error::forbidden(message))
        }
    }
}

/// The content of the input, or of the template that it names.
async fn content(
    conn: &mut Conn,
    account: AccountId,
    input: &SendTestMessageInput,
) -> Result<TemplateContent> {
    let Some(id) = &input.template_id else {
        let format = input
            .format
            .ok_or_else(|| Error::bad_input("input.format", "Pass it, or templateId."))?;
        let body = input.body.as_deref().unwrap_or_default();
        return parse(
            input.channel,
            format,
            (input.subject.as_deref(), body, input.text.as_deref()),
        );
    };
    if input.format.is_some() || input.subject.is_some() || input.body.is_some() || input.text.is_some() {
        return Err(Error::bad_input(
            "input.templateId",
            "Pass a template or a content, not both.",
        ));
    }
    let missing = || Error::not_found("input.templateId", "template");
    let id: TemplateId = id.parse().map_err(|_| missing())?;
    let found = Template::find_many(conn, account, &[id]).await?.pop();
    let template = found.ok_or_else(missing)?;
    if template.row.channel != Channel::Email {
        return Err(Error::bad_input(
            "input.templateId",
            "Only an email can be sent as a test.",
        ));
    }
    Ok(template.content)
}

async fn send(ctx: &Context<'_>, input: SendTestMessageInput) -> Result<SendTestMessagePayload> {
    let (account, member) = member(&ctx.auth().viewer)?;
    if input.channel != Channel::Email {
        let message = "Only an email can be sent as a test: team members have no phone numbers.";
        return Err(Error::bad_input("input.channel", message));
    }
    if input.contact_id.is_some() {
        ctx.staff(Scope::Read)?;
    }
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let mut conn = services.db.conn().await?;
    let content = content(&mut conn, account, &input).await?;
    let usage = Usage {
        channel: input.channel,
        triggers: &[],
        marketing: false,
    };
    let checked = content.check(usage).await?.refuse_errors()?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        let removed = || Error::forbidden("You are no longer a member of this team.");
        let member = TeamMember::lock(conn, account, member)
            .await?
            .ok_or_else(removed)?;
        let contact = find_contact(conn, account, input.contact_id.as_ref()).await?;
        let contact = contact.map(|contact| contact.id);
        let id = TestMessage::create(conn, &member, &content, contact, &moment).await?;
        take_email_budget(ctx, conn, account, &moment).await?;
        let message = NewMessage {
            about: Some(id.0),
            ..NewMessage::new(MessageKind::Test, &member.email, Some(Holder::Member(member.id)))
        };
        Message::queue(conn, account, &message, requester.actor, &moment).await?;
        record(
            conn,
            account,
            &requester,
            &[NewEvent::new(EventKind::TemplateTested)],
            &moment,
        )
        .await
    })
    .await?;
    services.live.nudge(account, &[Topic::Messages]);
    Ok(SendTestMessagePayload {
        problems: TemplateProblem::list(checked.problems),
    })
}
