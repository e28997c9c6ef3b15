//! What to send, as the API takes it.

use async_graphql::{ID, InputObject};

use crate::api::scalars::{DateTimeText, LocalTime};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TemplateId};
use crate::contacts::graphql::input::ContactSelection;
use crate::mailings::model::NewMailing;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::messages::model::Channel;
use crate::templates::content::{CheckedContent, parse};
use crate::templates::fields::{LOGIN_URL, Usage};
use crate::templates::model::version::{TemplateContent, TemplateFormat};
use crate::templates::model::{Template, TemplateStatus};

/// What to send, to whom, and when.
#[derive(InputObject)]
pub(crate) struct SendMessageInput {
    /// The recipients: by id or address, all that match a filter, or all in a smart list. Those of a filter or a smart list are found when
    /// the bulk job begins.
    pub selection: ContactSelection,
    /// How it is delivered.
    pub channel: Channel,
    /// The template, as it says now; without one, `format` and `body` are needed, and for an email `subject`.
    pub template_id: Option<ID>,
    /// How it is written.
    pub format: Option<TemplateFormat>,
    /// The subject of an email.
    pub subject: Option<String>,
    /// The body.
    pub body: Option<String>,
    /// An email's own text part; without one, it is made from the body.
    pub text: Option<String>,
    /// Whether it is a marketing email: contacts who unsubscribed don't get it, and it has a link to unsubscribe, below it unless
    /// `{{ unsubscribe_url }}` is in it. Mail programs show a button too (RFC 8058).
    pub marketing: Option<bool>,
    /// When to begin, up to a year ahead; at once without it. Becomes a bulk job.
    pub send_at: Option<DateTimeText>,
    /// At most so many messages a minute: 1 to 10,000. Becomes a bulk job.
    pub per_minute: Option<i32>,
    /// When nothing is sent: messages wait for the end of these hours, in the time zone of each contact, or else of the account.
    pub quiet_hours: Option<QuietHoursInput>,
    /// Only reports what would happen: nothing is sent.
    pub dry_run: Option<bool>,
}

/// Hours of the day, from one time to another, which may be on the next day.
#[derive(InputObject)]
pub(crate) struct QuietHoursInput {
    /// When they begin.
    pub start: LocalTime,
    /// When they end: another time.
    pub end: LocalTime,
}

impl SendMessageInput {
    fn marketing(&self) -> Result<bool> {
        let marketing = self.marketing == Some(true);
        if marketing && self.channel == Channel::Sms {
            let message =
                "Only emails can be marked as marketing: text messages are stopped by replying STOP.";
            return Err(Error::bad_input("input.marketing", message));
        }
        Ok(marketing)
    }

    fn quiet_hours(&self) -> Result<Option<QuietHours>> {
        let Some(hours) = &self.quiet_hours else {
            return Ok(None);
        };
        let start = hours.start.parse("input.quietHours.start")?;
        let end = hours.end.parse("input.quietHours.end")?;
        if start == end {
            return Err(Error::bad_input(
                "input.quietHours.end",
                "It must differ from the start.",
            ));
        }
        Ok(Some(QuietHours { start, end }))
    }

    /// The content of the input, or of the template that it names; checked.
    pub(super) async fn content(
        &self,
        conn: &mut Conn,
        account: AccountId,
    ) -> Result<(NewMailing, CheckedContent)> {
        let (marketing, quiet_hours) = (self.marketing()?, self.quiet_hours()?);
        let (content, template) = match &self.template_id {
            Some(id) => self.template(conn, account, id).await?,
            None => (self.written()?, None),
        };
        let usage = Usage {
            channel: self.channel,
            triggers: &[],
            marketing,
        };
        let content = content.with_own_names();
        let checked = content.check(usage).await?.refuse_errors()?;
        let new = NewMailing {
            channel: self.channel,
            uses_login_url: checked.uses(LOGIN_URL),
            marketing,
            quiet_hours,
            content,
            template,
        };
        Ok((new, checked))
    }

    fn written(&self) -> Result<TemplateContent> {
        let format = self
            .format
            .ok_or_else(|| Error::bad_input("input.format", "Pass it, or templateId."))?;
        let body = self.body.as_deref().unwrap_or_default();
        parse(
            self.channel,
            format,
            (self.subject.as_deref(), body, self.text.as_deref()),
        )
    }

    async fn template(
        &self,
        conn: &mut Conn,
        account: AccountId,
        id: &ID,
    ) -> Result<(TemplateContent, Option<(TemplateId, i32)>)> {
        const FIELD: &str = "input.templateId";
        let written = [&self.subject, &self.body, &self.text]
            .iter()
            .any(|part| part.is_some());
        if written || self.format.is_some() {
            return Err(Error::bad_input(FIELD, "Pass a template or a content, not both."));
        }
        let missing = || Error::not_found(FIELD, "template");
        let id: TemplateId = id.parse().map_err(|_| missing())?;
        let found = Template::find_many(conn, account, &[id])
            .await?
            .pop()
            .ok_or_else(missing)?;
        if found.row.status != TemplateStatus::Active {
            return Err(Error::bad_input(FIELD, "This template was archived."));
        }
        if found.row.channel != self.channel {
            return Err(Error::bad_input(FIELD, "This template is for another channel."));
        }
        Ok((found.content, Some((id, found.row.version))))
    }
}
