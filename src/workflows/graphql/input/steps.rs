//! Steps as the API takes them.

use async_graphql::{ID, InputObject, OneofObject};

use super::WorkflowTriggerRuleInput;
use crate::api::scalars::{DateTimeText, LocalTime};
use crate::base::error::{Error, Result};
use crate::base::ids::{CommunityId, CourseId, OfferId, TemplateId};
use crate::contacts::graphql::input::{ContactFilter, parse_tags};
use crate::workflows::model::definition::{Action, Step, Wait, WorkflowDuration};

/// A step: exactly one of these.
#[derive(OneofObject)]
pub(in crate::workflows::graphql) enum WorkflowStepInput {
    /// Sends an email.
    SendEmail(SendEmailStepInput),
    /// Sends a text message.
    SendSms(SendSmsStepInput),
    /// Waits.
    Wait(WaitStepInput),
    /// Goes on in one of two ways.
    Branch(BranchStepInput),
    /// Adds tags to the contact.
    AddTags(TagStepInput),
    /// Removes tags of the contact.
    RemoveTags(TagStepInput),
    /// Grants an offer to the contact.
    GrantOffer(OfferStepInput),
    /// Revokes an offer for the contact, whatever granted it.
    RevokeOffer(OfferStepInput),
    /// Grants a course to the contact.
    AssignCourse(CourseStepInput),
    /// Grants a community to the contact.
    AddToCommunity(CommunityStepInput),
    /// Ends the run.
    Stop(StopStepInput),
}

/// A step that sends an email.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct SendEmailStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The template. What it says when the workflow is published is sent.
    template_id: ID,
    /// Whether it is a marketing email: contacts who unsubscribed don't get it, and it has a link to unsubscribe, below it unless
    /// `{{ unsubscribe_url }}` is in it. False by default.
    marketing: Option<bool>,
}

/// A step that sends a text message.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct SendSmsStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The template. What it says when the workflow is published is sent.
    template_id: ID,
}

/// A wait: with exactly one of `duration`, `until`, `untilTime` and `event`.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct WaitStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// How long.
    duration: Option<WorkflowDuration>,
    /// Until when: in the future, at most 365 days away.
    until: Option<DateTimeText>,
    /// Until this time of day comes in the contact's time zone.
    until_time: Option<LocalTime>,
    /// Until this happens to the contact. What happened before the wait does not end it.
    event: Option<WorkflowTriggerRuleInput>,
    /// How long it waits for the event, which needs it.
    at_most: Option<WorkflowDuration>,
    /// The key of the step that follows if the event does not come; null: the run ends.
    otherwise: Option<String>,
}

/// A step that goes on in one of two ways.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct BranchStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// What the contact must meet.
    condition: Box<ContactFilter>,
    /// The key of the step that follows for contacts who match; null: the run ends.
    next: Option<String>,
    /// The key of the step that follows for contacts who don't match; null: the run ends.
    otherwise: Option<String>,
}

/// A step that changes tags.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct TagStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The tags: 1 to 50.
    tags: Vec<String>,
}

/// A step that grants or revokes an offer.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct OfferStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The offer.
    offer_id: ID,
}

/// A step that grants a course.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct CourseStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The course.
    course_id: ID,
}

/// A step that grants a community.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct CommunityStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
    /// The key of the step that follows; null: the run ends.
    next: Option<String>,
    /// The community.
    community_id: ID,
}

/// A step that ends the run.
#[derive(InputObject)]
pub(in crate::workflows::graphql) struct StopStepInput {
    /// Its key: 1 to 40 lower-case letters, digits and underscores, unique in the workflow.
    key: String,
}

/// `noun` is what the id is of.
fn id<T: std::str::FromStr>(field: String, id: &ID, noun: &str) -> Result<T> {
    id.parse().map_err(|_| Error::not_found(field, noun))
}

impl WorkflowStepInput {
    pub(in crate::workflows::graphql) fn parse(self, index: usize) -> Result<Step> {
        let at = |field: &str| format!("input.steps.{index}.{field}");
        let step = |key, next, action| Step { key, next, action };
        Ok(match self {
            Self::SendEmail(input) => {
                let template: TemplateId = id(at("sendEmail.templateId"), &input.template_id, "template")?;
                let action = if input.marketing == Some(true) {
                    Action::SendMarketingEmail(template)
                } else {
                    Action::SendEmail(template)
                };
                step(input.key, input.next, action)
            }
            Self::SendSms(input) => {
                let template: TemplateId = id(at("sendSms.templateId"), &input.template_id, "template")?;
                step(input.key, input.next, Action::SendSms(template))
            }
            Self::Wait(input) => input.parse(&at("wait"))?,
            Self::Branch(input) => {
                let conditions = input.condition.conditions()?.into_json();
                let otherwise = input.otherwise;
                step(
                    input.key,
                    input.next,
                    Action::Branch {
                        conditions,
                        otherwise,
                    },
                )
            }
            Self::AddTags(input) => {
                let tags = parse_tags(&at("addTags.tags"), input.tags)?;
                step(input.key, input.next, Action::AddTags(tags))
            }
            Self::RemoveTags(input) => {
                let tags = parse_tags(&at("removeTags.tags"), input.tags)?;
                step(input.key, input.next, Action::RemoveTags(tags))
            }
            Self::GrantOffer(input) => {
                let offer: OfferId = id(at("grantOffer.offerId"), &input.offer_id, "offer")?;
                step(input.key, input.next, Action::GrantOffer(offer))
            }
            Self::RevokeOffer(input) => {
                let offer: OfferId = id(at("revokeOffer.offerId"), &input.offer_id, "offer")?;
                step(input.key, input.next, Action::RevokeOffer(offer))
            }
            Self::AssignCourse(input) => {
                let course: CourseId = id(at("assignCourse.courseId"), &input.course_id, "course")?;
                step(input.key, input.next, Action::AssignCourse(course))
            }
            Self::AddToCommunity(input) => {
                let field = at("addToCommunity.communityId");
                let community: CommunityId = id(field, &input.community_id, "community")?;
                step(input.key, input.next, Action::AddToCommunity(community))
            }
            Self::Stop(input) => step(input.key, None, Action::Stop),
        })
    }
}

impl WaitStepInput {
    fn parse(self, field: &str) -> Result<Step> {
        let one = [
            self.duration.is_some(),
            self.until.is_some(),
            self.until_time.is_some(),
            self.event.is_some(),
        ];
        if one.iter().filter(|given| **given).count() != 1 {
            let message = "Pass exactly one of duration, until, untilTime and event.";
            return Err(Error::bad_input(field, message));
        }
        if self.event.is_none() && (self.at_most.is_some() || self.otherwise.is_some()) {
            let message = "Only a wait for an event has atMost and otherwise: leave them out.";
            return Err(Error::bad_input(format!("{field}.atMost"), message));
        }
        let wait = match (self.duration, self.until, self.until_time, self.event) {
            (Some(span), ..) => Wait::For(span),
            (_, Some(until), ..) => Wait::Until(until.parse(&format!("{field}.until"))?),
            (_, _, Some(time), _) => Wait::UntilTime(time.parse(&format!("{field}.untilTime"))?),
            (.., event) => {
                let missing =
                    || Error::bad_input(format!("{field}.atMost"), "Say how long it waits at most.");
                let rule = event.ok_or_else(missing)?.parse(&format!("{field}.event"))?;
                Wait::Event {
                    event: rule,
                    at_most: self.at_most.ok_or_else(missing)?,
                    otherwise: self.otherwise,
                }
            }
        };
        Ok(Step {
            key: self.key,
            next: self.next,
            action: Action::Wait(wait),
        })
    }
}
