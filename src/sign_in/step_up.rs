//! A fresh proof of somebody who is signed in: for what asks for one (OWASP ASVS 5.0, 7.5.1 and 7.5.2), and for a session
//! that opens one section only. The holder gets a new session, whole and proved, and the old one ends.
//!
//! First the proof is counted and compared ([`SignIn::prove`]), in no transaction; then it is spent and the session renewed
//! ([`SignIn::step_up`]), in one.

mod spending;

use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Client;
use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::magic_links::model::redeem::Press;
use crate::sign_in::attempt::{Target, forget, give_back, note_block, take_both};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::challenge::{Compared, named, source};
use crate::sign_in::open_session::{Attempted, step_up_refused};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::{Outlet, SignIn, SignedIn};
use crate::sign_in::sessions::model::Holder;
use crate::sign_in::sessions::own::Own;

/// What somebody shows.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    Password(&'a str),
    /// The id of a challenge and the code of its mail.
    Code {
        challenge: &'a str,
        code: &'a str,
    },
    /// An ID token.
    Google(&'a str),
    /// The token of a link that was mailed to them.
    Link(&'a str),
}

/// A proof that was looked at and is not spent yet.
pub struct Proved(Stage);

enum Stage {
    /// By a password or an identity provider: nothing is left to spend.
    Checked(SignInMethod),
    Code(Box<Challenge>),
    Link(PlainSecret),
    StaffLink(PlainSecret),
    Refused(Refusal),
    /// It was not compared, and that is noted.
    Blocked(Refusal),
}

impl SignIn {
    /// The whole step, for the portal's pages.
    pub async fn step_up_with(
        &self,
        own: &Own,
        proof: Proof<'_>,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let proved = self.prove(own, proof, client).await?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| self.step_up(conn, own, (&proved, outlet, client), &moment).await)
            .await?;
        drop(conn);
        self.stepped_up(own, &done);
        Ok(done)
    }

    /// Counts a try, whatever the proof, and compares one that can be guessed. What can't be looked at now was no try.
    pub async fn prove(&self, own: &Own, proof: Proof<'_>, client: &Client) -> Result<Proved> {
        if let Some(refusal) = self.count_step_up(own, client).await? {
            return Ok(Proved(Stage::Blocked(refusal)));
        }
        let stage = self.compare(own, proof, client).await;
        if stage.is_err() {
            let mut conn = self.db.conn().await?;
            let (source, session) = targets(own, client);
            for counted in source.into_iter().chain([session]) {
                give_back(&mut conn, own.account, counted).await?;
            }
        }
        stage.map(Proved)
    }

    /// A refusal where the session, or where it comes from, has failed too often.
    async fn count_step_up(&self, own: &Own, client: &Client) -> Result<Option<Refusal>> {
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let taken = take_both(&mut conn, own.account, targets(own, client), moment.now).await?;
        let Err(block) = taken else { return Ok(None) };
        let refusal = Refusal::from(block);
        conn.transaction(async |conn| -> Result<_> {
            if note_block(conn, own.account, block.by, moment.now).await? {
                let (acting, refused) = (own.acting(client), (own.holder, refusal.reason));
                step_up_refused(conn, own.account, &acting, refused, &moment).await?;
            }
            Ok(())
        })
        .await?;
        Ok(Some(refusal))
    }

    async fn compare(&self, own: &Own, proof: Proof<'_>, client: &Client) -> Result<Stage> {
        Ok(match proof {
            Proof::Password(password) => match self
                .check_password(own.account, own.holder, ("input.password", password), client)
                .await?
            {
                Ok(()) => Stage::Checked(SignInMethod::Password),
                Err(refusal) => Stage::Refused(refusal),
            },
            Proof::Google(token) => match self.check_google(own, token, client).await? {
                Ok(()) => Stage::Checked(SignInMethod::Google),
                Err(refusal) => Stage::Refused(refusal),
            },
            Proof::Code { challenge, code } => self.prove_by_code(own, challenge, code, client).await?,
            Proof::Link(token) => {
                let token = token.trim();
                let (kind, stage): (_, fn(PlainSecret) -> Stage) = match own.holder {
                    Holder::Contact(_) => (SecretKind::MagicLink, Stage::Link),
                    Holder::Member(_) => (SecretKind::StaffLink, Stage::StaffLink),
                };
                let secret = PlainSecret::parse(kind, token).filter(|secret| secret.account == own.account);
                secret.map_or(Stage::Refused(Reason::LinkInvalid.into()), stage)
            }
        })
    }

    /// A challenge of another address is not tried, and whether that address is somebody's makes no difference.
    async fn prove_by_code(&self, own: &Own, challenge: &str, code: &str, client: &Client) -> Result<Stage> {
        let mut conn = self.db.conn().await?;
        let named = named(&mut conn, challenge).await?;
        let Some((account, audience, id)) = named.filter(|(account, ..)| *account == own.account) else {
            return Ok(Stage::Refused(Reason::CodeInvalid.into()));
        };
        let person = Person::find(&mut conn, account, own.holder).await?;
        let asked = Challenge::find(&mut conn, account, id).await?;
        let theirs = person.zip(asked).is_some_and(|(person, asked)| {
            audience == own.holder.audience() && person.email_key() == Some(&asked.email_key)
        });
        if !theirs {
            return Ok(Stage::Refused(Reason::InvalidCredentials.into()));
        }
        let attempted = Attempted {
            account,
            audience,
            method: SignInMethod::Code,
            client,
        };
        let moment = self.clock.moment();
        Ok(
            match self
                .compare_code(&mut conn, &attempted, id, code, &moment)
                .await?
            {
                Compared::Right(challenge) => Stage::Code(challenge),
                Compared::Wrong(_, refusal) => Stage::Refused(refusal),
            },
        )
    }

    /// Spends the proof, ends the session that the request came with and opens a whole one.
    pub async fn step_up(
        &self,
        conn: &mut Conn,
        own: &Own,
        (proved, outlet, client): (&Proved, Outlet<'_>, &Client),
        moment: &Moment,
    ) -> Result<Result<SignedIn, Refusal>> {
        let press = Press {
            browser: outlet.browser_hash(),
            client,
        };
        if let Stage::Blocked(refusal) = proved.0 {
            return Ok(Err(refusal));
        }
        let spent = match spending::spend(conn, own, &proved.0, &press, moment).await? {
            Ok(spent) => spent,
            Err(refusal) => {
                let (acting, refused) = (own.acting(client), (own.holder, refusal.reason));
                step_up_refused(conn, own.account, &acting, refused, moment).await?;
                return Ok(Err(refusal));
            }
        };
        let session = spent.renew(conn, own, &press, moment).await?;
        let to = (PortalSection::Home, spent.person.role());
        let signed_in = self.hand_over(conn, session, outlet, to, moment).await?;
        if let (SignInMethod::Code, Some(source)) = (spent.by, source(client)) {
            give_back(conn, own.account, source).await?;
        }
        let (source, session) = targets(own, client);
        forget(conn, own.account, session).await?;
        if let Some(source) = source {
            give_back(conn, own.account, source).await?;
        }
        Ok(Ok(signed_in))
    }

    /// After the commit.
    pub fn stepped_up(&self, own: &Own, done: &Result<SignedIn, Refusal>) {
        if let Ok(signed_in) = done {
            let mut topics = vec![Topic::Revoked(own.session.0), Topic::Activity];
            topics.extend(signed_in.session.challenge_id.map(Topic::Challenge));
            self.live.nudge(own.account, &topics);
        }
    }
}

/// What tries are counted against: where they come from, and the session.
fn targets(own: &Own, client: &Client) -> (Option<Target>, Target) {
    let session = Target::of("step-up", &[&own.session.to_string()]);
    (Target::source("step-up", client), session)
}
