//! Refresh tokens: rotated on use; a repeat after a lost response gets the same pair.
//!
//! The successor is derived from the presented token with a key of the server, so a repeat gets the same bytes. A repeat is
//! accepted within [`REPEAT_WINDOW`], and within [`LOST_RESPONSE_WINDOW`] if the new pair was never used. Any other reuse
//! ends the session (OWASP ASVS 5.0, 10.4.5 and 10.4.8).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::base::actor::{Actor, Client, Requester, Role};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::schema::refresh_tokens;
use crate::base::db::{AnyConn, Conn};
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::base::secrets::{PlainSecret, SecretHash, SecretKind, ServerKey};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Session;

const REPEAT_WINDOW: TimeDelta = TimeDelta::seconds(10);
const LOST_RESPONSE_WINDOW: TimeDelta = TimeDelta::hours(24);

/// A pair to issue: the refresh token, and the generation of its access token.
#[derive(Clone, Debug)]
pub struct TokenPair {
    pub session: Session,
    pub refresh: PlainSecret,
    pub generation: i32,
    /// When the generation began. It is the access token's time of issue, so that a repeat is identical to the byte.
    pub issued_at: DateTime<Utc>,
}

#[derive(Debug)]
pub enum Refreshed {
    Renewed {
        pair: Box<TokenPair>,
        /// The team member's current role.
        role: Option<Role>,
    },
    /// The token is unknown, or its session ended or expired. `reused` is the session that a reused token has just ended.
    Ended { reused: Option<SessionId> },
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
struct Token {
    account_id: AccountId,
    token_hash: SecretHash,
    generation: i32,
    issued_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    rotated_at: Option<DateTime<Utc>>,
}

/// The first pair of a session.
pub async fn first_pair(conn: &mut impl AnyConn, session: Session, moment: &Moment) -> Result<TokenPair> {
    let refresh = PlainSecret::generate(SecretKind::Refresh, session.account_id, moment);
    insert(conn, &session, &refresh, 0, moment.now).await?;
    Ok(TokenPair {
        session,
        refresh,
        generation: 0,
        issued_at: moment.now,
    })
}

async fn insert(
    conn: &mut impl AnyConn,
    session: &Session,
    token: &PlainSecret,
    generation: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::account_id.eq(session.account_id),
            refresh_tokens::token_hash.eq(token.hash()),
            refresh_tokens::session_id.eq(session.id),
            refresh_tokens::generation.eq(generation),
            refresh_tokens::issued_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A refresh token and its session, both locked.
struct LockedToken {
    session: Session,
    token: Token,
}

async fn lock(conn: &mut Conn, presented: &PlainSecret) -> Result<Option<LockedToken>> {
    let (account, hash) = (presented.account, presented.hash());
    let session: Option<SessionId> = refresh_tokens::table
        .find((account, hash))
        .select(refresh_tokens::session_id)
        .first(conn)
        .await
        .optional()?;
    let Some(session) = session else { return Ok(None) };
    let session = Session::lock(conn, account, session).await?;
    let token = Token::lock(conn, account, hash).await?;
    Ok(session
        .zip(token)
        .map(|(session, token)| LockedToken { session, token }))
}

/// The holder, unless it is a contact whose access was revoked or a member who was removed.
async fn active_holder(conn: &mut Conn, session: &Session) -> Result<Option<Person>> {
    let Some(holder) = session.holder() else {
        return Ok(None);
    };
    let person = Person::find(conn, session.account_id, holder).await?;
    Ok(person.filter(|person| !person.revoked()))
}

/// Exchanges a refresh token for the next pair. A reuse that ends the session is logged.
pub async fn refresh(
    conn: &mut Conn,
    presented: &PlainSecret,
    key: &ServerKey,
    client: &Client,
    moment: &Moment,
) -> Result<Refreshed> {
    let Some(locked) = lock(conn, presented).await? else {
        return Ok(Refreshed::Ended { reused: None });
    };
    let holder = active_holder(conn, &locked.session).await?;
    let Some(holder) = holder.filter(|_| locked.session.live(moment.now)) else {
        return Ok(Refreshed::Ended { reused: None });
    };
    let session_id = locked.session.id;
    match rotate(conn, locked, presented, key, moment).await? {
        Some(pair) => Ok(Refreshed::Renewed {
            pair: Box::new(pair),
            role: holder.role(),
        }),
        None => {
            end_reused(conn, presented.account, session_id, client, moment).await?;
            Ok(Refreshed::Ended {
                reused: Some(session_id),
            })
        }
    }
}

async fn end_reused(
    conn: &mut Conn,
    account: AccountId,
    session: SessionId,
    client: &Client,
    moment: &Moment,
) -> Result<()> {
    Session::end(conn, account, session, "REFRESH_REUSED", moment.now).await?;
    let requester = Requester {
        actor: Actor::Anonymous,
        client: client.clone(),
    };
    let event = NewEvent::new(EventKind::SessionEnded)
        .on(session)
        .refused("REFRESH_REUSED");
    record(conn, account, &requester, &[event], moment).await
}

/// The next pair, or the same pair again if its response may have been lost; `None` for any other reuse.
async fn rotate(
    conn: &mut Conn,
    locked: LockedToken,
    presented: &PlainSecret,
    key: &ServerKey,
    moment: &Moment,
) -> Result<Option<TokenPair>> {
    let LockedToken { session, token } = locked;
    let next = PlainSecret::derive(
        SecretKind::Refresh,
        presented.account,
        key,
        &[presented.reveal().as_bytes()],
    );
    let Some(rotated_at) = token.rotated_at else {
        token.rotate(conn, moment.now).await?;
        // If other services verify the access token, refreshes are the only uses that this server sees.
        if session.first_used_at.is_none() {
            Session::record_use(conn, session.account_id, session.id, moment.now).await?;
        }
        insert(conn, &session, &next, token.generation + 1, moment.now).await?;
        let pair = TokenPair {
            session,
            refresh: next,
            generation: token.generation + 1,
            issued_at: moment.now,
        };
        return Ok(Some(pair));
    };
    let elapsed = moment.now - rotated_at;
    let successor = Token::lock(conn, presented.account, next.hash()).await?;
    let repeated = successor.filter(|successor| {
        elapsed <= REPEAT_WINDOW || (elapsed <= LOST_RESPONSE_WINDOW && successor.unused())
    });
    Ok(repeated.map(|successor| TokenPair {
        session,
        refresh: next,
        generation: successor.generation,
        issued_at: successor.issued_at,
    }))
}

/// Records that the access token of a generation was used: its response was not lost.
pub(crate) async fn record_use(
    conn: &mut Conn,
    account: AccountId,
    session: SessionId,
    generation: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(refresh_tokens::table)
        .filter(
            refresh_tokens::account_id
                .eq(account)
                .and(refresh_tokens::session_id.eq(session)),
        )
        .filter(
            refresh_tokens::generation
                .eq(generation)
                .and(refresh_tokens::used_at.is_null()),
        )
        .set(refresh_tokens::used_at.eq(now))
        .execute(conn)
        .await?;
    Ok(())
}

impl Token {
    async fn lock(conn: &mut Conn, account: AccountId, hash: SecretHash) -> Result<Option<Self>> {
        Ok(refresh_tokens::table
            .find((account, hash))
            .select(Self::as_select())
            .for_update()
            .first(conn)
            .await
            .optional()?)
    }

    async fn rotate(&self, conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
        diesel::update(refresh_tokens::table.find((self.account_id, self.token_hash)))
            .set((
                refresh_tokens::rotated_at.eq(now),
                refresh_tokens::used_at.eq(self.used_at.unwrap_or(now)),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Whether neither this token nor its access token was ever used.
    fn unused(&self) -> bool {
        self.used_at.is_none() && self.rotated_at.is_none()
    }
}
