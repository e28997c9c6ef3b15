//! The workflow of the demo account.

use crate::base::actor::Actor;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, TemplateId};
use crate::contacts::model::PortalStatus;
use crate::messages::model::Channel;
use crate::templates::model::Template;
use crate::templates::model::version::{TemplateContent, TemplateFormat};
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::Workflow;
use crate::workflows::model::definition::{
    Action, Definition, Settings, Step, TriggerRule, Wait, WorkflowDuration, WorkflowDurationUnit,
};
use crate::workflows::model::named::Named;
use crate::workflows::model::publish::WorkflowInFlight;

const WELCOME: &str = "Hello {{ contact.first_name | default(\"there\") }},\n\nyou have **{{ offer.title }}** now. \
    [Open your portal]({{ portal.login_url }}): this link signs you in.";
const REMINDER: &str = "{{ offer.title }} is waiting for you: {{ portal.login_url }}";

/// Publishes a workflow that welcomes contacts who get an offer. Those of the demo had theirs before.
pub(super) async fn create(conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<()> {
    let welcome = TemplateContent {
        format: TemplateFormat::Markdown,
        subject: Some("Welcome to {{ offer.title }}".to_owned()),
        body: WELCOME.to_owned(),
        text_part: None,
    };
    let reminder = TemplateContent {
        format: TemplateFormat::Text,
        subject: None,
        body: REMINDER.to_owned(),
        text_part: None,
    };
    let by = (Actor::System, moment);
    let welcome = Template::create(conn, account, ("Welcome", Channel::Email), &welcome, by).await?;
    let reminder = Template::create(conn, account, ("Reminder", Channel::Sms), &reminder, by).await?;
    let definition = definition(welcome.row.id, reminder.row.id);
    let draft = Workflow::create(conn, account, ("Welcome to an offer", &definition), by).await?;
    let (named, problems) = Named::examine(conn, account, &definition, moment.now).await?;
    if let Some(problem) = problems.first() {
        return Err(Error::internal(&problem.message[..]));
    }
    draft
        .publish(conn, (&definition, &named), WorkflowInFlight::Finish, by)
        .await?;
    Ok(())
}

/// An email, and a day later a text message to those who have not joined.
fn definition(welcome: TemplateId, reminder: TemplateId) -> Definition {
    let step = |key: &str, next: Option<&str>, action| Step {
        key: key.to_owned(),
        next: next.map(str::to_owned),
        action,
    };
    let day = WorkflowDuration {
        amount: 1,
        unit: WorkflowDurationUnit::Days,
    };
    let joined = serde_json::json!({"portalStatus": [PortalStatus::Active.as_str()]});
    let branch = Action::Branch {
        conditions: joined.as_object().cloned().unwrap_or_default(),
        otherwise: Some("remind".to_owned()),
    };
    Definition {
        triggers: vec![TriggerRule {
            trigger: WorkflowTrigger::OfferAccessGranted,
            targets: Vec::new(),
            tags: Vec::new(),
            days: None,
        }],
        steps: vec![
            step("welcome", Some("pause"), Action::SendEmail(welcome)),
            step("pause", Some("joined"), Action::Wait(Wait::For(day))),
            step("joined", Some("end"), branch),
            step("remind", None, Action::SendSms(reminder)),
            step("end", None, Action::Stop),
        ],
        settings: Settings::default(),
    }
}
