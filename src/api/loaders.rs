//! Look-ups of nested fields, gathered: what twenty rows ask for becomes one statement.
//!
//! Loaders are made for each request with the viewer's account inside, so batching can't get round authorisation. The engine
//! drops the future of a field when a sibling fails, so nothing that others wait for may hang on one of them: each batch runs
//! in a task of its own, and who asked for it is one of its waiters.
//!
//! A round stays open until the task that polls all the siblings comes round to its first one again, or while the batch
//! before it is at work: a lone look-up goes straight through, and many wait for each other. Nothing is kept after a round:
//! a subscription asks again for hours, and a document may hold several mutations.
//!
//! A new one: a unit struct with [`Look`], and a field of [`Loaders`]. A list that belongs to a row: see [`lists`].

pub(crate) mod lists;
mod log;

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dataloader::BatchFn;
use dataloader::cached::Loader;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use crate::base::db::deadline::{Deadline, TimedOut};
use crate::base::db::quota::inherit_limits;
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, ContactId, InvitationId, MagicLinkId};
use crate::contacts::model::Contact;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::messages::model::Message;
use crate::messages::model::suppression::Suppression;
use lists::Lists;
use log::{KeyById, MemberEver, MessageById};

/// How to find many by their keys.
pub trait Look: Send + Sync + 'static {
    type Key: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static;
    type Value: Clone + Send + Sync + 'static;

    fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

/// Why a batch failed, for each of its waiters.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a gathered look-up failed")]
struct BatchFailed(#[source] Arc<Error>);

impl From<BatchFailed> for Error {
    fn from(failed: BatchFailed) -> Self {
        match failed.0.code {
            Code::Unavailable => Self::unavailable(failed),
            _ => Self::internal(failed),
        }
    }
}

type Found<V> = std::result::Result<Option<V>, BatchFailed>;
type Answers<L> = HashMap<<L as Look>::Key, Found<<L as Look>::Value>>;
type Answer<L> = Shared<BoxFuture<'static, std::result::Result<Arc<Answers<L>>, BatchFailed>>>;

struct Batch<L> {
    db: Db,
    account: Option<AccountId>,
    look: PhantomData<L>,
}

impl<L: Look> BatchFn<L::Key, Found<L::Value>> for Batch<L> {
    async fn load(&mut self, keys: &[L::Key]) -> Answers<L> {
        match self
            .find(keys)
            .await
            .map_err(|error| BatchFailed(Arc::new(error)))
        {
            Ok(mut found) => keys
                .iter()
                .map(|key| (key.clone(), Ok(found.remove(key))))
                .collect(),
            Err(failed) => keys
                .iter()
                .map(|key| (key.clone(), Err(failed.clone())))
                .collect(),
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

/// Keys that wait for the next batch, and its answer once it was requested.
struct Round<L: Look> {
    keys: Vec<L::Key>,
    answer: Arc<OnceLock<Answer<L>>>,
}

/// One kind of look-up.
pub struct Lookup<L: Look>(Arc<Gathering<L>>);

struct Gathering<L: Look> {
    loader: Loader<L::Key, Found<L::Value>, Batch<L>>,
    open: Mutex<Option<Round<L>>>,
    /// Held by the batch at work.
    turn: tokio::sync::Mutex<()>,
}

impl<L: Look> Lookup<L> {
    pub fn new(db: &Db, account: Option<AccountId>) -> Self {
        let batch = Batch {
            db: db.clone(),
            account,
            look: PhantomData,
        };
        Self(Arc::new(Gathering {
            // Our rounds do the waiting.
            loader: Loader::new(batch).with_yield_count(0),
            open: Mutex::new(None),
            turn: tokio::sync::Mutex::new(()),
        }))
    }

    /// `None` where there is none in the account.
    pub async fn get(&self, key: L::Key) -> Result<Option<L::Value>> {
        let answer = self.join(key.clone());
        // The siblings join before this task gets here again.
        tokio::task::yield_now().await;
        let answer = answer.get_or_init(|| self.ask()).clone();
        match answer.await?.get(&key) {
            Some(found) => Ok(found.clone()?),
            None => Err(Error::internal("a batch left out a key")),
        }
    }

    fn join(&self, key: L::Key) -> Arc<OnceLock<Answer<L>>> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let round = open.get_or_insert_with(|| Round {
            keys: Vec::new(),
            answer: Arc::default(),
        });
        round.keys.push(key);
        Arc::clone(&round.answer)
    }

    /// Starts the batch of the open round.
    fn ask(&self) -> Answer<L> {
        let gathering = Arc::clone(&self.0);
        // A task of its own, which does not end with the request.
        let deadline = Deadline::current();
        let batch = tokio::spawn(inherit_limits(async move {
            let batch = deadline.over(gathering.batch()).await;
            batch.unwrap_or_else(|TimedOut| Err(BatchFailed(Arc::new(Error::unanswered(false)))))
        }));
        let failed = |cause| BatchFailed(Arc::new(Error::internal(cause)));
        let answer = async move { batch.await.unwrap_or_else(|panicked| Err(failed(panicked))) };
        answer.boxed().shared()
    }
}

impl<L: Look> Gathering<L> {
    async fn batch(&self) -> std::result::Result<Arc<Answers<L>>, BatchFailed> {
        let _turn = self.turn.lock().await;
        let round = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let keys = round.map(|round| round.keys).unwrap_or_default();
        self.loader.clear_all().await;
        let answers = self.loader.try_load_many(keys).await;
        answers
            .map(Arc::new)
            .map_err(|missing| BatchFailed(Arc::new(Error::internal(missing))))
    }
}

pub struct ContactById;
pub struct InvitationById;
pub struct InvitationOfContact;
pub struct LinkById;
pub struct MessageOfLink;
pub struct SuppressionOfContact;

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

impl Look for SuppressionOfContact {
    type Key = ContactId;
    type Value = Suppression;

    async fn look(
        conn: &mut Conn,
        account: AccountId,
        keys: &[ContactId],
    ) -> Result<HashMap<ContactId, Suppression>> {
        Suppression::of_contacts(conn, account, keys).await
    }
}

/// The look-ups of one request.
pub struct Loaders {
    pub contacts: Lookup<ContactById>,
    pub invitations: Lookup<InvitationById>,
    pub invitation_of_contact: Lookup<InvitationOfContact>,
    pub links: Lookup<LinkById>,
    pub message_of_link: Lookup<MessageOfLink>,
    pub suppressions: Lookup<SuppressionOfContact>,
    pub messages: Lookup<MessageById>,
    pub members_ever: Lookup<MemberEver>,
    pub keys: Lookup<KeyById>,
    /// Made when a list of a row is asked for.
    lists: OnceLock<Lists>,
    db: Db,
    account: Option<AccountId>,
}

impl Loaders {
    pub(crate) fn new(db: &Db, account: Option<AccountId>) -> Arc<Self> {
        Arc::new(Self {
            contacts: Lookup::new(db, account),
            invitations: Lookup::new(db, account),
            invitation_of_contact: Lookup::new(db, account),
            links: Lookup::new(db, account),
            message_of_link: Lookup::new(db, account),
            suppressions: Lookup::new(db, account),
            messages: Lookup::new(db, account),
            members_ever: Lookup::new(db, account),
            keys: Lookup::new(db, account),
            lists: OnceLock::new(),
            db: db.clone(),
            account,
        })
    }

    pub(crate) fn lists(&self) -> &Lists {
        self.lists.get_or_init(|| Lists::new(&self.db, self.account))
    }
}
