//! Triggers, settings and problems in the API.

use async_graphql::{ID, SimpleObject};

use crate::api::scalars::LocalTime;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::check;
use crate::workflows::model::counts::StepCount;
use crate::workflows::model::definition::{Settings, TriggerRule, WorkflowReentry};
use crate::workflows::model::run::WorkflowStepOutcome;

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
    /// How often the contact matched the condition of a branch, or the event of a wait came: the run went on to `next`.
    matched: i32,
    /// How often the contact did not match, or the event did not come in time: the run went on to `otherwise`.
    not_matched: i32,
}

impl WorkflowStepCount {
    /// One for each step. The counts are in the order of the steps' keys.
    pub(super) fn list(counts: Vec<StepCount>) -> Vec<Self> {
        let of_step = |counts: &[StepCount]| {
            let sum = |outcomes: &[Option<WorkflowStepOutcome>]| {
                let counts = counts.iter().filter(|count| outcomes.contains(&count.outcome));
                i32::try_from(counts.map(|count| count.count).sum::<i64>()).unwrap_or(i32::MAX)
            };
            use WorkflowStepOutcome::{Done, Failed, Matched, NotMatched, Skipped, TimedOut, Waited};
            Self {
                step_key: counts
                    .first()
                    .map(|count| count.step_key.clone())
                    .unwrap_or_default(),
                waiting: sum(&[None]),
                done: sum(&[Done, Waited, Matched, NotMatched, TimedOut].map(Some)),
                skipped: sum(&[Some(Skipped)]),
                failed: sum(&[Some(Failed)]),
                matched: sum(&[Some(Matched)]),
                not_matched: sum(&[NotMatched, TimedOut].map(Some)),
            }
        };
        let steps = counts.chunk_by(|one, other| one.step_key == other.step_key);
        steps.map(of_step).collect()
    }
}
