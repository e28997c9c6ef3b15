//! How a template looks. Nothing is sent or minted.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use message_templates::{Problem, RenderError, Severity, Values};

use super::problem::TemplateProblem;
use super::reader;
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, ContactId};
use crate::base::text_enum::text_enum;
use crate::contacts::model::Contact;
use crate::messages::emails::Frame;
use crate::messages::model::Channel;
use crate::templates::content::{CheckedContent, PartProblem, TemplatePart, parse};
use crate::templates::emails::{frame, render, whole_email};
use crate::templates::fields::Usage;
use crate::templates::model::version::TemplateFormat;
use crate::templates::trigger::WorkflowTrigger;
use crate::templates::values::preview_values;

/// What to show, saved or not.
#[derive(InputObject)]
pub(crate) struct PreviewTemplateInput {
    /// How the message is delivered.
    channel: Channel,
    /// How it is written: `HTML` or `MARKDOWN` for an email, `TEXT` for a text message.
    format: TemplateFormat,
    /// The subject of an email.
    subject: Option<String>,
    /// The body.
    body: String,
    /// An email's own text part; without one, it is made from the body.
    text: Option<String>,
    /// The contact whose values it shows; examples without one. Needs the scope `READ`.
    contact_id: Option<ID>,
    /// The triggers of the workflow that sends it.
    triggers: Option<Vec<WorkflowTrigger>>,
}

text_enum! {
    /// How a text message is encoded.
    #[derive(async_graphql::Enum)]
    SmsEncoding {
        /// The alphabet of GSM: 160 units in one message, 153 in each of several. Some characters take two units.
        Gsm7 = "GSM7",
        /// UTF-16: 70 units in one message, 67 in each of several. An emoji takes two units or more.
        Ucs2 = "UCS2",
    }
}

/// The size of a text message.
#[derive(SimpleObject)]
pub(crate) struct SmsSegments {
    /// How it is encoded.
    encoding: SmsEncoding,
    /// Its length in units of the encoding.
    units: i32,
    /// The number of messages that networks make of it.
    count: i32,
}

/// How a template looks. What can't be rendered is null; `problems` say why.
#[derive(Default, SimpleObject)]
pub(crate) struct TemplatePreview {
    /// The subject of an email.
    subject: Option<String>,
    /// The HTML of an email, in the account's layout.
    html: Option<String>,
    /// The text of a text message, or the text part of an email.
    text: Option<String>,
    /// The size of a text message.
    segments: Option<SmsSegments>,
    /// What its author should know.
    problems: Vec<TemplateProblem>,
}

#[derive(Default)]
pub(crate) struct PreviewQueries;

#[Object]
impl PreviewQueries {
    /// How a template looks, with the values of a contact or with examples. It mints no link: an example stands for it. Problems of
    /// the template don't fail it. Needs the scope `INVITE` or `ADMIN`.
    async fn preview_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to show.")] input: PreviewTemplateInput,
    ) -> Result<TemplatePreview> {
        preview(ctx, input).await
    }
}

async fn preview(ctx: &Context<'_>, input: PreviewTemplateInput) -> Result<TemplatePreview> {
    let staff = reader(&ctx.auth().viewer)?;
    let parts = (input.subject.as_deref(), &input.body[..], input.text.as_deref());
    let content = parse(input.channel, input.format, parts)?;
    let triggers = input.triggers.unwrap_or_default();
    let usage = Usage {
        channel: input.channel,
        triggers: &triggers,
        marketing: false,
    };
    if input.contact_id.is_some() {
        ctx.staff(Scope::Read)?;
    }
    let mut conn = ctx.services().db.conn().await?;
    let account = Account::find(&mut conn, staff.account).await?;
    let contact = find_contact(&mut conn, staff.account, input.contact_id.as_ref()).await?;
    let addresses = &ctx.services().settings.addresses;
    let values = preview_values(&mut conn, &account, addresses, contact.as_ref()).await?;
    drop(conn);
    let mut problems = content.check(usage).await?.problems;
    let checked = content.with_own_names().check(usage).await?;
    let (mut preview, failed) = match input.channel {
        Channel::Email => email(checked, &frame(&account, contact.as_ref()), values).await?,
        Channel::Sms => text_message(checked, &values),
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

pub(super) async fn find_contact(
    conn: &mut Conn,
    account: AccountId,
    id: Option<&ID>,
) -> Result<Option<Contact>> {
    let Some(id) = id else { return Ok(None) };
    let missing = || Error::not_found("input.contactId", "contact");
    let id: ContactId = id.parse().map_err(|_| missing())?;
    let contact = Contact::find(conn, account, id).await?;
    contact.ok_or_else(missing).map(Some)
}

async fn email(
    checked: CheckedContent,
    frame: &Frame,
    values: Values,
) -> Result<(TemplatePreview, Option<RenderError>)> {
    let subject = checked.subject.as_ref().map(|subject| subject.render(&values));
    let mut preview = TemplatePreview {
        subject: subject.and_then(std::result::Result::ok),
        ..TemplatePreview::default()
    };
    let Some(email) = whole_email(checked) else {
        return Ok((preview, None));
    };
    match render(email, frame, values).await? {
        Ok(rendered) => {
            preview.html = Some(rendered.html);
            preview.text = Some(rendered.text);
            Ok((preview, None))
        }
        Err(error) => Ok((preview, Some(error))),
    }
}

fn text_message(checked: CheckedContent, values: &Values) -> (TemplatePreview, Option<RenderError>) {
    match checked.body.map(|body| body.render(values)) {
        Some(Ok(text)) => {
            let preview = TemplatePreview {
                segments: Some(SmsSegments::of(&text)),
                text: Some(text),
                ..TemplatePreview::default()
            };
            (preview, None)
        }
        Some(Err(error)) => (TemplatePreview::default(), Some(error)),
        None => (TemplatePreview::default(), None),
    }
}

/// Why a template without errors can't be rendered for this recipient.
fn unrendered(error: &RenderError) -> PartProblem {
    PartProblem {
        part: TemplatePart::Body,
        problem: Problem {
            message: format!("It can't be shown: {error}."),
            line: 1,
            column: 1,
            field: None,
            suggestion: None,
            severity: Severity::Error,
        },
    }
}

impl SmsSegments {
    fn of(text: &str) -> Self {
        let sms::Segments {
            encoding,
            units,
            segments,
        } = sms::segments(text);
        let number = |number| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            encoding: match encoding {
                sms::Encoding::Gsm7 => SmsEncoding::Gsm7,
                sms::Encoding::Ucs2 => SmsEncoding::Ucs2,
            },
            units: number(units),
            count: number(segments),
        }
    }
}
