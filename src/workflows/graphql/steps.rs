//! Steps in the API.

/// A type of steps: with its key, what follows, and fields of its own.
macro_rules! step_type {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        #[derive(Clone)]
        pub(crate) struct $name(pub(in crate::workflows::graphql::steps) Step);

        $(#[$doc])*
        #[Object]
        impl $name {
            /// What other steps name it by, unique in the workflow.
            pub(crate) async fn key(&self) -> String {
                self.0.key.clone()
            }

            /// The key of the step that follows; null: the run ends.
            pub(crate) async fn next(&self) -> Option<String> {
                self.0.next.clone()
            }

            $($own)*
        }
    };
}

// After the macro that it uses.
mod contact;

use async_graphql::{Context, ID, Interface, Object, Result as GraphqlResult};
use serde_json::Value;

use self::contact::{
    AddTagsStep, AddToCommunityStep, AssignCourseStep, GrantOfferStep, RemoveTagsStep, RevokeOfferStep,
};
use super::definition::WorkflowTriggerRule;
use crate::api::connection::nullable;
use crate::api::context::ContextExt;
use crate::api::scalars::{DateTime, LocalTime};
use crate::base::error::{Error, Result};
use crate::contacts::graphql::input::ContactFilter;
use crate::templates::graphql::Template;
use crate::workflows::model::definition::{Action, Step, Wait, WorkflowDuration};

/// A step of a workflow.
#[derive(Interface, Clone)]
#[graphql(
    field(
        name = "key",
        ty = "String",
        desc = "What other steps name it by, unique in the workflow."
    ),
    field(
        name = "next",
        ty = "Option<String>",
        desc = "The key of the step that follows; null: the run ends."
    )
)]
pub(crate) enum WorkflowStep {
    SendEmail(SendEmailStep),
    SendSms(SendSmsStep),
    Wait(WaitStep),
    Branch(BranchStep),
    AddTags(AddTagsStep),
    RemoveTags(RemoveTagsStep),
    GrantOffer(GrantOfferStep),
    RevokeOffer(RevokeOfferStep),
    AssignCourse(AssignCourseStep),
    AddToCommunity(AddToCommunityStep),
    Stop(StopStep),
}

impl From<Step> for WorkflowStep {
    fn from(step: Step) -> Self {
        match step.action {
            Action::SendEmail(_) | Action::SendMarketingEmail(_) => Self::SendEmail(SendEmailStep(step)),
            Action::SendSms(_) => Self::SendSms(SendSmsStep(step)),
            Action::Wait(_) => Self::Wait(WaitStep(step)),
            Action::Branch { .. } => Self::Branch(BranchStep(step)),
            Action::AddTags(_) => Self::AddTags(AddTagsStep(step)),
            Action::RemoveTags(_) => Self::RemoveTags(RemoveTagsStep(step)),
            Action::GrantOffer(_) => Self::GrantOffer(GrantOfferStep(step)),
            Action::RevokeOffer(_) => Self::RevokeOffer(RevokeOfferStep(step)),
            Action::AssignCourse(_) => Self::AssignCourse(AssignCourseStep(step)),
            Action::AddToCommunity(_) => Self::AddToCommunity(AddToCommunityStep(step)),
            Action::Stop => Self::Stop(StopStep(step)),
        }
    }
}

/// The template of a step that sends.
async fn template(ctx: &Context<'_>, step: &Step) -> Result<Option<Template>> {
    let Some((_, id)) = step.template() else {
        return Ok(None);
    };
    Ok(ctx.loaders().templates.get(id).await?.map(Template::from))
}

fn template_id(step: &Step) -> ID {
    ID(step.template().map(|(_, id)| id.to_string()).unwrap_or_default())
}

step_type! {
    /// Sends an email. Contacts who can't get one go on without it.
    SendEmailStep {
        /// The id of the template. What it says when the workflow is published is sent.
        async fn template_id(&self) -> ID {
            template_id(&self.0)
        }

        /// The template; null if it is gone.
        async fn template(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Template>> {
            nullable(template(ctx, &self.0)).await
        }

        /// Whether it is a marketing email: contacts who unsubscribed are skipped, and it has a link to unsubscribe.
        async fn marketing(&self) -> bool {
            self.0.marketing()
        }
    }
}

step_type! {
    /// Sends a text message. Contacts who can't get one go on without it.
    SendSmsStep {
        /// The id of the template. What it says when the workflow is published is sent.
        async fn template_id(&self) -> ID {
            template_id(&self.0)
        }

        /// The template; null if it is gone.
        async fn template(&self, ctx: &Context<'_>) -> Option<GraphqlResult<Template>> {
            nullable(template(ctx, &self.0)).await
        }
    }
}

step_type! {
    /// Waits: for a time, until a time, or until an event.
    WaitStep {
        /// How long.
        async fn duration(&self) -> Option<WorkflowDuration> {
            match &self.0.action {
                Action::Wait(Wait::For(span)) => Some(*span),
                _ => None,
            }
        }

        /// Until when.
        async fn until(&self) -> Option<DateTime> {
            match &self.0.action {
                Action::Wait(Wait::Until(at)) => Some(DateTime(*at)),
                _ => None,
            }
        }

        /// Until this time of day comes in the contact's time zone.
        async fn until_time(&self) -> Option<LocalTime> {
            match &self.0.action {
                Action::Wait(Wait::UntilTime(time)) => Some(LocalTime::from(*time)),
                _ => None,
            }
        }

        /// Until this happens to the contact.
        async fn event(&self) -> Option<WorkflowTriggerRule> {
            self.0.awaited().cloned().map(Into::into)
        }

        /// How long it waits for the event.
        async fn at_most(&self) -> Option<WorkflowDuration> {
            match &self.0.action {
                Action::Wait(Wait::Event { at_most, .. }) => Some(*at_most),
                _ => None,
            }
        }

        /// The key of the step that follows if the event does not come; null: the run ends.
        async fn otherwise(&self) -> Option<&String> {
            self.0.otherwise()
        }
    }
}

step_type! {
    /// Goes on in one of two ways, whether the contact matches or not.
    BranchStep {
        /// What the contact must meet.
        async fn condition(&self) -> Result<ContactFilter> {
            let conditions = match &self.0.action {
                Action::Branch { conditions, .. } => conditions.clone(),
                _ => serde_json::Map::default(),
            };
            serde_json::from_value(Value::Object(conditions)).map_err(Error::internal)
        }

        /// The key of the step that follows for contacts who don't match; null: the run ends.
        async fn otherwise(&self) -> Option<&String> {
            self.0.otherwise()
        }
    }
}

step_type! {
    /// Ends the run.
    StopStep {}
}
