//! Events that start runs and end waits.

use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::definition::TriggerRule;
use crate::access::model::Target;
use crate::base::audit::EventKind;
use crate::base::db::schema::workflow_events;
use crate::base::ids::{AccountId, ContactId, WorkflowId};
use crate::templates::trigger::WorkflowTrigger;

/// The position of the last event that was queued, as SQL.
pub(crate) const LAST_POSITION: &str = "coalesce((select max(position) from workflow_events), 0)";

/// An event that workflows have not seen yet.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workflow_events)]
pub(crate) struct QueuedEvent {
    pub account_id: AccountId,
    pub event_id: Uuid,
    pub position: i64,
    pub contact_id: ContactId,
    pub kind: String,
    pub subject: Option<String>,
    pub detail: Option<Value>,
    pub generation: i32,
}

/// The kinds of audit events that a trigger listens to. None: time fires it, or nothing does yet.
pub(crate) fn audit_kinds(trigger: WorkflowTrigger) -> &'static [EventKind] {
    match trigger {
        WorkflowTrigger::OfferAccessGranted => &[EventKind::OfferAccessGranted],
        WorkflowTrigger::OfferAccessRevoked => &[EventKind::OfferAccessRevoked],
        WorkflowTrigger::NewSignUp => &[EventKind::NewSignUp],
        WorkflowTrigger::ContactInvited => &[EventKind::Invited],
        WorkflowTrigger::ContactJoined => &[EventKind::Joined],
        WorkflowTrigger::PortalSignIn => &[EventKind::LinkUsed, EventKind::SignedIn],
        WorkflowTrigger::CourseAssigned => &[EventKind::CourseAssigned],
        WorkflowTrigger::CourseRevoked => &[EventKind::CourseRevoked],
        WorkflowTrigger::CourseStarted => &[EventKind::CourseStarted],
        WorkflowTrigger::CourseCompleted => &[EventKind::CourseCompleted],
        WorkflowTrigger::ModuleCompleted => &[EventKind::ModuleCompleted],
        WorkflowTrigger::LessonCompleted => &[EventKind::LessonCompleted],
        WorkflowTrigger::CommunityAccessGranted => &[EventKind::CommunityAccessGranted],
        WorkflowTrigger::CommunityAccessRevoked => &[EventKind::CommunityAccessRevoked],
        WorkflowTrigger::AffiliateEnrolled => &[EventKind::AffiliateEnrolled],
        WorkflowTrigger::AffiliateSale => &[EventKind::AffiliateSale],
        WorkflowTrigger::ContactCreated => &[EventKind::ContactCreated],
        WorkflowTrigger::TagAdded => &[EventKind::ContactUpdated, EventKind::ContactCreated],
        WorkflowTrigger::TagRemoved => &[EventKind::ContactUpdated],
        WorkflowTrigger::InvitationUnanswered
        | WorkflowTrigger::ContactInactive
        | WorkflowTrigger::MessageReceived => &[],
    }
}

/// Whether time fires it.
pub(crate) fn depends_on_time(trigger: WorkflowTrigger) -> bool {
    matches!(
        trigger,
        WorkflowTrigger::InvitationUnanswered | WorkflowTrigger::ContactInactive
    )
}

impl QueuedEvent {
    fn detail_text(&self, name: &str) -> Option<&str> {
        self.detail.as_ref()?.get(name)?.as_str()
    }

    /// The offer, course or community that messages about the event name: of a lesson, its course.
    pub(crate) fn about(&self) -> Option<Uuid> {
        let id = self.detail_text("courseId").or(self.subject.as_deref())?;
        id.parse::<Target>().ok().map(Target::id)
    }

    fn tags(&self, name: &str) -> impl Iterator<Item = &str> {
        let tags = self
            .detail
            .as_ref()
            .and_then(|detail| detail.get(name)?.as_array());
        tags.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether the rule of a workflow selects the event.
    pub(crate) fn matches(&self, workflow: WorkflowId, rule: &TriggerRule) -> bool {
        if depends_on_time(rule.trigger) {
            let days = self
                .detail
                .as_ref()
                .and_then(|detail| detail.get("days")?.as_i64());
            return self.kind == rule.trigger.as_str()
                && self.detail_text("workflowId") == Some(&workflow.to_string())
                && days == rule.days.map(i64::from);
        }
        let of_kind = audit_kinds(rule.trigger)
            .iter()
            .any(|kind| kind.as_str() == self.kind);
        of_kind && self.has_tag(rule) && self.is_about(rule)
    }

    fn has_tag(&self, rule: &TriggerRule) -> bool {
        let changed = match rule.trigger {
            WorkflowTrigger::TagAdded => "tagsAdded",
            WorkflowTrigger::TagRemoved => "tagsRemoved",
            _ => return true,
        };
        self.tags(changed)
            .any(|tag| rule.tags.is_empty() || rule.tags.iter().any(|wanted| wanted == tag))
    }

    fn is_about(&self, rule: &TriggerRule) -> bool {
        let about = [
            self.subject.as_deref(),
            self.detail_text("courseId"),
            self.detail_text("moduleId"),
        ];
        rule.targets.is_empty()
            || rule
                .targets
                .iter()
                .any(|target| about.contains(&Some(&target[..])))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, subject: &str, detail: Value) -> QueuedEvent {
        QueuedEvent {
            account_id: AccountId(Uuid::nil()),
            event_id: Uuid::nil(),
            position: 1,
            contact_id: ContactId(Uuid::nil()),
            kind: kind.to_owned(),
            subject: Some(subject.to_owned()),
            detail: Some(detail),
            generation: 0,
        }
    }

    fn rule(json: Value) -> TriggerRule {
        serde_json::from_value(json).expect("a rule")
    }

    fn matches(event: &QueuedEvent, json: Value) -> bool {
        event.matches(WorkflowId(Uuid::nil()), &rule(json))
    }

    #[test]
    fn a_rule_selects_what_the_event_is_about() {
        let lesson = json!({"courseId": "course_1", "moduleId": "module_1"});
        let completed = event("LESSON_COMPLETED", "lesson_1", lesson);
        for target in ["lesson_1", "module_1", "course_1"] {
            let rule = json!({"trigger": "LESSON_COMPLETED", "targets": ["other", target]});
            assert!(matches(&completed, rule), "{target}");
        }
        assert!(matches(&completed, json!({"trigger": "LESSON_COMPLETED"})));
        assert!(!matches(
            &completed,
            json!({"trigger": "LESSON_COMPLETED", "targets": ["course_2"]})
        ));
        assert!(!matches(&completed, json!({"trigger": "MODULE_COMPLETED"})));
    }

    #[test]
    fn a_tag_rule_needs_one_of_its_tags_among_the_changed_ones() {
        let changed = event(
            "CONTACT_UPDATED",
            "",
            json!({"changed": ["tags"], "tagsAdded": ["vip"]}),
        );
        assert!(matches(&changed, json!({"trigger": "TAG_ADDED"})));
        assert!(matches(
            &changed,
            json!({"trigger": "TAG_ADDED", "tags": ["new", "vip"]})
        ));
        assert!(!matches(
            &changed,
            json!({"trigger": "TAG_ADDED", "tags": ["VIP"]})
        ));
        assert!(!matches(&changed, json!({"trigger": "TAG_REMOVED"})));
        let renamed = event("CONTACT_UPDATED", "", json!({"changed": ["firstName"]}));
        assert!(!matches(&renamed, json!({"trigger": "TAG_ADDED"})));
    }

    #[test]
    fn what_time_fires_belongs_to_one_workflow_and_number_of_days() {
        let workflow = WorkflowId(Uuid::from_u128(7));
        let detail = json!({"workflowId": workflow.to_string(), "days": 3});
        let due = event("CONTACT_INACTIVE", "", detail);
        let three = rule(json!({"trigger": "CONTACT_INACTIVE", "days": 3}));
        assert!(due.matches(workflow, &three));
        assert!(!due.matches(WorkflowId(Uuid::nil()), &three));
        assert!(!due.matches(workflow, &rule(json!({"trigger": "CONTACT_INACTIVE", "days": 4}))));
    }
}
