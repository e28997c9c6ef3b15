//! What a claimed message needs to become a letter. A batch crosses accounts and is read in a handful of statements.

mod notices;
mod origin;
mod surroundings;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use self::surroundings::{Surroundings, distinct};
use super::queue::Outcome;
use super::{Message, MessageKind};
use crate::accounts::model::Account;
use crate::base::actor::Client;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::invitations;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId, InvitationId};
use crate::base::pairs::paired;
use crate::base::secrets::PlainSecret;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::magic_links::model::redeem::Presented;
use crate::sign_in::challenge::code::Code;
use crate::sign_in::keys::Keys;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Session;

/// All that the letter says.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub message: Message,
    pub account: Account,
    pub to: Person,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    /// A contact's link. The secret is a fresh one: every try mails another.
    Link {
        link: Box<MagicLink>,
        invitation: Option<Box<Invitation>>,
        secret: PlainSecret,
        /// Beside the button, where the person asked for it.
        code: Option<Code>,
    },
    Code(Code),
    /// A team member's own link, asked for, and the code beside it.
    StaffLogin {
        secret: PlainSecret,
        code: Option<Code>,
    },
    TeamInvitation {
        secret: PlainSecret,
        valid_until: DateTime<Utc>,
    },
    PasswordReset(PlainSecret),
    /// From where.
    PasswordChanged(Client),
    AddressChanged {
        /// The other address, masked; none where it was only taken away.
        now: Option<String>,
    },
    NewDevice(Box<Session>),
}

/// A claimed message that can go out, or what became of it instead.
#[derive(Debug)]
pub enum Prepared {
    Letter(Box<Dispatch>),
    Over(Box<Message>, Outcome),
}

/// A message with what it is about, still to be sealed with a secret.
struct Draft {
    message: Message,
    account: Account,
    presented: Presented,
}

/// Decides which of the claimed messages may still be sent and mints their secrets; within a transaction.
pub async fn prepare(
    conn: &mut Conn,
    claimed: Vec<Message>,
    keys: &Keys,
    moment: &Moment,
) -> Result<Vec<Prepared>> {
    let (mut linked, mut prepared) = (Vec::new(), Vec::new());
    for message in claimed {
        if message.kind == MessageKind::RequestedLogin && message.magic_link_id.is_none() {
            match Box::pin(notices::give_link(conn, message, moment)).await? {
                Ok(message) => linked.push(message),
                Err(message) => prepared.push(Prepared::Over(message, Outcome::Cancelled)),
            }
        } else if message.kind.by_itself() {
            prepared.push(Box::pin(notices::prepare(conn, message, keys, moment)).await?);
        } else {
            linked.push(message);
        }
    }
    prepared.extend(prepare_links(conn, linked, keys, moment).await?);
    Ok(prepared)
}

async fn prepare_links(
    conn: &mut Conn,
    claimed: Vec<Message>,
    keys: &Keys,
    moment: &Moment,
) -> Result<Vec<Prepared>> {
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let around = Surroundings::read(conn, &claimed, moment.now).await?;
    let (mut drafts, mut prepared) = (Vec::new(), Vec::new());
    for message in claimed {
        match around.about(&message, moment) {
            Ok((account, presented)) => drafts.push(Draft {
                message,
                account,
                presented,
            }),
            Err(outcome) => prepared.push(Prepared::Over(Box::new(message), outcome)),
        }
    }
    if drafts.is_empty() {
        return Ok(prepared);
    }
    let invitations = invitations_of(conn, &drafts).await?;
    let links: Vec<&MagicLink> = drafts.iter().map(|draft| &draft.presented.link).collect();
    MagicLink::start_life(conn, &links, moment.now).await?;
    let secrets = MagicLink::mint(conn, &links, moment).await?;
    prepared.extend(
        drafts
            .into_iter()
            .zip(secrets)
            .map(|(draft, secret)| draft.seal(secret, &invitations, keys)),
    );
    Ok(prepared)
}

impl Draft {
    fn seal(
        self,
        secret: PlainSecret,
        invitations: &HashMap<(AccountId, InvitationId), Invitation>,
        keys: &Keys,
    ) -> Prepared {
        let Presented { link, contact, .. } = self.presented;
        let invitation = link
            .invitation_id
            .and_then(|id| invitations.get(&(link.account_id, id)).cloned());
        let challenge = self
            .message
            .about
            .filter(|_| self.message.kind == MessageKind::RequestedLogin && self.account.code_allowed);
        let code = challenge.map(|id| Code::of(&keys.code, link.account_id, ChallengeId(id)));
        Prepared::Letter(Box::new(Dispatch {
            message: self.message,
            account: self.account,
            to: Person::Contact(contact),
            content: Content::Link {
                link: Box::new(link),
                invitation: invitation.map(Box::new),
                secret,
                code,
            },
        }))
    }
}

async fn invitations_of(
    conn: &mut Conn,
    drafts: &[Draft],
) -> Result<HashMap<(AccountId, InvitationId), Invitation>> {
    let keys = distinct(
        drafts
            .iter()
            .filter_map(|draft| Some((draft.account.id, draft.presented.link.invitation_id?))),
    );
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Invitation> = invitations::table
        .filter(paired!(keys.into_iter()))
        .select(Invitation::as_select())
        .load(conn)
        .await?;
    Ok(found
        .into_iter()
        .map(|one| ((one.account_id, one.id), one))
        .collect())
}
