//! Finishing a sign-in that was asked for: with the code of its mail, or on the asking device after the second confirmation
//! elsewhere. Its link is `with_link`'s matter.
//!
//! A try at a code is counted before it is compared, by a statement that commits by itself: aliases, batches, sockets and
//! other instances gain nothing. For a challenge that was mailed to nobody the same happens, and no code is right.

pub mod asking;
pub mod code;
pub mod confirming;
pub(crate) mod emails;
pub mod graphql;
pub mod model;
pub mod pages;
mod tries;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::base::actor::Client;
use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::base::secrets::PlainSecret;
use crate::live::Topic;
use crate::magic_links::model::MagicLink;
use crate::sign_in::attempt::give_back;
use crate::sign_in::challenge::model::{Challenge, ChallengeState};
use crate::sign_in::open_session::{Attempted, enter, refused_to};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::{Outlet, SignIn, SignedIn};
use crate::sign_in::sessions::model::Opening;

pub(crate) use tries::from_here;
pub(crate) use tries::{Compared, named, source};

/// How a challenge is finished, and by whom.
struct Finish<'a> {
    challenge: &'a Challenge,
    method: SignInMethod,
    outlet: Outlet<'a>,
    client: &'a Client,
}

impl SignIn {
    /// Signs in with the six digits of a mail. `challenge` is the id that asking gave.
    pub async fn with_code(
        &self,
        challenge: &str,
        typed: &str,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let Some((account, audience, id)) = named(&mut conn, challenge).await? else {
            return Ok(Err(Reason::CodeInvalid.into()));
        };
        let attempted = Attempted {
            account,
            audience,
            method: SignInMethod::Code,
            client,
        };
        let compared = self.compare_code(&mut conn, &attempted, id, typed, &moment);
        let (challenge, refusal) = match compared.await? {
            Compared::Wrong(None, refusal) => return Ok(Err(refusal)),
            Compared::Wrong(Some(challenge), refusal) => (challenge, Some(refusal)),
            Compared::Right(challenge) => (challenge, None),
        };
        let finish = Finish::of(&challenge, SignInMethod::Code, outlet, client);
        let done = match refusal {
            Some(refusal) => Err(finish.refused(&mut conn, refusal, &moment).await?),
            None => {
                conn.transaction(async |conn| self.finish(conn, &finish, &moment).await)
                    .await?
            }
        };
        drop(conn);
        self.finished(account, id, &done);
        Ok(done)
    }

    /// Signs in the device that asked, once its sign-in was confirmed where the link was pressed.
    pub async fn with_challenge(
        &self,
        challenge: &str,
        secret: &PlainSecret,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let Ok(id) = challenge.trim().parse() else {
            return Ok(Err(Reason::InvalidCredentials.into()));
        };
        let Some(challenge) = Challenge::find(&mut conn, secret.account, id).await? else {
            return Ok(Err(Reason::InvalidCredentials.into()));
        };
        let finish = Finish::of(&challenge, SignInMethod::Challenge, outlet, client);
        if !challenge.asked_with(secret) {
            return Ok(Err(finish.stranger(&mut conn, &moment).await?));
        }
        let done = match challenge.state(moment.now) {
            ChallengeState::Pending | ChallengeState::LinkOpened => Err(Reason::ChallengePending.into()),
            ChallengeState::Completed | ChallengeState::Expired => Err(Reason::CodeExpired.into()),
            ChallengeState::Confirmed => {
                conn.transaction(async |conn| self.finish(conn, &finish, &moment).await)
                    .await?
            }
        };
        drop(conn);
        self.finished(challenge.account_id, challenge.id, &done);
        Ok(done)
    }

    /// Where a sign-in stands, for a page that waits; an unknown one is over.
    pub async fn challenge_state(&self, challenge: &str) -> Result<ChallengeState> {
        let mut conn = self.db.conn().await?;
        let Some((account, _, id)) = named(&mut conn, challenge).await? else {
            return Ok(ChallengeState::Expired);
        };
        let found = Challenge::find(&mut conn, account, id).await?;
        let now = self.clock.now();
        Ok(found.map_or(ChallengeState::Expired, |found| found.state(now)))
    }

    /// The proof was right: signs in, or says now what else is in the way.
    async fn finish(
        &self,
        conn: &mut Conn,
        finish: &Finish<'_>,
        moment: &Moment,
    ) -> Result<Result<SignedIn, Refusal>> {
        let challenge = finish.challenge;
        let reason = match owner(conn, challenge).await? {
            None => Reason::CodeExpired,
            Some(person) => match barred(conn, &person, finish.by_code()).await? {
                Some(reason) => reason,
                None if challenge.complete(conn, moment.now).await? => {
                    return Ok(Ok(self.open(conn, finish, &person, moment).await?));
                }
                None => Reason::CodeExpired,
            },
        };
        Ok(Err(finish.refused(conn, reason.into(), moment).await?))
    }

    /// The session of a challenge that was just completed.
    async fn open(
        &self,
        conn: &mut Conn,
        finish: &Finish<'_>,
        person: &Person,
        moment: &Moment,
    ) -> Result<SignedIn> {
        let (challenge, by_code) = (finish.challenge, finish.by_code());
        let account = challenge.account_id;
        if by_code {
            end_link(conn, challenge, moment.now).await?;
        }
        let opening = Opening {
            // Who confirmed elsewhere has proved something there, not on this device.
            proves: by_code,
            challenge: Some(challenge.id),
            browser: finish.outlet.browser_hash(),
            ..Opening::new(account, person.holder(), finish.method, finish.client)
        };
        let session = enter(conn, person, &opening, by_code, moment).await?;
        let to = (challenge.section, person.role());
        let signed_in = self.hand_over(conn, session, finish.outlet, to, moment).await?;
        if let (true, Some(source)) = (by_code, source(finish.client)) {
            give_back(conn, account, source).await?;
        }
        Ok(signed_in)
    }

    fn finished(&self, account: AccountId, id: ChallengeId, done: &Result<SignedIn, Refusal>) {
        if done.is_ok() {
            self.live
                .nudge(account, &[Topic::Challenge(id), Topic::Counts, Topic::Activity]);
        }
    }
}

/// Whom it was mailed to, held, if they still read mail at that address.
pub(crate) async fn owner(conn: &mut Conn, challenge: &Challenge) -> Result<Option<Person>> {
    let Some(holder) = challenge.holder() else {
        return Ok(None);
    };
    let person = Person::lock(conn, challenge.account_id, holder).await?;
    Ok(person.filter(|person| person.email_key() == Some(&challenge.email_key)))
}

/// What is in the way of somebody who has proved who they are.
pub(crate) async fn barred(conn: &mut Conn, person: &Person, by_code: bool) -> Result<Option<Reason>> {
    if person.revoked() {
        return Ok(Some(Reason::AccessRevoked));
    }
    let account = Account::find(conn, person.account()).await?;
    let allowed = if by_code {
        account.code_allowed
    } else {
        account.link_allowed
    };
    Ok((!allowed).then_some(Reason::MethodDisabled))
}

/// Its link signs nobody in any more, once its code has. A team member's link ends with its challenge by itself.
pub(crate) async fn end_link(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    if let Some(link) = challenge.magic_link_id {
        MagicLink::revoke(conn, challenge.account_id, link, now).await?;
    }
    Ok(())
}

impl<'a> Finish<'a> {
    fn of(challenge: &'a Challenge, method: SignInMethod, outlet: Outlet<'a>, client: &'a Client) -> Self {
        Self {
            challenge,
            method,
            outlet,
            client,
        }
    }

    fn by_code(&self) -> bool {
        self.method == SignInMethod::Code
    }

    fn attempted(&self) -> Attempted<'a> {
        Attempted {
            account: self.challenge.account_id,
            audience: self.challenge.audience,
            method: self.method,
            client: self.client,
        }
    }

    /// Notes the refusal, and gives it back.
    async fn refused(&self, conn: &mut Conn, refusal: Refusal, moment: &Moment) -> Result<Refusal> {
        refused_to(
            conn,
            &self.attempted(),
            self.challenge.holder(),
            refusal.reason,
            moment,
        )
        .await?;
        Ok(refusal)
    }

    /// Somebody has the id and not the secret.
    async fn stranger(&self, conn: &mut Conn, moment: &Moment) -> Result<Refusal> {
        match from_here(conn, &self.attempted(), moment).await? {
            Some(refusal) => Ok(refusal),
            None => {
                self.refused(conn, Reason::InvalidCredentials.into(), moment)
                    .await
            }
        }
    }
}
