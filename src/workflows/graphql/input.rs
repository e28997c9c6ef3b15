//! Triggers and settings as the API takes them.

mod steps;

use async_graphql::{ID, InputObject};

pub(super) use self::steps::WorkflowStepInput;
use crate::base::error::Result;
use crate::contacts::graphql::input::parse_tags;
use crate::mailings::graphql::input::QuietHoursInput;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::definition::{Settings, TriggerRule, WorkflowReentry};

/// Which events start a run, or end a wait.
#[derive(InputObject)]
pub(super) struct WorkflowTriggerRuleInput {
    /// What happens.
    trigger: WorkflowTrigger,
    /// The ids of the offers, courses, modules, lessons or communities of which it must be about one, at most 20; any by default.
    target_ids: Option<Vec<ID>>,
    /// For `TAG_ADDED` and `TAG_REMOVED`: the tags of which it must be one, at most 20; any by default.
    tags: Option<Vec<String>>,
    /// For `INVITATION_UNANSWERED` and `CONTACT_INACTIVE`: after how many days, 1 to 365.
    days: Option<i32>,
}

impl WorkflowTriggerRuleInput {
    pub(super) fn parse(self, field: &str) -> Result<TriggerRule> {
        let tags = match self.tags.filter(|tags| !tags.is_empty()) {
            Some(tags) => parse_tags(&format!("{field}.tags"), tags)?,
            None => Vec::new(),
        };
        Ok(TriggerRule {
            trigger: self.trigger,
            targets: self.target_ids.into_iter().flatten().map(|id| id.0).collect(),
            tags,
            days: self.days,
        })
    }
}

/// What holds for all runs of a workflow.
#[derive(InputObject)]
pub(super) struct WorkflowSettingsInput {
    /// Whether a contact may enter again; `AFTER_END` by default.
    reentry: Option<WorkflowReentry>,
    /// Whether a run ends when its contact joins; false by default.
    stop_on_join: Option<bool>,
    /// When nothing is sent: messages wait for the end of these hours, in the time zone of each contact, or else of the account; none by
    /// default.
    quiet_hours: Option<QuietHoursInput>,
}

impl WorkflowSettingsInput {
    pub(super) fn parse(self) -> Result<Settings> {
        let default = Settings::default();
        let hours = |hours: QuietHoursInput| -> Result<QuietHours> {
            Ok(QuietHours {
                start: hours.start.parse("input.settings.quietHours.start")?,
                end: hours.end.parse("input.settings.quietHours.end")?,
            })
        };
        Ok(Settings {
            reentry: self.reentry.unwrap_or(default.reentry),
            stop_on_join: self.stop_on_join.unwrap_or(default.stop_on_join),
            quiet_hours: self.quiet_hours.map(hours).transpose()?,
        })
    }
}
