//! Ending one's own sessions on the portal's pages; the API has its own way, because of the `Idempotency-Key`.

use diesel_async::AsyncConnection;

use crate::base::actor::{Acting, Client};
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::base::page::{Page, PageRequest};
use crate::live::Topic;
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::service::SignIn;
use crate::sign_in::sessions::model::list::SessionsOf;
use crate::sign_in::sessions::model::sign_out::sign_out;
use crate::sign_in::sessions::model::{Session, Which};

impl SignIn {
    /// The viewer's own live sessions, newest first.
    pub async fn own_sessions(&self, viewer: &Viewer, page: &PageRequest) -> Result<Page<Session>> {
        let own = viewer.whole_session()?;
        let of = SessionsOf {
            holder: own.holder,
            now: self.clock.now(),
        };
        let mut conn = self.db.conn().await?;
        Session::list(&mut conn, own.account, &of, page).await
    }

    /// Ends one of the viewer's own sessions; `false` where it is none of theirs, or has ended.
    pub async fn end_own(&self, viewer: &Viewer, id: SessionId, client: &Client) -> Result<bool> {
        let own = viewer.whole_session()?;
        let mut conn = self.db.conn().await?;
        let found = Session::find(&mut conn, own.account, id).await?;
        if found.is_none_or(|session| session.holder() != Some(own.holder)) {
            return Ok(false);
        }
        drop(conn);
        let ended = self.end(viewer, (own.account, Which::One(id)), "REVOKED", client);
        Ok(ended.await?.len() == 1)
    }

    /// Ends all of the viewer's sessions, this one too; how many there were.
    pub async fn end_all_own(&self, viewer: &Viewer, client: &Client) -> Result<usize> {
        let own = viewer.whole_session()?;
        let all = (own.account, Which::AllOf(own.holder));
        Ok(self
            .end(viewer, all, "SIGNED_OUT_EVERYWHERE", client)
            .await?
            .len())
    }

    async fn end(
        &self,
        viewer: &Viewer,
        (account, which): (AccountId, Which),
        reason: &str,
        client: &Client,
    ) -> Result<Vec<Session>> {
        let (moment, acting) = (
            self.clock.moment(),
            Acting {
                actor: viewer.actor(),
                client: client.clone(),
            },
        );
        let mut conn = self.db.conn().await?;
        let ended = conn
            .transaction(async |conn| -> Result<_> {
                sign_out(conn, account, which, (&acting, reason), &moment).await
            })
            .await?;
        self.nudge_ended(account, &ended);
        Ok(ended)
    }

    /// After the commit: their tokens and subscriptions end here at once, and elsewhere soon.
    pub fn nudge_ended(&self, account: AccountId, ended: &[Session]) {
        let ended = ended.iter().map(|session| Topic::Revoked(session.id.0));
        let topics: Vec<Topic> = ended.chain([Topic::Activity]).collect();
        self.live.nudge(account, &topics);
    }
}
