//! Why no mail goes to a contact.

use async_graphql::{Context, Enum, SimpleObject};

use crate::api::context::Request;
use crate::api::scalars::DateTime;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::messages::model::suppression;
use crate::messages::model::suppression::NOT_ME;

/// Why no mail goes to an address.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionReason {
    /// Its mail server refused a message for good.
    Bounced,
    /// Its reader said of a mail: this was not me. It ends by itself.
    NotMe,
}

/// No mail goes to the contact's address: until staff lift it by `resumeMail`, or for a while.
#[derive(SimpleObject, Clone)]
pub struct Suppression {
    /// Why.
    reason: SuppressionReason,
    /// The mail server's own words, where it refused.
    detail: Option<String>,
    /// Since when.
    since: DateTime,
    /// When it ends by itself; null: never.
    until: Option<DateTime>,
}

impl Suppression {
    /// What holds now.
    pub async fn of_contact(ctx: &Context<'_>, contact: ContactId) -> Result<Option<Self>> {
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
