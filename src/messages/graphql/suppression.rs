//! Suppressions in the API.

use async_graphql::{Context, Enum, SimpleObject};

use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::messages::model::suppression;
use crate::messages::model::suppression::NOT_ME;

/// Why email to an address is stopped.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuppressionReason {
    /// Its mail server refused a message permanently.
    Bounced,
    /// The recipient reported "This wasn't me" for an email. It expires.
    NotMe,
}

/// Email to the contact's address is stopped, until staff lift it by `resumeMail` or it expires.
#[derive(SimpleObject, Clone)]
pub(crate) struct Suppression {
    /// Why.
    reason: SuppressionReason,
    /// The response of the mail server, if it refused.
    detail: Option<String>,
    /// When it began.
    since: DateTime,
    /// When it expires; null if never.
    until: Option<DateTime>,
}

impl Suppression {
    /// The suppression in effect.
    pub(crate) async fn of_contact(ctx: &Context<'_>, contact: ContactId) -> Result<Option<Self>> {
        let found = ctx.loaders().suppressions.get(contact).await?;
        let now = ctx.services().clock.now();
        Ok(found.filter(|found| found.live(now)).map(Into::into))
    }
}

impl From<suppression::Suppression> for Suppression {
    fn from(found: suppression::Suppression) -> Self {
        let not_me = found.reason == NOT_ME;
        Self {
            reason: if not_me {
                SuppressionReason::NotMe
            } else {
                SuppressionReason::Bounced
            },
            since: DateTime(found.created_at),
            until: found.expires_at.map(DateTime),
            detail: Some(found.reason).filter(|_| !not_me),
        }
    }
}
