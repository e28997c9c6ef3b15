//! What a message says, for staff.

use async_graphql::Context;

use crate::api::context::ContextExt;
use crate::base::error::Result;
use crate::messages::emails::EmailSecrets;
use crate::messages::emails::masked::{MaskedMessage, SentMessage};
use crate::messages::model::Message;
use crate::sign_in::person::Person;

/// The message with its secrets masked; `None` if it can't be rendered again.
pub(super) async fn masked(ctx: &Context<'_>, message: &Message) -> Result<Option<MaskedMessage>> {
    let services = ctx.services();
    let Some(rows) = ctx.loaders().message_rows.get(message.id).await? else {
        return Ok(None);
    };
    let sent = SentMessage {
        message,
        account: &rows.account,
        recipient: &Person::Contact(rows.contact.clone()),
        link: rows.link.as_ref(),
        invitation: rows.invitation.as_ref(),
        own_texts: &rows.own_texts,
    };
    let secrets = EmailSecrets {
        keys: &services.sign_in.keys,
        addresses: &services.settings.addresses,
        moment: &services.clock.moment(),
    };
    sent.render_masked(&services.db, secrets).await
}
