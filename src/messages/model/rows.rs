//! The rows that a message's email shows, for many messages at once.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::Account;
use crate::base::db::Conn;
use crate::base::db::schema::{accounts, contacts, invitations, magic_links, messages};
use crate::base::error::Result;
use crate::base::ids::{AccountId, MessageId};
use crate::contacts::model::Contact;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::messages::model::MessageKind;
use crate::system_emails::text::OwnTexts;

type Row = (
    MessageId,
    MessageKind,
    Account,
    Contact,
    Option<MagicLink>,
    Option<Invitation>,
);

/// What the email of a message to a contact shows.
#[derive(Clone, Debug)]
pub struct MessageRows {
    pub account: Account,
    pub contact: Contact,
    pub link: Option<MagicLink>,
    pub invitation: Option<Invitation>,
    /// The account's own texts of such emails.
    pub(crate) own_texts: OwnTexts,
}

impl MessageRows {
    pub(crate) async fn find_many(
        conn: &mut Conn,
        account: AccountId,
        ids: &[MessageId],
    ) -> Result<Vec<(MessageId, Self)>> {
        let of_contact = contacts::account_id
            .eq(messages::account_id)
            .and(contacts::id.nullable().eq(messages::contact_id));
        let of_link = magic_links::account_id
            .eq(messages::account_id)
            .and(magic_links::id.nullable().eq(messages::magic_link_id));
        let of_invitation = invitations::account_id
            .eq(messages::account_id)
            .and(invitations::id.nullable().eq(messages::invitation_id));
        let found: Vec<Row> = messages::table
            .inner_join(accounts::table.on(accounts::id.eq(messages::account_id)))
            .inner_join(contacts::table.on(of_contact))
            .left_join(magic_links::table.on(of_link))
            .left_join(invitations::table.on(of_invitation))
            .filter(messages::account_id.eq(account))
            .filter(messages::id.eq_any(ids))
            .select((
                messages::id,
                messages::kind,
                Account::as_select(),
                Contact::as_select(),
                Option::<MagicLink>::as_select(),
                Option::<Invitation>::as_select(),
            ))
            .load(conn)
            .await?;
        let kinds = found.iter().map(|row| (account, row.1));
        let own_texts = OwnTexts::of_messages(conn, kinds).await?;
        let rows = found
            .into_iter()
            .map(|(id, _, account, contact, link, invitation)| {
                let rows = Self {
                    account,
                    contact,
                    link,
                    invitation,
                    own_texts: own_texts.clone(),
                };
                (id, rows)
            });
        Ok(rows.collect())
    }
}
