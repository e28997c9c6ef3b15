//! What the steps do.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{StepOfRuns, StepResult, Then};
use crate::access::model::change::AccessChange;
use crate::access::model::grant::GrantOrigin;
use crate::accounts::model::budget;
use crate::base::actor::{Actor, Client, Requester};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::contacts::model::Contact;
use crate::contacts::model::bulk_change::BulkChange;
use crate::contacts::model::list::Conditions;
use crate::invitations::model::recipients::ResolvedRecipients;
use crate::mailings::model::Mailing;
use crate::mailings::model::send::{MailingRequest, send};
use crate::messages::model::Message;
use crate::workflows::model::run::WorkflowStepOutcome;

/// Why a step waits for the next day.
const BUDGET_SPENT: &str = "The account's daily budget of messages is spent. It renews at midnight UTC.";

impl StepOfRuns {
    fn requester(&self) -> Requester {
        Requester {
            actor: Actor::Workflow(self.workflow),
            client: Client::default(),
        }
    }

    fn recipients(&self, count: usize) -> ResolvedRecipients {
        let contacts = self.runs.iter().take(count);
        ResolvedRecipients::of_contacts(contacts.map(|(_, contact)| contact.clone()).collect())
    }

    /// The results of a change: of the contacts that got it, and of those that were skipped.
    fn results(&self, resolved: &ResolvedRecipients, messages: Vec<Message>) -> Vec<StepResult> {
        let next = self.step.next.as_ref();
        let mut messages = messages.into_iter();
        let done = resolved.contacts.iter().map(|(index, _)| StepResult {
            message: messages.next().map(|message| message.id),
            ..StepResult::done(*index, WorkflowStepOutcome::Done, next)
        });
        let mut results: Vec<StepResult> = done.collect();
        results.extend(resolved.skipped.iter().map(|skipped| StepResult {
            reason: Some(skipped.reason.as_str().to_owned()),
            ..StepResult::done(skipped.index, WorkflowStepOutcome::Skipped, next)
        }));
        results
    }

    /// Queues a message for each contact that can get one, as far as the daily budget goes.
    pub(super) async fn send(
        &self,
        conn: &mut Conn,
        daily_messages: i64,
        moment: &Moment,
    ) -> Result<Vec<StepResult>> {
        let mailing = self.version.mailing(&self.step.key);
        let mailing = mailing.ok_or_else(|| Error::internal("a step without its mailing"))?;
        let mailing = Mailing::find(conn, self.account, mailing).await?;
        let mailing = mailing.ok_or_else(|| Error::internal("a mailing that is gone"))?;
        let left = budget::left(conn, self.account, daily_messages, moment.now).await?;
        // With no budget left, one is attempted: it may be skipped without a message.
        let count = usize::try_from(left.max(1))
            .unwrap_or(usize::MAX)
            .min(self.runs.len());
        let mut resolved = self.recipients(count);
        let requester = self.requester();
        let request = MailingRequest {
            mailing: &mailing,
            requester: &requester,
            bulk_job: None,
            daily_messages,
        };
        match send(conn, request, &mut resolved, moment).await? {
            Ok(messages) => Ok(self.results(&resolved, messages)),
            Err(spent) => Ok(self.later(spent.renews_at)),
        }
    }

    fn later(&self, at: DateTime<Utc>) -> Vec<StepResult> {
        let one = |index| StepResult {
            index,
            outcome: None,
            reason: None,
            message: None,
            then: Then::Later {
                at,
                reason: BUDGET_SPENT,
            },
        };
        (0..self.runs.len()).map(one).collect()
    }

    pub(super) async fn branch(
        &self,
        conn: &mut Conn,
        conditions: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Vec<StepResult>> {
        let filter = Conditions::new(conditions.clone()).parse("condition", now)?;
        let ids: Vec<_> = self.runs.iter().map(|(_, contact)| contact.id).collect();
        let matching = Contact::matching(conn, self.account, &filter, &ids).await?;
        let result = |(index, (_, contact)): (usize, &(_, Contact))| {
            if matching.contains(&contact.id) {
                StepResult::done(index, WorkflowStepOutcome::Matched, self.step.next.as_ref())
            } else {
                StepResult::done(index, WorkflowStepOutcome::NotMatched, self.step.otherwise())
            }
        };
        Ok(self.runs.iter().enumerate().map(result).collect())
    }

    pub(super) async fn change_tags(
        &self,
        conn: &mut Conn,
        (add, remove): (&[String], &[String]),
        moment: &Moment,
    ) -> Result<Vec<StepResult>> {
        let change = BulkChange::Tags {
            add: add.to_vec(),
            remove: remove.to_vec(),
        };
        let mut resolved = self.recipients(self.runs.len());
        change
            .apply(conn, self.account, &mut resolved, &self.requester(), moment)
            .await?;
        Ok(self.results(&resolved, Vec::new()))
    }

    pub(super) async fn change_access(
        &self,
        conn: &mut Conn,
        grants: bool,
        moment: &Moment,
    ) -> Result<Vec<StepResult>> {
        let target: Vec<_> = self.step.target().into_iter().collect();
        let (add, remove) = if grants {
            (target, Vec::new())
        } else {
            (Vec::new(), target)
        };
        let change = AccessChange {
            add,
            remove,
            origin: GrantOrigin::Workflow(self.workflow),
            ..AccessChange::default()
        };
        let ids: Vec<_> = self.runs.iter().map(|(_, contact)| contact.id).collect();
        change
            .apply(conn, self.account, &ids, &self.requester(), moment)
            .await?;
        Ok(self.all(WorkflowStepOutcome::Done, self.step.next.as_ref()))
    }
}
