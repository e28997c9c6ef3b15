//! What is wrong with a definition by itself. What it names is checked in `named.rs`.

mod graph;

use chrono::{DateTime, TimeDelta, Utc};

use super::definition::{Action, Definition, Step, TriggerRule, Wait, WorkflowDuration};
use super::event::{audit_kinds, depends_on_time};
use crate::base::error::{Error, Result};
use crate::templates::trigger::WorkflowTrigger;

pub(crate) const MAX_STEPS: usize = 100;
pub(crate) const MAX_TRIGGERS: usize = 20;
const MAX_KEY_CHARS: usize = 40;
/// Targets and tags of a rule.
const MAX_VALUES: usize = 20;
const MAX_WAIT_DAYS: i64 = 365;

/// Something that staff must change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkflowProblem {
    /// The path of the field in the input of the API, such as `steps.3.sendEmail.templateId`.
    pub field: String,
    pub step_key: Option<String>,
    /// What it is, and what would be right.
    pub message: String,
    /// Whether only publishing is refused.
    pub draft_allowed: bool,
}

impl WorkflowProblem {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            step_key: None,
            message: message.into(),
            draft_allowed: false,
        }
    }

    /// At a field of the step with this index.
    pub(crate) fn at_step((index, step): (usize, &Step), field: &str, message: impl AsRef<str>) -> Self {
        let kind = step.kind();
        Self {
            step_key: Some(step.key.clone()),
            ..Self::new(
                format!("steps.{index}.{kind}.{field}"),
                format!("Step {}: {}", step.key, message.as_ref()),
            )
        }
    }

    fn of_draft(field: &str, message: &str) -> Self {
        Self {
            draft_allowed: true,
            ..Self::new(field, message)
        }
    }
}

/// Refuses a definition with a problem: a draft, unless it is allowed there. The error is at the field of the input.
pub(crate) fn refuse_draft(problems: &[WorkflowProblem]) -> Result<()> {
    match problems.iter().find(|problem| !problem.draft_allowed) {
        Some(problem) => Err(Error::bad_input(
            format!("input.{}", problem.field),
            &problem.message[..],
        )),
        None => Ok(()),
    }
}

/// All problems that need nothing but the definition.
pub(crate) fn check(definition: &Definition, now: DateTime<Utc>) -> Vec<WorkflowProblem> {
    let mut problems = Vec::new();
    if definition.triggers.is_empty() {
        let message = "Nothing starts it: add a trigger.";
        problems.push(WorkflowProblem::of_draft("triggers", message));
    }
    if definition.steps.is_empty() {
        let message = "It does nothing: add a step.";
        problems.push(WorkflowProblem::of_draft("steps", message));
    }
    if definition.triggers.len() > MAX_TRIGGERS {
        let message = format!("It has at most {MAX_TRIGGERS} triggers.");
        problems.push(WorkflowProblem::new("triggers", message));
    }
    if definition.steps.len() > MAX_STEPS {
        let message = format!("It has at most {MAX_STEPS} steps.");
        problems.push(WorkflowProblem::new("steps", message));
        return problems;
    }
    for (index, rule) in definition.triggers.iter().enumerate() {
        problems.extend(check_rule(&format!("triggers.{index}"), rule, true));
    }
    problems.extend(check_hours(definition));
    problems.extend(check_keys(&definition.steps));
    for step in definition.steps.iter().enumerate() {
        problems.extend(check_step(step, now));
    }
    problems.extend(graph::check(&definition.steps));
    problems
}

fn check_hours(definition: &Definition) -> Option<WorkflowProblem> {
    let hours = definition.settings.quiet_hours?;
    let message = "They begin and end at the same time: name two times, or leave them out.";
    (hours.start == hours.end).then(|| WorkflowProblem::new("settings.quietHours.end", message))
}

fn check_rule(field: &str, rule: &TriggerRule, starts: bool) -> Vec<WorkflowProblem> {
    let name = rule.trigger.as_str();
    let at = |part: &str, message: String| WorkflowProblem::new(format!("{field}.{part}"), message);
    let mut problems = Vec::new();
    let timed = depends_on_time(rule.trigger);
    if audit_kinds(rule.trigger).is_empty() && !timed {
        problems.push(at(
            "trigger",
            format!("{name} is not available yet: choose another trigger."),
        ));
    }
    if timed && !starts {
        let message = format!("{name} only starts a workflow: wait for another event, or for a time.");
        problems.push(at("trigger", message));
    }
    if timed
        && !rule
            .days
            .is_some_and(|days| (1..=MAX_WAIT_DAYS).contains(&i64::from(days)))
    {
        problems.push(at(
            "days",
            format!("{name} needs a number of days, from 1 to {MAX_WAIT_DAYS}."),
        ));
    }
    if !timed && rule.days.is_some() {
        problems.push(at("days", format!("{name} has no days: leave them out.")));
    }
    let of_tags = matches!(
        rule.trigger,
        WorkflowTrigger::TagAdded | WorkflowTrigger::TagRemoved
    );
    if !of_tags && !rule.tags.is_empty() {
        problems.push(at("tags", format!("{name} has no tags: leave them out.")));
    }
    for (part, count) in [("targetIds", rule.targets.len()), ("tags", rule.tags.len())] {
        if count > MAX_VALUES {
            problems.push(at(part, format!("Name at most {MAX_VALUES}.")));
        }
    }
    problems
}

fn check_keys(steps: &[Step]) -> Vec<WorkflowProblem> {
    let mut problems = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let field = format!("steps.{index}.{}.key", step.kind());
        if step.key.is_empty() || step.key.len() > MAX_KEY_CHARS || !step.key.chars().all(allowed) {
            let message =
                format!("A key has 1 to {MAX_KEY_CHARS} lower-case letters, digits and underscores.");
            problems.push(WorkflowProblem::new(field, message));
        } else if steps.iter().take(index).any(|earlier| earlier.key == step.key) {
            problems.push(WorkflowProblem::at_step(
                (index, step),
                "key",
                "another step has this key.",
            ));
        }
    }
    problems
}

fn check_step(step: (usize, &Step), now: DateTime<Utc>) -> Vec<WorkflowProblem> {
    let at = |field: &str, message: &str| vec![WorkflowProblem::at_step(step, field, message)];
    match &step.1.action {
        Action::Wait(wait) => check_wait(step, wait, now),
        Action::AddTags(tags) | Action::RemoveTags(tags) if tags.is_empty() => {
            at("tags", "name at least one tag.")
        }
        Action::Branch { conditions, .. } if conditions.is_empty() => at(
            "condition",
            "name at least one condition: without any, every contact matches.",
        ),
        Action::Branch { otherwise: None, .. } if step.1.next.is_none() => {
            at("next", "it leads nowhere: name a step in next or in otherwise.")
        }
        Action::Stop if step.1.next.is_some() => at("next", "nothing follows a stop: leave next out."),
        _ => Vec::new(),
    }
}

fn check_wait(step: (usize, &Step), wait: &Wait, now: DateTime<Utc>) -> Vec<WorkflowProblem> {
    let at = |field: &str, message: &str| WorkflowProblem::at_step(step, field, message);
    let too_long = |span: WorkflowDuration| !(1..=MAX_WAIT_DAYS * 24 * 60).contains(&span.minutes());
    let length = format!("it takes at least 1 minute and at most {MAX_WAIT_DAYS} days.");
    match wait {
        Wait::For(span) if too_long(*span) => vec![at("duration", &length)],
        Wait::Until(until) if *until <= now => {
            vec![at("until", "this time is over: name one in the future.")]
        }
        Wait::Until(until) if *until > now + TimeDelta::days(MAX_WAIT_DAYS) => {
            vec![at(
                "until",
                &format!("it is more than {MAX_WAIT_DAYS} days away."),
            )]
        }
        Wait::For(_) | Wait::Until(_) | Wait::UntilTime(_) => Vec::new(),
        Wait::Event { event, at_most, .. } => {
            let field = format!("steps.{}.wait.event", step.0);
            let rule = check_rule(&field, event, false).into_iter();
            let mut problems: Vec<WorkflowProblem> = rule
                .map(|problem| WorkflowProblem {
                    step_key: Some(step.1.key.clone()),
                    message: format!("Step {}: {}", step.1.key, problem.message),
                    ..problem
                })
                .collect();
            if too_long(*at_most) {
                problems.push(at("atMost", &length));
            }
            problems
        }
    }
}

#[cfg(test)]
mod tests;
