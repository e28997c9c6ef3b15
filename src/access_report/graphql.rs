//! The report in the API: `Contact.accessReport`.

use async_graphql::{Context, ID, Object};

use crate::access::model::Item;
use crate::access_report::model::{Facts, Reason, Step, StepAction, StepKind, StepOutcome};
use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::actor::Scope;
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;

pub(crate) struct AccessReport(Vec<Step>);

pub(crate) struct AccessStep(Step);

/// Why a contact gets in or doesn't: each step that lets them in or stops them.
#[Object]
impl AccessReport {
    /// Whether no step about signing in fails.
    async fn can_sign_in(&self) -> bool {
        self.0
            .iter()
            .all(|step| step.is_about_item() || step.outcome != StepOutcome::Fail)
    }

    /// Whether the portal opens the course or community that the report is about to the contact, once signed in; null without one.
    async fn can_open(&self) -> Option<bool> {
        let mut about_item = self.0.iter().filter(|step| step.is_about_item()).peekable();
        about_item.peek()?;
        Some(about_item.all(|step| step.outcome != StepOutcome::Fail))
    }

    /// The steps, in the order in which the contact meets them.
    async fn steps(&self) -> Vec<AccessStep> {
        self.0.iter().cloned().map(AccessStep).collect()
    }
}

/// One step of an access report.
#[Object]
impl AccessStep {
    /// What it looks at.
    async fn kind(&self) -> StepKind {
        self.0.reason.properties().kind
    }

    /// Whether it lets the contact in.
    async fn outcome(&self) -> StepOutcome {
        self.0.outcome
    }

    /// What it found.
    async fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The same as a sentence.
    async fn message(&self) -> &str {
        self.0.reason.properties().message
    }

    /// The time that the reason mentions.
    async fn at(&self) -> Option<DateTime> {
        self.0.at.map(DateTime)
    }

    /// What staff can do about it.
    async fn action(&self) -> Option<StepAction> {
        self.0.reason.properties().action
    }

    /// The id of the invitation, message, link, course, community or grant that it is about.
    async fn target_id(&self) -> Option<ID> {
        self.0.target.clone().map(ID)
    }
}

impl Step {
    fn is_about_item(&self) -> bool {
        matches!(
            self.reason.properties().kind,
            StepKind::Section | StepKind::Content | StepKind::Grant
        )
    }
}

impl AccessReport {
    /// Needs `READ`.
    pub(crate) async fn load(
        ctx: &Context<'_>,
        contact: ContactId,
        item: Option<ID>,
    ) -> Result<Option<Self>> {
        ctx.staff(Scope::Read)?;
        let item = item.map(|id| parse_item(&id)).transpose()?;
        let Some(contact) = ctx.loaders().contacts.get(contact).await? else {
            return Ok(None);
        };
        let services = ctx.services();
        let now = services.clock.now();
        let mut conn = services.db.conn().await?;
        let facts = Box::pin(Facts::load(
            &mut conn,
            contact,
            item,
            services.settings.google,
            now,
        ))
        .await?;
        let facts = facts.ok_or_else(|| Error::not_found("itemId", "course or community"))?;
        Ok(Some(Self(facts.steps(now))))
    }
}

fn parse_item(id: &ID) -> Result<Item> {
    let course = id.parse().map(Item::Course);
    let parsed = course.or_else(|_| id.parse().map(Item::Community));
    parsed.map_err(|_| Error::bad_input("itemId", "It is not the id of a course or community."))
}
