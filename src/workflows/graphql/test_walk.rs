//! What a draft would do for one contact. Nothing is sent, minted or written.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime as ChronoDateTime, TimeDelta, Utc};
use message_templates::Values;

use super::find;
use crate::accounts::model::Account;
use crate::api::context::ContextExt;
use crate::api::mutation::mutate;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::contacts::model::list::Conditions;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::mailings::model::send::skip_ineligible;
use crate::messages::model::Channel;
use crate::templates::fields::Usage;
use crate::templates::trigger::WorkflowTrigger;
use crate::templates::values::preview_values;
use crate::workflows::graphql::definition::WorkflowProblem;
use crate::workflows::model::advance::next_local_time;
use crate::workflows::model::definition::{Action, Definition, Step, Wait};
use crate::workflows::model::named::Named;
use crate::workflows::model::run::WorkflowStepOutcome;

/// The most steps of a walk: a circle goes on for ever.
const MAX_STEPS: usize = 100;

#[derive(Default)]
pub(crate) struct TestMutations;

/// What to test, and for whom.
#[derive(InputObject)]
pub(crate) struct TestWorkflowInput {
    /// The workflow, whose draft is tested.
    workflow_id: ID,
    /// The contact.
    contact_id: ID,
}

/// What a draft would do for a contact.
#[derive(SimpleObject)]
pub(crate) struct TestWorkflowPayload {
    /// The steps that would happen, in their order: at most 100. Waits are taken as over; an event that a wait is for, as not come.
    steps: Vec<WorkflowTestStep>,
    /// What keeps the draft from being published.
    problems: Vec<WorkflowProblem>,
}

/// What a step would do.
#[derive(SimpleObject)]
pub(crate) struct WorkflowTestStep {
    /// The key of the step.
    key: String,
    /// When it would happen, if the run started now.
    at: DateTime,
    /// What would happen.
    outcome: WorkflowStepOutcome,
    /// Why it would be skipped, such as `NO_EMAIL`.
    reason: Option<String>,
    /// The subject of an email, with the values of the contact. Fields of the event have examples.
    subject: Option<String>,
    /// The text of a text message, with the values of the contact. Its login URL is an example.
    text: Option<String>,
    /// The key of the step that would follow; null: the run would end.
    next: Option<String>,
}

#[Object]
impl TestMutations {
    /// Walks through the draft of a workflow for one contact without waiting, and reports what would happen. Nothing is sent, and no
    /// link is created. Needs the scopes `ADMIN` and `READ`.
    async fn test_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to test.")] input: TestWorkflowInput,
    ) -> Option<GraphqlResult<TestWorkflowPayload>> {
        mutate(test(ctx, input)).await
    }
}

async fn test(ctx: &Context<'_>, input: TestWorkflowInput) -> Result<TestWorkflowPayload> {
    let staff = ctx.staff(Scope::Admin)?;
    ctx.staff(Scope::Read)?;
    let services = ctx.services();
    let now = services.clock.now();
    let mut conn = services.db.conn().await?;
    let workflow = find(&mut conn, staff.account, &input.workflow_id).await?;
    let missing = || Error::not_found("input.contactId", "contact");
    let contact: ContactId = input.contact_id.parse().map_err(|_| missing())?;
    let contact = Contact::find(&mut conn, staff.account, contact)
        .await?
        .ok_or_else(missing)?;
    let definition = workflow.definition()?;
    let (named, problems) = Named::examine(&mut conn, staff.account, &definition, now).await?;
    let account = Account::find(&mut conn, staff.account).await?;
    let addresses = &services.settings.addresses;
    let walk = Walk {
        values: preview_values(&mut conn, &account, addresses, Some(&contact)).await?,
        triggers: definition.kinds(),
        definition: &definition,
        named: &named,
        account: &account,
        contact: &contact,
    };
    Ok(TestWorkflowPayload {
        steps: walk.steps(&mut conn, now).await?,
        problems: problems.into_iter().map(Into::into).collect(),
    })
}

struct Walk<'a> {
    definition: &'a Definition,
    named: &'a Named,
    account: &'a Account,
    contact: &'a Contact,
    values: Values,
    triggers: Vec<WorkflowTrigger>,
}

impl Walk<'_> {
    async fn steps(&self, conn: &mut Conn, mut at: ChronoDateTime<Utc>) -> Result<Vec<WorkflowTestStep>> {
        let mut walked = Vec::new();
        let mut step = self.definition.steps.first();
        while let Some(current) = step.filter(|_| walked.len() < MAX_STEPS) {
            let shown = self.step(conn, current, at).await?;
            at = self.end(current, at);
            step = shown.next.as_ref().and_then(|key| self.definition.step(key));
            walked.push(shown);
        }
        Ok(walked)
    }

    /// When the step would be over.
    fn end(&self, step: &Step, at: ChronoDateTime<Utc>) -> ChronoDateTime<Utc> {
        match &step.action {
            Action::Wait(Wait::For(span) | Wait::Event { at_most: span, .. }) => {
                at + TimeDelta::minutes(span.minutes())
            }
            Action::Wait(Wait::Until(until)) => at.max(*until),
            Action::Wait(Wait::UntilTime(time)) => {
                let zone = self.contact.locale(self.account.locale(None)).zone;
                next_local_time(at, *time, zone)
            }
            _ => at,
        }
    }

    async fn step(&self, conn: &mut Conn, step: &Step, at: ChronoDateTime<Utc>) -> Result<WorkflowTestStep> {
        let shown = WorkflowTestStep {
            key: step.key.clone(),
            at: DateTime(at),
            outcome: WorkflowStepOutcome::Done,
            reason: None,
            subject: None,
            text: None,
            next: step.next.clone().filter(|_| step.action != Action::Stop),
        };
        match &step.action {
            Action::SendEmail(_) | Action::SendMarketingEmail(_) | Action::SendSms(_) => {
                self.send(conn, step, shown, at).await
            }
            Action::Branch { conditions, .. } => {
                let filter = Conditions::new(conditions.clone()).parse("condition", at)?;
                let ids = [self.contact.id];
                let matching = Contact::matching(conn, self.account.id, &filter, &ids).await?;
                let matched = !matching.is_empty();
                Ok(WorkflowTestStep {
                    outcome: if matched {
                        WorkflowStepOutcome::Matched
                    } else {
                        WorkflowStepOutcome::NotMatched
                    },
                    next: if matched {
                        shown.next
                    } else {
                        step.otherwise().cloned()
                    },
                    ..shown
                })
            }
            Action::Wait(Wait::Event { .. }) => Ok(WorkflowTestStep {
                outcome: WorkflowStepOutcome::TimedOut,
                next: step.otherwise().cloned(),
                ..shown
            }),
            Action::Wait(_) => Ok(WorkflowTestStep {
                outcome: WorkflowStepOutcome::Waited,
                ..shown
            }),
            Action::AddTags(tags) => Ok(self.tags(tags, shown)),
            Action::RemoveTags(_)
            | Action::GrantOffer(_)
            | Action::RevokeOffer(_)
            | Action::AssignCourse(_)
            | Action::AddToCommunity(_)
            | Action::Stop => Ok(shown),
        }
    }

    fn tags(&self, tags: &[String], shown: WorkflowTestStep) -> WorkflowTestStep {
        let change = BulkChange::Tags {
            add: tags.to_vec(),
            remove: Vec::new(),
        };
        let mut resolved = ResolvedRecipients::of_contacts(vec![self.contact.clone()]);
        change.skip_ineligible(&mut resolved);
        skipped(shown, &resolved)
    }

    async fn send(
        &self,
        conn: &mut Conn,
        step: &Step,
        mut shown: WorkflowTestStep,
        at: ChronoDateTime<Utc>,
    ) -> Result<WorkflowTestStep> {
        let Some((channel, id)) = step.template() else {
            return Ok(shown);
        };
        let mut resolved = ResolvedRecipients::of_contacts(vec![self.contact.clone()]);
        let audience = (self.account.id, channel, step.marketing());
        skip_ineligible(conn, audience, &mut resolved, at).await?;
        if let Some(template) = self.named.templates.get(&id) {
            let usage = Usage {
                channel,
                triggers: &self.triggers,
                marketing: step.marketing(),
            };
            let checked = template.content.with_own_names().check(usage).await?;
            let render = |part: Option<&message_templates::Template>| part?.render(&self.values).ok();
            match channel {
                Channel::Email => shown.subject = render(checked.subject.as_ref()),
                Channel::Sms => shown.text = render(checked.body.as_ref()),
            }
        }
        Ok(skipped(shown, &resolved))
    }
}

/// Says why the step would be skipped, if it would.
fn skipped(shown: WorkflowTestStep, resolved: &ResolvedRecipients) -> WorkflowTestStep {
    match resolved.skipped.first() {
        Some(skipped) => WorkflowTestStep {
            outcome: WorkflowStepOutcome::Skipped,
            reason: Some(skipped.reason.as_str().to_owned()),
            ..shown
        },
        None => shown,
    }
}
