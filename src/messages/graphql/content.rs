//! What a message says, for staff.

use async_graphql::Context;

use crate::api::context::ContextExt;
use crate::base::actor::Scope;
use crate::base::error::Result;
use crate::messages::emails::masked::MessageRows;
use crate::messages::emails::{EmailSecrets, Rendered};
use crate::messages::model::Message;
use crate::sign_in::person::Person;

/// The email with its secrets masked; `None` if it can't be rendered again.
pub(super) async fn masked_email(ctx: &Context<'_>, message: &Message) -> Result<Option<Rendered>> {
    ctx.staff(Scope::Read)?;
    let (services, loaders) = (ctx.services(), ctx.loaders());
    let Some(contact) = message.contact_id else {
        return Ok(None);
    };
    let account = loaders.accounts.get(message.account_id).await?;
    let contact = loaders.contacts.get(contact).await?;
    let Some((account, contact)) = account.zip(contact) else {
        return Ok(None);
    };
    let link = match message.magic_link_id {
        Some(id) => loaders.links.get(id).await?,
        None => None,
    };
    let invitation = match message.invitation_id {
        Some(id) => loaders.invitations.get(id).await?,
        None => None,
    };
    let rows = MessageRows {
        message,
        account: &account,
        recipient: &Person::Contact(contact),
        link: link.as_ref(),
        invitation: invitation.as_ref(),
    };
    let secrets = EmailSecrets {
        keys: &services.sign_in.keys,
        addresses: &services.settings.addresses,
        moment: &services.clock.moment(),
    };
    rows.render_masked(&services.db, secrets).await
}
