//! Anything with an id (GraphQL Global Object Identification).

use async_graphql::{ID, Interface};

use super::bulk_job::BulkJob;
use super::contact::Contact;
use super::invitation::Invitation;
use super::magic_link::MagicLink;
use super::message::Message;
use crate::auth::viewer::Staff;
use crate::db::Conn;
use crate::error::Result;
use crate::ids::{BulkJobId, ContactId, InvitationId, MagicLinkId, MessageId};
use crate::models;

/// Anything with an id of its own.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "The id, which says its kind: `contact_…`, `message_…`."
))]
pub enum Node {
    Contact(Contact),
    Invitation(Invitation),
    MagicLink(MagicLink),
    Message(Message),
    BulkJob(BulkJob),
}

impl Node {
    /// Each by its id, in the order asked for; those that are no id, foreign or gone are missing. One statement for a kind.
    pub async fn find(conn: &mut Conn, staff: &Staff, ids: &[ID]) -> Result<Vec<Option<Self>>> {
        let account = staff.account;
        let mut found: Vec<(String, Self)> = Vec::new();
        let contacts: Vec<ContactId> = of_kind(ids);
        if !contacts.is_empty() {
            let rows = models::contact::Contact::find_many(conn, account, &contacts).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (row.id.to_string(), Self::Contact(row.into()))),
            );
        }
        let invitations: Vec<InvitationId> = of_kind(ids);
        if !invitations.is_empty() {
            let rows = models::invitation::Invitation::find_many(conn, account, &invitations).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (row.id.to_string(), Self::Invitation(row.into()))),
            );
        }
        let links: Vec<MagicLinkId> = of_kind(ids);
        if !links.is_empty() {
            let rows = models::magic_link::MagicLink::find_many(conn, account, &links).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (row.id.to_string(), Self::MagicLink(row.into()))),
            );
        }
        let messages: Vec<MessageId> = of_kind(ids);
        if !messages.is_empty() {
            let rows = models::message::Message::find_many(conn, account, &messages).await?;
            found.extend(
                rows.into_iter()
                    .map(|row| (row.id.to_string(), Self::Message(row.into()))),
            );
        }
        for id in of_kind::<BulkJobId>(ids) {
            if let Some(row) = models::bulk_job::BulkJob::find(conn, account, id).await? {
                found.push((row.id.to_string(), Self::BulkJob(row.into())));
            }
        }
        Ok(ids
            .iter()
            .map(|id| {
                let place = found.iter().position(|(of, _)| *of == id.0)?;
                Some(found.swap_remove(place).1)
            })
            .collect())
    }
}

fn of_kind<T: std::str::FromStr>(ids: &[ID]) -> Vec<T> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}
