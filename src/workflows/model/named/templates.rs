//! What is wrong with the templates that a definition sends.

use std::collections::{HashMap, HashSet};

use message_templates::Severity;

use super::Named;
use crate::base::error::Result;
use crate::base::ids::TemplateId;
use crate::messages::model::Channel;
use crate::templates::content::{PartProblem, TemplatePart};
use crate::templates::fields::{LOGIN_URL, Usage};
use crate::templates::model::TemplateStatus;
use crate::templates::trigger::WorkflowTrigger;
use crate::workflows::model::check::WorkflowProblem;
use crate::workflows::model::definition::{Definition, Step};

impl Named {
    /// The errors of the templates. Each is checked once, or once more as marketing, however many steps send it.
    pub(super) async fn check_templates(
        &mut self,
        definition: &Definition,
    ) -> Result<HashMap<(TemplateId, bool), String>> {
        let triggers = definition.kinds();
        let sends = definition.steps.iter();
        let sent: HashSet<(TemplateId, bool)> = sends
            .filter_map(|step| Some((step.template()?.1, step.marketing())))
            .collect();
        let mut errors = HashMap::new();
        for (id, marketing) in sent {
            let Some(template) = self.templates.get(&id) else {
                continue;
            };
            let usage = Usage {
                channel: template.row.channel,
                triggers: &triggers,
                marketing,
            };
            let checked = template.content.check(usage).await?;
            if checked.uses(LOGIN_URL) {
                self.with_login_url.insert(id);
            }
            let mut problems = checked.problems.into_iter();
            let error = problems.find(|found| {
                found.problem.severity == Severity::Error && !waits_for_trigger(found, &triggers)
            });
            errors.extend(error.map(|error| ((id, marketing), described(&template.row.name, &error))));
        }
        Ok(errors)
    }

    pub(super) fn check_template(
        &self,
        step: (usize, &Step),
        channel: Channel,
        id: TemplateId,
        error: Option<&String>,
    ) -> Option<WorkflowProblem> {
        let at = |message: &str| Some(WorkflowProblem::at_step(step, "templateId", message));
        let Some(template) = self.templates.get(&id) else {
            return at("there is no such template.");
        };
        if template.row.channel != channel {
            let right = match channel {
                Channel::Email => "this template is a text message: choose an email.",
                Channel::Sms => "this template is an email: choose a text message.",
            };
            return at(right);
        }
        if template.row.status == TemplateStatus::Archived {
            return at("this template is archived: take it out of the archive, or choose another.");
        }
        error.and_then(|error| at(error))
    }
}

/// Without a trigger it isn't known yet which fields there are.
fn waits_for_trigger(found: &PartProblem, triggers: &[WorkflowTrigger]) -> bool {
    triggers.is_empty() && found.of_event()
}

fn described(template: &str, PartProblem { part, problem }: &PartProblem) -> String {
    let part = match part {
        TemplatePart::Subject => "the subject",
        TemplatePart::Body => "the body",
        TemplatePart::Text => "the text part",
    };
    let (line, column) = (problem.line, problem.column);
    format!(
        "in the template {template}, line {line}, column {column} of {part}: {}",
        problem.message
    )
}
