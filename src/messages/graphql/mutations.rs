//! Pausing email, by its recipient, and resuming it, by staff.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::graphql::Contact;
use crate::live::Topic;
use crate::sign_in::graphql::SignInRefusal;
use crate::sign_in::not_me::model::{Report, ReportableEmail};
use crate::sign_in::refusal::Reason;

use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::Channel;
use crate::messages::model::suppression::Suppression;

/// The token identifies the recipient, so the credential of the request is ignored.
pub(crate) const IGNORE_CREDENTIAL: &[&str] = &["reportNotMe"];

#[derive(Default)]
pub(crate) struct MailMutations;

/// The token of an email.
#[derive(InputObject)]
pub(crate) struct ReportNotMeInput {
    /// The last part of the URL of "This wasn't me": `notme_…`.
    token: String,
}

/// The result of a report.
#[derive(SimpleObject)]
pub(crate) struct ReportNotMePayload {
    /// The number of sessions it ended; 0 if it was reported before.
    sessions_ended: i32,
    /// When the pause of email to the address ends; null if email is not paused.
    mail_paused_until: Option<DateTime>,
    /// Why nothing was done: the token belongs to no email, or to one older than 7 days.
    refusal: Option<SignInRefusal>,
}

/// The contact to resume messages to.
#[derive(InputObject)]
pub(crate) struct ResumeMailInput {
    /// The contact.
    contact_id: ID,
    /// What to resume. Default: `EMAIL`.
    channel: Option<Channel>,
}

/// The contact that messages were resumed to.
#[derive(SimpleObject)]
pub(crate) struct ResumeMailPayload {
    /// The contact.
    contact: Contact,
}

#[Object]
impl MailMutations {
    /// Reports "This wasn't me" for an email about signing in: ends what the email was about and the sessions it opened. If any
    /// caller can trigger such emails, also pauses email to the address for 24 hours. A repeat has no further effect. For any
    /// caller with the token.
    async fn report_not_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: ReportNotMeInput,
    ) -> Option<GraphqlResult<ReportNotMePayload>> {
        mutate(report(ctx, input)).await
    }

    /// Resumes email to a contact whose address bounced, or whose email is paused because its owner reported a message; or text
    /// messages to a number that could not receive them. A number whose owner answered STOP is refused with `CONFLICT`: only their
    /// START lifts it. Needs the scope `CONTACTS`.
    async fn resume_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: ResumeMailInput,
    ) -> Option<GraphqlResult<ResumeMailPayload>> {
        mutate(resume(ctx, input)).await
    }
}

async fn report(ctx: &Context<'_>, input: ReportNotMeInput) -> Result<ReportNotMePayload> {
    let report = match PlainSecret::parse(SecretKind::NotMe, input.token.trim()) {
        Some(secret) => {
            let report = report_by(ctx, &secret).await?;
            report.inspect(|report| ctx.services().live.nudge_report(secret.account, report))
        }
        None => None,
    };
    let refusal = report.is_none().then(|| SignInRefusal::from(Reason::LinkInvalid));
    let report = report.unwrap_or_default();
    Ok(ReportNotMePayload {
        sessions_ended: i32::try_from(report.ended.len()).unwrap_or(i32::MAX),
        mail_paused_until: report.paused_until.map(DateTime),
        refusal,
    })
}

/// `None` if the token names no email, or one that is too old.
async fn report_by(ctx: &Context<'_>, secret: &PlainSecret) -> Result<Option<Report>> {
    let services = ctx.services();
    let (key, moment) = (&services.sign_in.keys.not_me, services.clock.moment());
    let mut conn = services.db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        claim_idempotency_key(ctx, conn, &moment).await?;
        match ReportableEmail::find(conn, secret, key, moment.now).await? {
            Some(mail) => Ok(Some(mail.report(conn, ctx.client(), &moment).await?)),
            None => Ok(None),
        }
    })
    .await
}

async fn resume(ctx: &Context<'_>, input: ResumeMailInput) -> Result<ResumeMailPayload> {
    let staff = ctx.staff(Scope::Contacts)?;
    ctx.require_read_if_selected(&["contact", "tags"])?;
    let services = ctx.services();
    let (moment, requester) = (services.clock.moment(), ctx.requester());
    let missing = || Error::not_found("input.contactId", "contact");
    let (channel, resumed) = match input.channel.unwrap_or(Channel::Email) {
        Channel::Email => (Channel::Email, EventKind::MailResumed),
        Channel::Sms => (Channel::Sms, EventKind::SmsResumed),
    };
    let id: ContactId = input.contact_id.parse().map_err(|_| missing())?;
    let mut conn = services.db.conn().await?;
    let contact = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            let contact = crate::contacts::model::Contact::lock(conn, staff.account, id).await?;
            let contact = contact.ok_or_else(missing)?;
            if channel == Channel::Sms && Suppression::stopped(conn, &contact).await? {
                let message = "The contact answered STOP. Text messages resume when they answer START.";
                return Err(Error::new(Code::Conflict, message).at("input.channel"));
            }
            if let Some(lifted) = Suppression::lift(conn, &contact, channel, moment.now).await? {
                let event = NewEvent::for_contact(resumed, id);
                let event = event.with(json!({ "pause": lifted.pause() }));
                record(conn, staff.account, &requester, &[event], &moment).await?;
            }
            Ok(contact)
        })
        .await?;
    services.live.nudge(staff.account, &[Topic::Activity]);
    Ok(ResumeMailPayload {
        contact: Contact::changed(contact, Vec::new()),
    })
}
