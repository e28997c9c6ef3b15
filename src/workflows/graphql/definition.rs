//! Triggers, settings and problems in the API.

use async_graphql::{ID, SimpleObject};

use crate::api::scalars::LocalTime;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::check;
use crate::workflows::model::definition::{Settings, TriggerRule, WorkflowReentry};
use crate::workflows::model::run::StepCount;

/// Which events start a run, or end a wait.
#[derive(SimpleObject)]
pub(crate) struct WorkflowTriggerRule {
    /// What happens.
    trigger: WorkflowTrigger,
    /// The ids of the offers, courses, modules, lessons or communities of which it must be about one; empty: any.
    target_ids: Vec<ID>,
    /// The tags of which one must be added or removed; empty: any.
    tags: Vec<String>,
    /// After how many days, for `INVITATION_UNANSWERED` and `CONTACT_INACTIVE`.
    days: Option<i32>,
}

impl From<TriggerRule> for WorkflowTriggerRule {
    fn from(rule: TriggerRule) -> Self {
        Self {
            trigger: rule.trigger,
            target_ids: rule.targets.into_iter().map(ID).collect(),
            tags: rule.tags,
            days: rule.days,
        }
    }
}

/// What holds for all runs of a workflow.
#[derive(SimpleObject)]
pub(crate) struct WorkflowSettings {
    /// Whether a contact may enter again.
    reentry: WorkflowReentry,
    /// Whether a run ends when its contact joins.
    stop_on_join: bool,
    /// Hours in which no message is sent.
    quiet_hours: Option<WorkflowQuietHours>,
}

/// Hours of the contact's day in which no message is sent: it is sent at their end. They may pass midnight.
#[derive(SimpleObject)]
pub(crate) struct WorkflowQuietHours {
    /// When they begin.
    start: LocalTime,
    /// When they end.
    end: LocalTime,
}

impl From<Settings> for WorkflowSettings {
    fn from(settings: Settings) -> Self {
        let hours = |QuietHours { start, end }| WorkflowQuietHours {
            start: LocalTime::from(start),
            end: LocalTime::from(end),
        };
        Self {
            reentry: settings.reentry,
            stop_on_join: settings.stop_on_join,
            quiet_hours: settings.quiet_hours.map(hours),
        }
    }
}

/// Something that keeps a workflow from being published.
#[derive(SimpleObject)]
pub(crate) struct WorkflowProblem {
    /// What it is, and what would be right.
    message: String,
    /// The step that it is about; null if it is about the workflow.
    step_key: Option<String>,
    /// Where it is in the input of `updateWorkflow`, such as `steps.3.sendEmail.templateId`.
    field: String,
}

impl From<check::WorkflowProblem> for WorkflowProblem {
    fn from(problem: check::WorkflowProblem) -> Self {
        Self {
            message: problem.message,
            step_key: problem.step_key,
            field: problem.field,
        }
    }
}

/// How many runs are at a step, and what happened to those that were.
#[derive(SimpleObject)]
pub(crate) struct WorkflowStepCount {
    /// The key of the step.
    step_key: String,
    /// The runs that are there now.
    waiting: i32,
    /// How often it did what it is for.
    done: i32,
    /// How often it did not apply to the contact.
    skipped: i32,
    /// How often it failed.
    failed: i32,
}

impl From<StepCount> for WorkflowStepCount {
    fn from(count: StepCount) -> Self {
        let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            step_key: count.step_key,
            waiting: number(count.waiting),
            done: number(count.done),
            skipped: number(count.skipped),
            failed: number(count.failed),
        }
    }
}
