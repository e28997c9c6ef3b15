//! Records by id, and single records of another row, such as the message of a link.

use std::collections::HashMap;

use super::BatchLoad;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{
    AccountId, ApiKeyId, ContactId, InvitationId, MagicLinkId, MailingId, MessageId, TeamMemberId, TemplateId,
};
use crate::contacts::model::Contact;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::mailings::model::Mailing;
use crate::mailings::model::opt_out::OptOut;
use crate::messages::model::Message;
use crate::messages::model::rows::MessageRows;
use crate::messages::model::suppression::Suppression;
use crate::team::model::TeamMember;
use crate::team::model::api_key::ApiKey;
use crate::templates::model::Template;

pub struct ContactById;
pub struct InvitationById;
pub struct InvitationOfContact;
pub struct LinkById;
pub struct MessageOfLink;
pub struct SuppressionOfContact;
pub struct SuppressionOfPhone;
pub struct SuppressionOfAddress;
/// Including removed members.
pub struct MemberById;
/// Including revoked keys.
pub struct KeyById;
pub struct MessageById;
/// What a message's email shows.
pub struct RowsOfMessage;
pub(crate) struct TemplateOfMailing;
pub(crate) struct OptOutOfContact;

impl BatchLoad for TemplateOfMailing {
    type Key = MailingId;
    type Value = Template;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MailingId],
    ) -> Result<HashMap<MailingId, Template>> {
        let mailings = Mailing::templates(conn, account, keys).await?;
        let ids: Vec<TemplateId> = mailings.iter().map(|(_, template)| *template).collect();
        let templates: HashMap<TemplateId, Template> = Template::find_many(conn, account, &ids)
            .await?
            .into_iter()
            .map(|template| (template.row.id, template))
            .collect();
        let found = mailings
            .into_iter()
            .filter_map(|(mailing, id)| Some((mailing, templates.get(&id)?.clone())));
        Ok(found.collect())
    }
}

impl BatchLoad for RowsOfMessage {
    type Key = MessageId;
    type Value = MessageRows;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MessageId],
    ) -> Result<HashMap<MessageId, MessageRows>> {
        let found = MessageRows::find_many(conn, account, keys).await?;
        Ok(found.into_iter().collect())
    }
}

impl BatchLoad for ContactById {
    type Key = ContactId;
    type Value = Contact;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Contact>> {
        let found = Contact::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|contact| (contact.id, contact)).collect())
    }
}

impl BatchLoad for InvitationById {
    type Key = InvitationId;
    type Value = Invitation;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[InvitationId],
    ) -> Result<HashMap<InvitationId, Invitation>> {
        let found = Invitation::find_many(conn, account, keys).await?;
        Ok(found
            .into_iter()
            .map(|invitation| (invitation.id, invitation))
            .collect())
    }
}

impl BatchLoad for InvitationOfContact {
    type Key = ContactId;
    type Value = Invitation;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Invitation>> {
        Invitation::of_contacts(conn, account, keys).await
    }
}

impl BatchLoad for LinkById {
    type Key = MagicLinkId;
    type Value = MagicLink;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MagicLinkId],
    ) -> Result<HashMap<MagicLinkId, MagicLink>> {
        let found = MagicLink::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|link| (link.id, link)).collect())
    }
}

impl BatchLoad for MessageOfLink {
    type Key = MagicLinkId;
    type Value = Message;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MagicLinkId],
    ) -> Result<HashMap<MagicLinkId, Message>> {
        Ok(Message::of_links(conn, account, keys)
            .await?
            .into_iter()
            .collect())
    }
}

impl BatchLoad for SuppressionOfContact {
    type Key = ContactId;
    type Value = Suppression;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Suppression>> {
        Suppression::of_contacts(conn, account, keys).await
    }
}

impl BatchLoad for OptOutOfContact {
    type Key = ContactId;
    type Value = OptOut;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, OptOut>> {
        OptOut::of_contacts(conn, account, keys).await
    }
}

impl BatchLoad for SuppressionOfPhone {
    type Key = ContactId;
    type Value = Suppression;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Suppression>> {
        Suppression::of_phones(conn, account, keys).await
    }
}

impl BatchLoad for SuppressionOfAddress {
    type Key = String;
    type Value = Suppression;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[String],
    ) -> Result<HashMap<String, Suppression>> {
        Suppression::of_addresses(conn, account, keys).await
    }
}

impl BatchLoad for MemberById {
    type Key = TeamMemberId;
    type Value = TeamMember;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[TeamMemberId],
    ) -> Result<HashMap<TeamMemberId, TeamMember>> {
        let found = TeamMember::find_many_with_removed(conn, account, keys).await?;
        Ok(found.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl BatchLoad for KeyById {
    type Key = ApiKeyId;
    type Value = ApiKey;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ApiKeyId],
    ) -> Result<HashMap<ApiKeyId, ApiKey>> {
        let found = ApiKey::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|key| (key.id, key)).collect())
    }
}

impl BatchLoad for MessageById {
    type Key = MessageId;
    type Value = Message;

    async fn load(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MessageId],
    ) -> Result<HashMap<MessageId, Message>> {
        let found = Message::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|message| (message.id, message)).collect())
    }
}
