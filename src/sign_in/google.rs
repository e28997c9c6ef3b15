//! Signing in with Google: by the account at Google that is linked, or, where Google says that the address is verified, by the
//! address; then it is linked. Nobody is created.

pub mod graphql;
pub mod model;
pub mod pages;
pub mod provider;

use chrono::TimeDelta;
use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Acting, Client};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::live::Topic;
use crate::sign_in::attempt;
use crate::sign_in::challenge::{from_here, source};
use crate::sign_in::google::model as identity;
use crate::sign_in::google::model::Identity;
use crate::sign_in::google::provider::{Carried, Google, Speaks};
use crate::sign_in::open_session::{Attempted, enter, refused};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::{Outlet, SignIn, SignedIn};
use crate::sign_in::sessions::model::Opening;
use crate::sign_in::sessions::own::Own;

/// A proof for a step-up is younger than this.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// What somebody brings from Google.
#[derive(Clone, Copy)]
pub enum GoogleProof<'a> {
    /// With the nonce that it must have been made for.
    IdToken { token: &'a str, nonce: &'a str },
    /// Of the redirect flow.
    Code { code: &'a str, carried: Carried<'a> },
}

/// A proof, and where it is to sign in.
#[derive(Clone, Copy)]
pub struct GoogleTry<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub proof: GoogleProof<'a>,
    pub section: PortalSection,
}

impl GoogleProof<'_> {
    async fn verify(&self, google: &Google) -> Result<Result<Speaks, Reason>> {
        match self {
            Self::IdToken { token, nonce } => google.verify(token, Some(nonce)).await,
            Self::Code { code, carried } => match google.exchange(code, carried).await? {
                Ok(token) => google.verify(&token, Some(carried.nonce)).await,
                Err(reason) => Ok(Err(reason)),
            },
        }
    }
}

/// Whom a token proves, held, and how.
struct Known {
    person: Person,
    identity: Option<Identity>,
}

impl SignIn {
    pub async fn with_google(
        &self,
        tried: &GoogleTry<'_>,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let Some(google) = &self.google else {
            return Ok(Err(Reason::MethodDisabled.into()));
        };
        let account = tried.account.id;
        let attempted = Attempted {
            account,
            audience: tried.audience,
            method: SignInMethod::Google,
            client,
        };
        if let Some(refusal) = self.count(&attempted).await? {
            return Ok(Err(refusal));
        }
        let verified = tried.proof.verify(google).await;
        let verified = self.or_give_back(verified, account, client).await?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                let decided = match &verified {
                    Ok(speaks) => decide(conn, (tried, client), speaks, &moment).await?,
                    Err(reason) => Err((*reason, None)),
                };
                match decided {
                    Ok(person) => {
                        let speaks = verified.as_ref().ok();
                        let opened =
                            self.open_linked(conn, tried, (&person, speaks, outlet), client, &moment);
                        Ok(Ok(opened.await?))
                    }
                    Err((reason, person)) => {
                        refused(conn, &attempted, person.as_ref(), reason, &moment).await?;
                        Ok(Err(reason.into()))
                    }
                }
            })
            .await?;
        self.live
            .nudge(account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
        Ok(done)
    }

    async fn open_linked(
        &self,
        conn: &mut Conn,
        tried: &GoogleTry<'_>,
        (person, speaks, outlet): (&Person, Option<&Speaks>, Outlet<'_>),
        client: &Client,
        moment: &Moment,
    ) -> Result<SignedIn> {
        let opening = Opening {
            browser: outlet.browser_hash(),
            ..Opening::new(tried.account.id, person.holder(), SignInMethod::Google, client)
        };
        let said = speaks.and_then(|speaks| speaks.verified_email.as_ref());
        let mail_read = said.is_some_and(|email| person.email_key() == Some(&email.key));
        let session = enter(conn, person, &opening, mail_read, moment).await?;
        if let Some(source) = source(client) {
            attempt::give_back(conn, tried.account.id, source).await?;
        }
        let to = (tried.section, person.role());
        self.hand_over(conn, session, outlet, to, moment).await
    }

    /// Counts a try against its source.
    async fn count(&self, attempted: &Attempted<'_>) -> Result<Option<Refusal>> {
        let mut conn = self.db.conn().await?;
        from_here(&mut conn, attempted, &self.clock.moment()).await
    }

    /// What the provider could not answer was no failed try.
    async fn or_give_back<T>(&self, verified: Result<T>, account: AccountId, client: &Client) -> Result<T> {
        if let (Err(_), Some(source)) = (&verified, source(client)) {
            let mut conn = self.db.conn().await?;
            attempt::give_back(&mut conn, account, source).await?;
        }
        verified
    }

    /// Whether a fresh ID token speaks of the signed-in holder: by the link, or by the verified address. Without a session.
    pub async fn check_google(&self, own: &Own, token: &str, client: &Client) -> Result<Result<(), Refusal>> {
        let Some(google) = &self.google else {
            return Ok(Err(Reason::MethodDisabled.into()));
        };
        let attempted = Attempted {
            account: own.account,
            audience: own.holder.audience(),
            method: SignInMethod::Google,
            client,
        };
        if let Some(refusal) = self.count(&attempted).await? {
            return Ok(Err(refusal));
        }
        let fresh = self.fresh(google, token).await;
        let speaks = match self.or_give_back(fresh, own.account, client).await? {
            Ok(speaks) => speaks,
            Err(reason) => return Ok(Err(reason.into())),
        };
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                let done = proves(conn, own, &speaks).await?;
                if let (Ok(()), Some(source)) = (done, source(client)) {
                    attempt::give_back(conn, own.account, source).await?;
                }
                Ok(done)
            })
            .await?;
        Ok(done.map_err(Into::into))
    }

    async fn fresh(&self, google: &Google, token: &str) -> Result<Result<Speaks, Reason>> {
        let verified = google.verify(token, None).await?;
        let now = self.clock.now();
        Ok(match verified {
            Ok(speaks) if now - speaks.issued_at >= FRESH => Err(Reason::StepUpRequired),
            other => other,
        })
    }
}

/// Whether the token, which is spent by it, is the signed-in holder's.
async fn proves(conn: &mut Conn, own: &Own, speaks: &Speaks) -> Result<Result<(), Reason>> {
    if !identity::spend(conn, own.account, speaks).await? {
        return Ok(Err(Reason::InvalidCredentials));
    }
    let known = known(conn, own.account, own.holder.audience(), speaks).await?;
    if known.is_none_or(|known| known.person.holder() != own.holder) {
        return Ok(Err(Reason::InvalidCredentials));
    }
    let allowed = Account::find(conn, own.account).await?.google_allowed;
    Ok(allowed.then_some(()).ok_or(Reason::MethodDisabled))
}

/// The person whom the token proves, held. An older link than the first proof of the mailbox does not count.
async fn known(
    conn: &mut Conn,
    account: AccountId,
    audience: Audience,
    speaks: &Speaks,
) -> Result<Option<Known>> {
    let identity = Identity::find(conn, account, audience, speaks).await?;
    if let Some((identity, holder)) = identity.and_then(|one| Some((one.clone(), one.holder()?))) {
        let person = Person::lock(conn, account, holder).await?;
        // Before the row was held it may have been unlinked, or linked to somebody else.
        let still = Identity::find(conn, account, audience, speaks).await?;
        let linked = still.is_some_and(|still| still.holder() == Some(holder));
        if let Some(person) = person.filter(|person| linked && person.trusts(identity.linked_at)) {
            return Ok(Some(Known {
                person,
                identity: Some(identity),
            }));
        }
    }
    let Some(email) = &speaks.verified_email else {
        return Ok(None);
    };
    let Some(found) = Person::by_email(conn, account, audience, email).await? else {
        return Ok(None);
    };
    let held = Person::lock(conn, account, found.holder()).await?;
    let same = held.filter(|held| held.email_key() == Some(&email.key));
    Ok(same.map(|person| Known {
        person,
        identity: None,
    }))
}

/// Who comes in, linked by now; or why not.
async fn decide(
    conn: &mut Conn,
    (tried, client): (&GoogleTry<'_>, &Client),
    speaks: &Speaks,
    moment: &Moment,
) -> Result<std::result::Result<Person, (Reason, Option<Person>)>> {
    let account = tried.account.id;
    if !identity::spend(conn, account, speaks).await? {
        return Ok(Err((Reason::InvalidCredentials, None)));
    }
    let Some(Known { person, identity }) = known(conn, account, tried.audience, speaks).await? else {
        let reason = match speaks.verified_email {
            Some(_) => Reason::InvalidCredentials,
            None => Reason::GoogleEmailUnverified,
        };
        return Ok(Err((reason, None)));
    };
    if person.revoked() {
        return Ok(Err((Reason::AccessRevoked, Some(person))));
    }
    if !Account::find(conn, account).await?.google_allowed {
        return Ok(Err((Reason::MethodDisabled, Some(person))));
    }
    match identity {
        Some(identity) => identity.note_use(conn, moment.now).await?,
        None => link(conn, &person, (speaks, client), moment).await?,
    }
    Ok(Ok(person))
}

async fn link(
    conn: &mut Conn,
    person: &Person,
    (speaks, client): (&Speaks, &Client),
    moment: &Moment,
) -> Result<()> {
    Identity::link(conn, person, speaks, moment.now).await?;
    let mut event = NewEvent::of(EventKind::GoogleLinked).by(SignInMethod::Google);
    event.contact = person.holder().contact();
    if let Some(member) = person.holder().member() {
        event = event.on(member);
    }
    let acting = Acting {
        actor: person.actor(),
        client: client.clone(),
    };
    record(conn, person.account(), &acting, &[event], moment).await
}
