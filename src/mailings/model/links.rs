//! The links of messages whose content has the login URL. A link is created when its message is first claimed; a retry mails another
//! secret of the same link.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::batch::{MessageToSend, WrittenBatch};
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, Requester};
use crate::base::clock::Moment;
use crate::base::db::{Conn, sql};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MagicLinkId, MessageId};
use crate::magic_links::model::{MagicLink, NewLink, Purpose};
use crate::messages::model::link_batch::links_of;
use crate::messages::model::outcome::Outcome;
use crate::messages::model::{Channel, Message};

/// Text messages are easier to read for others than emails: their links are valid for a shorter time.
const SMS_LIFETIME: TimeDelta = TimeDelta::minutes(10);

type Links = HashMap<(AccountId, MagicLinkId), MagicLink>;

/// Within a transaction that has locked the contacts.
pub(super) async fn mint_links(conn: &mut Conn, batch: &mut WrittenBatch, moment: &Moment) -> Result<()> {
    let with_url = |one: &&MessageToSend| one.mailing.uses_login_url;
    let claimed: Vec<Message> = batch
        .sendable
        .iter()
        .filter(with_url)
        .map(|one| one.message.clone())
        .collect();
    if claimed.is_empty() {
        return Ok(());
    }
    let mut links = links_of(conn, &claimed).await?;
    settle(batch, &links);
    links.retain(|_, link| link.superseded_at.is_none());
    let sent_before: Vec<&MagicLink> = links.values().collect();
    MagicLink::start_lifetime(conn, &sent_before, moment.now).await?;
    links.extend(create(conn, batch, moment).await?);
    let with_link = batch.sendable.iter_mut().filter_map(|one| {
        let id = one.message.magic_link_id?;
        Some((links.get(&(one.message.account_id, id))?, one))
    });
    let (links, messages): (Vec<&MagicLink>, Vec<&mut MessageToSend>) = with_link.unzip();
    let secrets = MagicLink::mint(conn, &links, moment).await?;
    for (one, secret) in messages.into_iter().zip(secrets) {
        one.secret = Some(secret);
    }
    Ok(())
}

/// Takes out the messages whose link shows that they arrived, or was revoked. A message whose link was superseded meanwhile gets
/// another one.
fn settle(batch: &mut WrittenBatch, links: &Links) {
    for mut one in std::mem::take(&mut batch.sendable) {
        let id = one.message.magic_link_id;
        let link = id.and_then(|id| links.get(&(one.message.account_id, id)));
        match link {
            Some(link) if link.used_at.is_some() => batch.settled.push((one.message, Outcome::Delivered)),
            Some(link) if link.revoked_at.is_some() => batch.settled.push((one.message, Outcome::Cancelled)),
            Some(link) if link.superseded_at.is_some() => {
                one.message.magic_link_id = None;
                batch.sendable.push(one);
            }
            Some(_) | None => batch.sendable.push(one),
        }
    }
}

/// Creates the links of messages that have none yet: those of one account and requester together, and a contact once at a time, so that
/// a newer link supersedes an older one.
async fn create(conn: &mut Conn, batch: &mut WrittenBatch, moment: &Moment) -> Result<Links> {
    let mut groups: BTreeMap<(AccountId, String, usize), Vec<&mut MessageToSend>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for one in &mut batch.sendable {
        if !one.mailing.uses_login_url || one.message.magic_link_id.is_some() {
            continue;
        }
        let mut turn = 0;
        while !seen.insert((one.account.id, one.contact.id, turn)) {
            turn += 1;
        }
        let key = (one.account.id, one.message.requested_by.clone(), turn);
        groups.entry(key).or_default().push(one);
    }
    let (mut links, mut carriers) = (Links::new(), Vec::new());
    for ((account, requested_by, _), messages) in groups {
        let requester = Requester {
            actor: requested_by.parse().map_err(Error::internal)?,
            client: Client::default(),
        };
        let new: Vec<NewLink> = messages.iter().map(|one| new_link(one)).collect();
        let created = MagicLink::create_many(conn, account, &requester, &new, moment).await?;
        for (one, link) in messages.into_iter().zip(created) {
            one.message.magic_link_id = Some(link.id);
            carriers.push((account, one.message.id, link.id));
            links.insert((account, link.id), link);
        }
    }
    attach(conn, &carriers).await?;
    Ok(links)
}

fn new_link(one: &MessageToSend) -> NewLink {
    let link = NewLink::new(one.contact.id, Purpose::Message, PortalSection::Home);
    match one.message.channel {
        Channel::Email => NewLink {
            email_key: one.contact.email_key.clone(),
            ..link
        },
        Channel::Sms => NewLink {
            lifetime: SMS_LIFETIME,
            ..link
        },
    }
}

/// Records which message carries which link.
async fn attach(conn: &mut Conn, carriers: &[(AccountId, MessageId, MagicLinkId)]) -> Result<()> {
    if carriers.is_empty() {
        return Ok(());
    }
    sql::statement(
        "update messages m set magic_link_id = c.link_id from unnest(?, ?, ?) as c (account_id, id, link_id) \
         where m.account_id = c.account_id and m.id = c.id",
    )
    .bind::<Array<SqlUuid>, _>(carriers.iter().map(|(account, ..)| *account).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(
        carriers
            .iter()
            .map(|(_, message, _)| *message)
            .collect::<Vec<_>>(),
    )
    .bind::<Array<SqlUuid>, _>(carriers.iter().map(|(.., link)| *link).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
