//! From a proof to a session: what the API and the portal's pages share.

use diesel_async::AsyncConnection;
use futures_util::try_join;

use super::jwt::Tokens;
use super::viewer::{Acting, Actor, Client, Role, Viewer};
use crate::clock::{Clock, Moment};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::live::{Live, Topic};
use crate::models::account::Account;
use crate::models::audit::{EventKind, NewEvent, record};
use crate::models::redeem::{LinkRefusal, Presented, Press, Redeemed, redeem};
use crate::models::refresh::{self, Pair, Refreshed};
use crate::models::section::PortalSection;
use crate::models::session::{Holder, Opening, Session, SignInMethod};
use crate::models::staff_link::StaffLink;
use crate::models::team_member::TeamMember;
use crate::secrets::{PlainSecret, SecretHash, ServerKey};

/// Keys of the server, each for one use.
#[derive(Clone, Debug)]
pub struct Keys {
    pub refresh: ServerKey,
    pub cookie: ServerKey,
    pub form: ServerKey,
    pub signing_seal: ServerKey,
    pub idempotency: ServerKey,
}

impl Keys {
    pub fn new(secret: &ServerKey) -> Self {
        Self {
            refresh: secret.for_use("refresh"),
            cookie: secret.for_use("cookie"),
            form: secret.for_use("form"),
            signing_seal: secret.for_use("signing keys"),
            idempotency: secret.for_use("idempotency"),
        }
    }
}

#[derive(Clone)]
pub struct SignIn {
    pub db: Db,
    pub clock: Clock,
    pub live: Live,
    pub tokens: std::sync::Arc<Tokens>,
    pub keys: Keys,
}

/// Who got in, and what with.
#[derive(Debug)]
pub struct SignedIn<C> {
    pub session: Session,
    pub credential: C,
    pub section: PortalSection,
    /// The account's slug.
    pub slug: String,
}

/// The browser that presses: the value of its pre-session cookie.
#[derive(Clone, Copy)]
pub struct Browser<'a>(pub &'a str);

impl Browser<'_> {
    pub fn hash(self) -> SecretHash {
        SecretHash::of(&[b"browser", self.0.as_bytes()])
    }
}

impl SignIn {
    /// Redeems a link for a pair of tokens.
    pub async fn with_link(
        &self,
        secret: &PlainSecret,
        client: &Client,
    ) -> Result<Result<SignedIn<Pair>, LinkRefusal>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let press = Press {
            browser: None,
            client,
        };
        let done = conn
            .transaction(async |conn| -> Result<_> {
                match redeem(conn, secret, &press, &moment).await? {
                    Redeemed::Refused { refusal, .. } => Ok(Err(refusal)),
                    Redeemed::Session {
                        session, presented, ..
                    } => {
                        let (mut one, mut two): (&Conn, &Conn) = (conn, conn);
                        let (credential, account) = try_join!(
                            refresh::first_pair(&mut one, (*session).clone(), &moment),
                            Account::find(&mut two, secret.account),
                        )?;
                        Ok(Ok(SignedIn {
                            session: *session,
                            credential,
                            section: presented.link.section,
                            slug: account.slug,
                        }))
                    }
                }
            })
            .await?;
        self.live.nudge(secret.account, &[Topic::Counts, Topic::Activity]);
        Ok(done)
    }

    /// Redeems a link for a browser's cookie.
    pub async fn in_browser(
        &self,
        secret: &PlainSecret,
        browser: Browser<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn<PlainSecret>, (LinkRefusal, Option<Box<Presented>>)>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let press = Press {
            browser: Some(browser.hash()),
            client,
        };
        let done = conn
            .transaction(async |conn| -> Result<_> {
                match redeem(conn, secret, &press, &moment).await? {
                    Redeemed::Refused { refusal, presented } => Ok(Err((refusal, presented))),
                    Redeemed::Session {
                        session, presented, ..
                    } => {
                        let credential = session.give_cookie(conn, &self.keys.cookie, browser.0).await?;
                        let slug = Account::find(conn, secret.account).await?.slug;
                        Ok(Ok(SignedIn {
                            session: *session,
                            credential,
                            section: presented.link.section,
                            slug,
                        }))
                    }
                }
            })
            .await?;
        self.live.nudge(secret.account, &[Topic::Counts, Topic::Activity]);
        Ok(done)
    }

    /// Spends a staff sign-in link for a dashboard cookie; `None` where it is no good.
    pub async fn staff_in_browser(
        &self,
        secret: &PlainSecret,
        browser: Browser<'_>,
        client: &Client,
    ) -> Result<Option<SignedIn<PlainSecret>>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                let Some(link) = StaffLink::by_secret(conn, secret).await? else {
                    return Ok(None);
                };
                let member = TeamMember::find(conn, secret.account, link.team_member_id).await?;
                let Some(member) = member else { return Ok(None) };
                if !link.spend(conn, moment.now).await? {
                    return Ok(None);
                }
                let opening = Opening {
                    account: secret.account,
                    holder: Holder::Member(member.id),
                    section: None,
                    method: SignInMethod::StaffLink,
                    staff_seen: false,
                    client,
                };
                let session = Session::open(conn, &opening, &moment).await?;
                let credential = session.give_cookie(conn, &self.keys.cookie, browser.0).await?;
                let acting = Acting {
                    actor: Actor::Member(member.id),
                    client: client.clone(),
                };
                let event = NewEvent::of(EventKind::StaffSignedIn).on(session.id);
                record(conn, secret.account, &acting, &[event], &moment).await?;
                let slug = Account::find(conn, secret.account).await?.slug;
                Ok(Some(SignedIn {
                    session,
                    credential,
                    section: PortalSection::Home,
                    slug,
                }))
            })
            .await?;
        Ok(done)
    }

    /// The next pair for a refresh token; `None` where its session has ended.
    pub async fn refresh(
        &self,
        presented: &PlainSecret,
        client: &Client,
    ) -> Result<Option<(Pair, Option<Role>)>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let (done, role) = conn
            .transaction(async |conn| -> Result<_> {
                let done = refresh::refresh(conn, presented, &self.keys.refresh, &moment).await?;
                let mut role = None;
                match &done {
                    Refreshed::Ended {
                        reused: Some(session),
                    } => {
                        let acting = Acting {
                            actor: Actor::Anonymous,
                            client: client.clone(),
                        };
                        let event = NewEvent::of(EventKind::SessionEnded)
                            .on(session)
                            .refused("REFRESH_REUSED");
                        record(conn, presented.account, &acting, &[event], &moment).await?;
                    }
                    Refreshed::Ended { reused: None } => {}
                    Refreshed::Pair(pair) => {
                        if let Some(member) = pair.session.team_member_id {
                            let member = TeamMember::find(conn, presented.account, member).await?;
                            role = member.map(|member| member.role);
                        }
                    }
                }
                Ok((done, role))
            })
            .await?;
        match done {
            Refreshed::Pair(pair) => Ok(Some((*pair, role))),
            Refreshed::Ended { reused } => {
                if let Some(session) = reused {
                    self.live.nudge(presented.account, &[Topic::Revoked(session.0)]);
                }
                Ok(None)
            }
        }
    }

    /// Ends the viewer's own session; `false` where there is none to end.
    pub async fn sign_out(&self, viewer: &Viewer, client: &Client) -> Result<bool> {
        let (account, session, kind) = match viewer {
            Viewer::Member { account, session, .. } => (*account, *session, EventKind::StaffSignedOut),
            Viewer::Contact { account, session, .. } => (*account, *session, EventKind::SignedOut),
            Viewer::Anonymous | Viewer::Key { .. } => return Ok(false),
        };
        let moment: Moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let ended = conn
            .transaction(async |conn| -> Result<_> {
                let ended = Session::end(conn, account, session, "SIGNED_OUT", moment.now).await?;
                if ended {
                    let acting = Acting {
                        actor: viewer.actor(),
                        client: client.clone(),
                    };
                    record(conn, account, &acting, &[NewEvent::of(kind).on(session)], &moment).await?;
                }
                Ok(ended)
            })
            .await?;
        self.live.nudge(account, &[Topic::Revoked(session.0)]);
        Ok(ended)
    }
}
