//! Triggers and settings as the API takes them.

mod steps;

use async_graphql::{ID, InputObject};

pub(super) use self::steps::WorkflowStepInput;
use crate::base::error::{Error, Result};
use crate::contacts::graphql::input::parse_tags;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::definition::{QuietHours, Settings, TriggerRule, WorkflowReentry};

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
    /// Hours in which no message is sent; none by default.
    quiet_hours: Option<WorkflowQuietHoursInput>,
}

/// Hours of the contact's day in which no message is sent: it is sent at their end. They may pass midnight.
#[derive(InputObject)]
pub(super) struct WorkflowQuietHoursInput {
    /// When they begin, such as `22:00`.
    start: String,
    /// When they end, such as `08:00`.
    end: String,
}

/// The minute of the day of a time such as `09:30`.
fn clock_time(field: &str, text: &str) -> Result<u16> {
    let wrong = || Error::bad_input(field, "Use hours and minutes, such as 09:30.");
    let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return Err(wrong());
    }
    let number = |part: &str| part.parse::<u16>().map_err(|_| wrong());
    match (number(hours)?, number(minutes)?) {
        (hours @ 0..24, minutes @ 0..60) => Ok(hours * 60 + minutes),
        _ => Err(wrong()),
    }
}

impl WorkflowSettingsInput {
    pub(super) fn parse(self) -> Result<Settings> {
        let default = Settings::default();
        let hours = |hours: WorkflowQuietHoursInput| -> Result<QuietHours> {
            Ok(QuietHours {
                start: clock_time("input.settings.quietHours.start", &hours.start)?,
                end: clock_time("input.settings.quietHours.end", &hours.end)?,
            })
        };
        Ok(Settings {
            reentry: self.reentry.unwrap_or(default.reentry),
            stop_on_join: self.stop_on_join.unwrap_or(default.stop_on_join),
            quiet_hours: self.quiet_hours.map(hours).transpose()?,
        })
    }
}
