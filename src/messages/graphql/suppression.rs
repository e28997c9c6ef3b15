//! Suppressions in the API.

use async_graphql::{Context, Enum, SimpleObject};

use crate::api::context::ContextExt;
use crate::api::scalars::DateTime;
use crate::base::error::Result;
use crate::base::ids::ContactId;
use crate::messages::model::suppression;
use crate::messages::model::suppression::{COMPLAINED, NOT_ME, STOPPED};
use crate::messages::model::{Channel, Message};

/// Why nothing is sent to an address or a phone number.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuppressionReason {
    /// Its mail server refused a message permanently, or the number can't receive texts.
    Bounced,
    /// The recipient reported "This wasn't me" for an email. It expires.
    NotMe,
    /// The recipient reported an email as spam to their mail provider.
    Complained,
    /// The recipient answered STOP to a text message. Only their START lifts it.
    Stopped,
}

/// Nothing is sent to the contact's address or number, until staff lift it by `resumeMail` or it expires.
#[derive(SimpleObject, Clone)]
pub(crate) struct Suppression {
    /// Why.
    reason: SuppressionReason,
    /// The response of the mail server or the SMS provider, if it refused.
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

    /// The suppression of the contact's phone number in effect.
    pub(crate) async fn of_phone(ctx: &Context<'_>, contact: ContactId) -> Result<Option<Self>> {
        let found = ctx.loaders().sms_suppressions.get(contact).await?;
        let now = ctx.services().clock.now();
        Ok(found.filter(|found| found.live(now)).map(Into::into))
    }

    /// Why a message was suppressed. The reason is that of its address, unless it has ended or changed since.
    pub(crate) async fn reason_of(ctx: &Context<'_>, message: &Message) -> Result<String> {
        let key = message.address.to_ascii_lowercase();
        let found = ctx.loaders().suppressions_of_addresses.get(key).await?;
        let suppression = found
            .filter(|found| found.created_at <= message.due_at)
            .map(Self::from);
        Ok(match suppression.map(|found| (found.reason, found.detail)) {
            Some((SuppressionReason::Bounced, Some(reply))) => {
                let to = match message.channel {
                    Channel::Email => "the address bounced before",
                    Channel::Sms => "the number can't receive texts",
                };
                format!("Not sent: {to}. {reply}")
            }
            Some((SuppressionReason::NotMe, _)) => {
                "Not sent: its owner reported an email they had not requested.".to_owned()
            }
            Some((SuppressionReason::Complained, _)) => {
                "Not sent: its owner reported an earlier email as spam.".to_owned()
            }
            Some((SuppressionReason::Stopped, _)) => {
                "Not sent: the recipient answered STOP to a text message.".to_owned()
            }
            Some((SuppressionReason::Bounced, None)) | None => match message.channel {
                Channel::Email => "Not sent: email to this address was suppressed then.".to_owned(),
                Channel::Sms => "Not sent: text messages to this number were suppressed then.".to_owned(),
            },
        })
    }
}

impl From<suppression::Suppression> for Suppression {
    fn from(found: suppression::Suppression) -> Self {
        let reason = match found.reason.as_str() {
            NOT_ME => SuppressionReason::NotMe,
            COMPLAINED => SuppressionReason::Complained,
            STOPPED => SuppressionReason::Stopped,
            _ => SuppressionReason::Bounced,
        };
        Self {
            reason,
            since: DateTime(found.created_at),
            until: found.expires_at.map(DateTime),
            detail: Some(found.reason).filter(|_| reason == SuppressionReason::Bounced),
        }
    }
}
