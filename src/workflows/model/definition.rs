//! What a workflow does: its triggers, steps and settings, as staff wrote them and as versions keep them.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::access::model::Target;
use crate::base::ids::{CommunityId, CourseId, OfferId, TemplateId};
use crate::base::text_enum::text_enum;
use crate::mailings::model::quiet_hours::QuietHours;
use crate::messages::model::Channel;
use crate::templates::trigger::WorkflowTrigger;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub triggers: Vec<TriggerRule>,
    /// A run begins with the first.
    pub steps: Vec<Step>,
    pub settings: Settings,
}

/// Which events start a run, or end a wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TriggerRule {
    pub trigger: WorkflowTrigger,
    /// The ids of what the event must be about; none: anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// The tags of which one must be added or removed; none: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How long it takes, for the triggers that depend on time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub key: String,
    /// The key of the step that follows; none: the run ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Action {
    SendEmail(#[serde(with = "as_text")] TemplateId),
    /// Contacts who unsubscribed don't get it.
    SendMarketingEmail(#[serde(with = "as_text")] TemplateId),
    SendSms(#[serde(with = "as_text")] TemplateId),
    Wait(Wait),
    Branch {
        /// As the conditions of a list of contacts read them.
        conditions: Map<String, Value>,
        /// The step of contacts who don't match.
        otherwise: Option<String>,
    },
    AddTags(Vec<String>),
    RemoveTags(Vec<String>),
    GrantOffer(#[serde(with = "as_text")] OfferId),
    RevokeOffer(#[serde(with = "as_text")] OfferId),
    AssignCourse(#[serde(with = "as_text")] CourseId),
    AddToCommunity(#[serde(with = "as_text")] CommunityId),
    Stop,
}

/// What ends a wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Wait {
    For(WorkflowDuration),
    Until(DateTime<Utc>),
    /// A time of day in the contact's zone.
    UntilTime(NaiveTime),
    Event {
        event: TriggerRule,
        at_most: WorkflowDuration,
        /// The step of runs whose event did not come.
        otherwise: Option<String>,
    },
}

text_enum! {
    /// The unit of a duration.
    #[derive(async_graphql::Enum, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    WorkflowDurationUnit {
        /// Minutes.
        Minutes = "MINUTES",
        /// Hours.
        Hours = "HOURS",
        /// Days of 24 hours.
        Days = "DAYS",
    }
}

/// How long a wait lasts.
#[derive(
    async_graphql::SimpleObject,
    async_graphql::InputObject,
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
)]
#[graphql(input_name = "WorkflowDurationInput")]
pub(crate) struct WorkflowDuration {
    /// How many: at least 1, and at most 365 days in all.
    pub amount: i32,
    /// Of what.
    pub unit: WorkflowDurationUnit,
}

impl WorkflowDuration {
    pub(crate) fn minutes(self) -> i64 {
        let unit = match self.unit {
            WorkflowDurationUnit::Minutes => 1,
            WorkflowDurationUnit::Hours => 60,
            WorkflowDurationUnit::Days => 24 * 60,
        };
        i64::from(self.amount) * unit
    }
}

text_enum! {
    /// Whether a contact may enter a workflow again.
    #[derive(async_graphql::Enum, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    WorkflowReentry {
        /// A contact enters once.
        Never = "NEVER",
        /// A contact enters again once the earlier run has ended.
        AfterEnd = "AFTER_END",
        /// A contact enters with every event.
        Always = "ALWAYS",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub reentry: WorkflowReentry,
    /// Whether a run ends when its contact joins.
    pub stop_on_join: bool,
    /// Hours of the contact's day in which no message is sent.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reentry: WorkflowReentry::AfterEnd,
            stop_on_join: false,
            quiet_hours: None,
        }
    }
}

impl Definition {
    pub(crate) fn step(&self, key: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.key == key)
    }

    /// The start triggers, each once.
    pub(crate) fn kinds(&self) -> Vec<WorkflowTrigger> {
        let mut kinds: Vec<WorkflowTrigger> = Vec::new();
        for rule in &self.triggers {
            if !kinds.contains(&rule.trigger) {
                kinds.push(rule.trigger);
            }
        }
        kinds
    }
}

impl Step {
    /// The step that follows if the answer is no: of a branch, or of a wait for an event.
    pub(crate) fn otherwise(&self) -> Option<&String> {
        match &self.action {
            Action::Branch { otherwise, .. } | Action::Wait(Wait::Event { otherwise, .. }) => {
                otherwise.as_ref()
            }
            _ => None,
        }
    }

    /// The steps that may follow.
    pub(crate) fn successors(&self) -> impl Iterator<Item = &String> {
        let next = self.next.iter().filter(|_| self.action != Action::Stop);
        next.chain(self.otherwise())
    }

    /// The template of a step that sends, and how it is delivered.
    pub(crate) fn template(&self) -> Option<(Channel, TemplateId)> {
        match &self.action {
            Action::SendEmail(id) | Action::SendMarketingEmail(id) => Some((Channel::Email, *id)),
            Action::SendSms(id) => Some((Channel::Sms, *id)),
            _ => None,
        }
    }

    /// Whether contacts who unsubscribed are skipped.
    pub(crate) fn marketing(&self) -> bool {
        matches!(self.action, Action::SendMarketingEmail(_))
    }

    /// What the step grants or revokes.
    pub(crate) fn target(&self) -> Option<Target> {
        match &self.action {
            Action::GrantOffer(id) | Action::RevokeOffer(id) => Some(Target::Offer(*id)),
            Action::AssignCourse(id) => Some(Target::Course(*id)),
            Action::AddToCommunity(id) => Some(Target::Community(*id)),
            _ => None,
        }
    }

    /// The name of its kind in the input of the API.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.action {
            Action::SendEmail(_) | Action::SendMarketingEmail(_) => "sendEmail",
            Action::SendSms(_) => "sendSms",
            Action::Wait(_) => "wait",
            Action::Branch { .. } => "branch",
            Action::AddTags(_) => "addTags",
            Action::RemoveTags(_) => "removeTags",
            Action::GrantOffer(_) => "grantOffer",
            Action::RevokeOffer(_) => "revokeOffer",
            Action::AssignCourse(_) => "assignCourse",
            Action::AddToCommunity(_) => "addToCommunity",
            Action::Stop => "stop",
        }
    }

    /// The event that a wait is for.
    pub(crate) fn awaited(&self) -> Option<&TriggerRule> {
        match &self.action {
            Action::Wait(Wait::Event { event, .. }) => Some(event),
            _ => None,
        }
    }
}

/// Ids as text.
mod as_text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
