//! From a proof to a session: what the API and the portal's pages share.

use diesel_async::AsyncConnection;
use futures_util::try_join;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Acting, Actor, Client, Role};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::{Clock, Moment};
use crate::base::db::{Conn, Db};
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretHash, ServerKey};
use crate::live::{Live, Topic};
use crate::magic_links::model::redeem::{LinkRefusal, Presented, Press, Redeemed, note_refusal, redeem};
use crate::sign_in::access_token::Tokens;
use crate::sign_in::auth_context::Viewer;
use crate::sign_in::google::provider::Google;
use crate::sign_in::open_session::enter;
use crate::sign_in::password::hashing::Passwords;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::refresh;
use crate::sign_in::sessions::model::refresh::{Pair, Refreshed};
use crate::sign_in::sessions::model::{Holder, Opening, Session};
use crate::team::model::TeamMember;
use crate::team::model::staff_link::StaffLink;

/// Keys of the server, each for one use.
#[derive(Clone, Debug)]
pub struct Keys {
    pub refresh: ServerKey,
    pub cookie: ServerKey,
    pub form: ServerKey,
    pub signing_seal: ServerKey,
    pub idempotency: ServerKey,
    /// Codes follow from their challenges, links to reset a password from their resets, and so on: no secret is kept, and a
    /// mail that is sent again says the same.
    pub code: ServerKey,
    pub reset: ServerKey,
    pub staff_link: ServerKey,
    pub not_me: ServerKey,
    /// The secret of a browser that asks for a sign-in follows from its pre-session cookie.
    pub device: ServerKey,
    /// Seals what a browser carries through a redirect to an identity provider.
    pub redirect: ServerKey,
}

impl Keys {
    pub fn new(secret: &ServerKey) -> Self {
        Self {
            refresh: secret.for_use("refresh"),
            cookie: secret.for_use("cookie"),
            form: secret.for_use("form"),
            signing_seal: secret.for_use("signing keys"),
            idempotency: secret.for_use("idempotency"),
            code: secret.for_use("code"),
            reset: secret.for_use("reset"),
            staff_link: secret.for_use("staff link"),
            not_me: secret.for_use("not me"),
            device: secret.for_use("device"),
            redirect: secret.for_use("redirect"),
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
    pub passwords: Passwords,
    pub google: Option<Google>,
}

/// Who got in, and what with.
#[derive(Debug)]
pub struct SignedIn {
    pub session: Session,
    pub credential: Credential,
    /// Where to land.
    pub section: PortalSection,
    pub role: Option<Role>,
    /// The account's slug.
    pub slug: String,
}

/// How a session is held.
#[derive(Debug)]
pub enum Credential {
    Pair(Box<Pair>),
    Cookie(PlainSecret),
}

/// Whom a session is handed to.
#[derive(Clone, Copy)]
pub enum Outlet<'a> {
    /// A program, which gets a pair of tokens.
    Api,
    /// A browser, which gets a cookie.
    Browser(Browser<'a>),
}

impl Outlet<'_> {
    pub fn browser_hash(self) -> Option<SecretHash> {
        match self {
            Self::Api => None,
            Self::Browser(browser) => Some(browser.hash()),
        }
    }
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
    /// Redeems a link.
    pub async fn with_link(
        &self,
        secret: &PlainSecret,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, (LinkRefusal, Option<Box<Presented>>)>> {
        let mut conn = self.db.conn().await?;
        self.redeem_link(&mut conn, secret, outlet, client).await
    }

    /// The same on a connection of the caller.
    pub(crate) async fn redeem_link(
        &self,
        conn: &mut Conn,
        secret: &PlainSecret,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, (LinkRefusal, Option<Box<Presented>>)>> {
        let moment = self.clock.moment();
        let press = Press {
            browser: outlet.browser_hash(),
            client,
        };
        let done = conn
            .transaction(async |conn| -> Result<_> {
                match redeem(conn, secret, &press, &moment).await? {
                    Redeemed::Refused { refusal, presented } => Ok(Err((refusal, presented))),
                    Redeemed::Session {
                        session, presented, ..
                    } => {
                        let section = presented.link.section;
                        Ok(Ok(self
                            .hand_over(conn, *session, outlet, (section, None), &moment)
                            .await?))
                    }
                }
            })
            .await?;
        if let Err((refusal, Some(presented))) = &done {
            conn.transaction(async |conn| note_refusal(conn, presented, &press, *refusal, &moment).await)
                .await?;
        }
        let mut topics = vec![Topic::Counts, Topic::Activity];
        topics.extend(done.as_ref().ok().and_then(SignedIn::pressed));
        self.live.nudge(secret.account, &topics);
        Ok(done)
    }

    /// Gives a session that was just opened to whom it is for; in the transaction that opened it.
    pub async fn hand_over(
        &self,
        conn: &mut Conn,
        session: Session,
        outlet: Outlet<'_>,
        (section, role): (PortalSection, Option<Role>),
        moment: &Moment,
    ) -> Result<SignedIn> {
        let (mut one, mut two): (&Conn, &Conn) = (conn, conn);
        let given = async {
            Ok(match outlet {
                Outlet::Api => Credential::Pair(Box::new(
                    refresh::first_pair(&mut one, session.clone(), moment).await?,
                )),
                Outlet::Browser(browser) => Credential::Cookie(
                    session
                        .give_cookie(&mut one, &self.keys.cookie, browser.0)
                        .await?,
                ),
            })
        };
        let (credential, account) = try_join!(given, Account::find(&mut two, session.account_id))?;
        Ok(SignedIn {
            session,
            credential,
            section,
            role,
            slug: account.slug,
        })
    }

    /// Spends a staff sign-in link; `None` where it is no good. One that was asked for ends with its sign-in.
    pub async fn with_staff_link(
        &self,
        secret: &PlainSecret,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Option<SignedIn>> {
        let mut conn = self.db.conn().await?;
        self.redeem_staff_link(&mut conn, secret, outlet, client).await
    }

    /// The same on a connection of the caller.
    pub(crate) async fn redeem_staff_link(
        &self,
        conn: &mut Conn,
        secret: &PlainSecret,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Option<SignedIn>> {
        let moment = self.clock.moment();
        let done = conn
            .transaction(async |conn| -> Result<_> {
                let Some(link) = StaffLink::by_secret(conn, secret).await? else {
                    return Ok(None);
                };
                let holder = Holder::Member(link.team_member_id);
                let Some(person) = Person::lock(conn, secret.account, holder).await? else {
                    return Ok(None);
                };
                // The command line's works always, so that nobody is locked out; one that was asked for, as the settings say.
                let asked_for = link.challenge_id.is_some();
                if asked_for && !Account::find(conn, secret.account).await?.link_allowed {
                    return Ok(None);
                }
                if !link.spend(conn, moment.now).await? || !link.open_challenge(conn, moment.now).await? {
                    return Ok(None);
                }
                let opening = Opening {
                    challenge: link.challenge_id,
                    staff_seen: !link.mailed(&self.keys.staff_link, secret),
                    browser: outlet.browser_hash(),
                    ..Opening::new(secret.account, holder, SignInMethod::StaffLink, client)
                };
                let session = enter(conn, &person, &opening, false, &moment).await?;
                let to = (PortalSection::Home, person.role());
                Ok(Some(self.hand_over(conn, session, outlet, to, &moment).await?))
            })
            .await?;
        if let Some(topic) = done.as_ref().and_then(SignedIn::pressed) {
            self.live.nudge(secret.account, &[topic]);
        }
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
        let mut conn = self.db.conn().await?;
        self.sign_out_on(&mut conn, viewer, client).await
    }

    /// The same on a connection of the caller.
    pub(crate) async fn sign_out_on(
        &self,
        conn: &mut Conn,
        viewer: &Viewer,
        client: &Client,
    ) -> Result<bool> {
        let (account, session, kind) = match viewer {
            Viewer::Member { account, session, .. } => (*account, *session, EventKind::StaffSignedOut),
            Viewer::Contact { account, session, .. } => (*account, *session, EventKind::SignedOut),
            Viewer::Anonymous | Viewer::Key { .. } => return Ok(false),
        };
        let moment: Moment = self.clock.moment();
        let ended = conn
            .transaction(async |conn| -> Result<_> {
                let ended = Session::end(conn, account, session, "SIGNED_OUT", moment.now).await?;
                if ended {
                    let acting = Acting {
                        actor: viewer.actor(),
                        client: client.clone(),
                    };
                    let event = NewEvent {
                        contact: acting.actor.contact(),
                        ..NewEvent::of(kind).on(session)
                    };
                    record(conn, account, &acting, &[event], &moment).await?;
                }
                Ok(ended)
            })
            .await?;
        self.live.nudge(account, &[Topic::Revoked(session.0)]);
        Ok(ended)
    }
}
