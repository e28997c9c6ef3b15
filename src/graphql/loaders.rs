//! Look-ups of nested fields, gathered: what twenty rows ask for becomes one statement.
//!
//! Loaders are made for each request with the viewer's account inside, so batching can't get round authorisation. Each
//! look-up waits in a task of its own: the engine drops the future of a field when a sibling fails, and with it would go
//! the batch that others wait for.
//!
//! A new one: a unit struct with [`Look`], and a field of [`Loaders`].

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use dataloader::BatchFn;
use dataloader::cached::Loader;

use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, ContactId, InvitationId, MagicLinkId};
use crate::models::contact::Contact;
use crate::models::invitation::Invitation;
use crate::models::magic_link::MagicLink;
use crate::models::message::Message;

/// How to find many by their keys.
pub trait Look: Send + Sync + 'static {
    type Key: Copy + Eq + Hash + Send + Sync + std::fmt::Debug + 'static;
    type Value: Clone + Send + Sync + 'static;

    fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

type Found<V> = std::result::Result<Option<V>, Code>;

struct Batch<L> {
    db: Db,
    account: Option<AccountId>,
    look: PhantomData<L>,
}

impl<L: Look> BatchFn<L::Key, Found<L::Value>> for Batch<L> {
    async fn load(&mut self, keys: &[L::Key]) -> HashMap<L::Key, Found<L::Value>> {
        match self.find(keys).await {
            Ok(mut found) => keys.iter().map(|key| (*key, Ok(found.remove(key)))).collect(),
            Err(error) => {
                error.report();
                keys.iter().map(|key| (*key, Err(error.code))).collect()
            }
        }
    }
}

impl<L: Look> Batch<L> {
    async fn find(&self, keys: &[L::Key]) -> Result<HashMap<L::Key, L::Value>> {
        let Some(account) = self.account else {
            return Ok(HashMap::new());
        };
        let mut conn = self.db.conn().await?;
        L::look(&mut conn, account, keys).await
    }
}

/// One kind of look-up.
pub struct Lookup<L: Look>(Loader<L::Key, Found<L::Value>, Batch<L>>);

impl<L: Look> Lookup<L> {
    fn new(db: &Db, account: Option<AccountId>) -> Self {
        Self(Loader::new(Batch {
            db: db.clone(),
            account,
            look: PhantomData,
        }))
    }

    /// `None` where there is none in the account.
    pub async fn get(&self, key: L::Key) -> Result<Option<L::Value>> {
        let loader = self.0.clone();
        let found = tokio::spawn(async move { loader.try_load(key).await })
            .await
            .map_err(Error::internal)?;
        found.map_err(Error::internal)?.map_err(|code| match code {
            Code::Unavailable => Error::unavailable("a gathered look-up failed"),
            _ => Error::internal("a gathered look-up failed"),
        })
    }
}

pub struct ContactById;
pub struct InvitationById;
pub struct InvitationOfContact;
pub struct LinkById;
pub struct MessageOfLink;

impl Look for ContactById {
    type Key = ContactId;
    type Value = Contact;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Contact>> {
        let found = Contact::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|contact| (contact.id, contact)).collect())
    }
}

impl Look for InvitationById {
    type Key = InvitationId;
    type Value = Invitation;

    async fn look(
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

impl Look for InvitationOfContact {
    type Key = ContactId;
    type Value = Invitation;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Invitation>> {
        Invitation::of_contacts(conn, account, keys).await
    }
}

impl Look for LinkById {
    type Key = MagicLinkId;
    type Value = MagicLink;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[MagicLinkId],
    ) -> Result<HashMap<MagicLinkId, MagicLink>> {
        let found = MagicLink::find_many(conn, account, keys).await?;
        Ok(found.into_iter().map(|link| (link.id, link)).collect())
    }
}

impl Look for MessageOfLink {
    type Key = MagicLinkId;
    type Value = Message;

    async fn look(
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

/// The look-ups of one request.
pub struct Loaders {
    pub contacts: Lookup<ContactById>,
    pub invitations: Lookup<InvitationById>,
    pub invitation_of_contact: Lookup<InvitationOfContact>,
    pub links: Lookup<LinkById>,
    pub message_of_link: Lookup<MessageOfLink>,
}

impl Loaders {
    pub fn new(db: &Db, account: Option<AccountId>) -> Arc<Self> {
        Arc::new(Self {
            contacts: Lookup::new(db, account),
            invitations: Lookup::new(db, account),
            invitation_of_contact: Lookup::new(db, account),
            links: Lookup::new(db, account),
            message_of_link: Lookup::new(db, account),
        })
    }
}
