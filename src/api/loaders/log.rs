//! What the audit log and the timelines name.

use std::collections::HashMap;

use super::Look;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ApiKeyId, MessageId, TeamMemberId};
use crate::messages::model::Message;
use crate::team::model::TeamMember;
use crate::team::model::api_key::ApiKey;

/// Removed members too.
pub struct MemberEver;
/// Revoked keys too.
pub struct KeyById;
pub struct MessageById;

impl Look for MemberEver {
    type Key = TeamMemberId;
    type Value = TeamMember;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[TeamMemberId],
    ) -> Result<HashMap<TeamMemberId, TeamMember>> {
        let found = TeamMember::find_many_with_removed(conn, account, keys).await?;
        Ok(found.into_iter().map(|member| (member.id, member)).collect())
    }
}

impl Look for KeyById {
    type Key = ApiKeyId;
    type Value = ApiKey;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ApiKeyId],
    ) -> Result<HashMap<ApiKeyId, ApiKey>> {
        let found = ApiKey::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|key| (key.id, key)).collect())
    }
}

impl Look for MessageById {
    type Key = MessageId;
    type Value = Message;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MessageId],
    ) -> Result<HashMap<MessageId, Message>> {
        let found = Message::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|message| (message.id, message)).collect())
    }
}
