//! Signing in with Google: by the linked Google account or, if Google says that the address is verified, by the address, which
//! links the account. No contact is created.
//!
//! [`verify`] counts the attempt and checks the ID token with no connection held; [`complete`] uses the token up and opens the
//! session in the caller's transaction.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
pub(crate) mod provider;

use chrono::TimeDelta;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Client, Requester, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::attempt;
use crate::sign_in::attempt_log::{Attempt, log_refused};
use crate::sign_in::context::SignInContext;
use crate::sign_in::google::model as identity;
use crate::sign_in::google::model::Identity;
use crate::sign_in::google::provider::{AuthorizationRequest, Google, VerifiedIdToken};
use crate::sign_in::open_session::{SessionTransport, SignedIn, issue_credential, open_session};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::NewSession;

/// The ID token of a step-up is younger than this.
const FRESH: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Copy)]
pub(crate) enum GoogleProof<'a> {
    /// With the nonce that it must have been issued for.
    IdToken { token: &'a str, nonce: &'a str },
    /// The authorization code of the redirect flow.
    Code {
        code: &'a str,
        request: AuthorizationRequest<'a>,
    },
}

/// A proof, and where it is to sign in.
#[derive(Clone, Copy)]
pub(crate) struct GoogleAttempt<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub proof: GoogleProof<'a>,
    pub section: PortalSection,
    pub client: &'a Client,
}

impl<'a> GoogleAttempt<'a> {
    fn attempt(&self) -> Attempt<'a> {
        Attempt {
            account: self.account.id,
            audience: self.audience,
            method: SignInMethod::Google,
            client: self.client,
        }
    }
}

impl GoogleProof<'_> {
    async fn verify(&self, google: &Google) -> Result<Result<VerifiedIdToken, Reason>> {
        match self {
            Self::IdToken { token, nonce } => google.verify(token, Some(nonce)).await,
            Self::Code { code, request } => match google.exchange(code, request).await? {
                Ok(token) => google.verify(&token, Some(request.nonce)).await,
                Err(reason) => Ok(Err(reason)),
            },
        }
    }
}

/// An ID token that was checked, or why it is not valid, which [`complete`] logs.
pub(crate) struct VerifiedGoogle(Result<VerifiedIdToken, Reason>);

/// Counts the attempt and checks the proof, with no connection held.
pub(crate) async fn verify(
    context: &SignInContext,
    attempt: &GoogleAttempt<'_>,
) -> Result<Result<VerifiedGoogle, Refusal>> {
    let Some(google) = &context.google else {
        return Ok(Err(Reason::MethodDisabled.into()));
    };
    if let Some(refusal) = count(context, &attempt.attempt()).await? {
        return Ok(Err(refusal));
    }
    let verified = attempt.proof.verify(google).await;
    let verified = give_back_on_error(context, verified, &attempt.attempt()).await?;
    Ok(Ok(VerifiedGoogle(verified)))
}

/// Signs in the person whom the token identifies, and links the Google account.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    (attempt, verified): (&GoogleAttempt<'_>, VerifiedGoogle),
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let found = match &verified.0 {
        Ok(token) => find(conn, attempt, token, moment).await?,
        Err(reason) => Err((*reason, None)),
    };
    let (person, token) = match (found, verified.0) {
        (Ok(person), Ok(token)) => (person, token),
        (Err((reason, person)), _) => {
            let holder = person.as_ref().map(Person::holder);
            log_refused(conn, &attempt.attempt(), holder, reason, moment).await?;
            return Ok(Err(reason.into()));
        }
        (Ok(_), Err(reason)) => return Ok(Err(reason.into())),
    };
    let account = attempt.account.id;
    let said = token.verified_email.as_ref();
    let new = NewSession {
        browser: transport.browser_hash(),
        mail_read: said.is_some_and(|email| person.email_key() == Some(&email.key)),
        ..NewSession::new(account, person.holder(), SignInMethod::Google, attempt.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    attempt::give_back_source(conn, account, attempt.client).await?;
    let landing = (attempt.section, person.role());
    let signed_in = issue_credential(conn, &context.keys, session, transport, landing, moment);
    Ok(Ok(signed_in.await?))
}

async fn count(context: &SignInContext, attempt: &Attempt<'_>) -> Result<Option<Refusal>> {
    let mut conn = context.db.conn().await?;
    attempt::count_source(&mut conn, attempt, &context.clock.moment()).await
}

/// An attempt that the provider could not answer does not count.
async fn give_back_on_error<T>(
    context: &SignInContext,
    verified: Result<T>,
    attempt: &Attempt<'_>,
) -> Result<T> {
    if verified.is_err() {
        let mut conn = context.db.conn().await?;
        attempt::give_back_source(&mut conn, attempt.account, attempt.client).await?;
    }
    verified
}

/// The first half of a step-up: counts the attempt and checks that the ID token is fresh. [`complete_step_up`] is the other.
pub(crate) async fn verify_step_up(
    context: &SignInContext,
    own: &OwnSession,
    token: &str,
    client: &Client,
) -> Result<Result<VerifiedIdToken, Refusal>> {
    let Some(google) = &context.google else {
        return Ok(Err(Reason::MethodDisabled.into()));
    };
    let attempt = Attempt {
        account: own.account,
        audience: own.holder.audience(),
        method: SignInMethod::Google,
        client,
    };
    if let Some(refusal) = count(context, &attempt).await? {
        return Ok(Err(refusal));
    }
    let verified = google.verify(token, None).await;
    let now = context.clock.now();
    Ok(match give_back_on_error(context, verified, &attempt).await? {
        Ok(token) if now - token.issued_at >= FRESH => Err(Reason::StepUpRequired.into()),
        verified => verified.map_err(Into::into),
    })
}

/// Whether the token, which is used up, identifies the holder of the session: by the linked account, or the verified address.
pub(crate) async fn complete_step_up(
    conn: &mut Conn,
    own: &OwnSession,
    token: &VerifiedIdToken,
    client: &Client,
) -> Result<Result<(), Reason>> {
    if !identity::spend(conn, own.account, token).await? {
        return Ok(Err(Reason::InvalidCredentials));
    }
    let identified = identify(conn, own.account, own.holder.audience(), token).await?;
    if identified.is_none_or(|identified| identified.person.holder() != own.holder) {
        return Ok(Err(Reason::InvalidCredentials));
    }
    if !Account::find(conn, own.account).await?.google_allowed {
        return Ok(Err(Reason::MethodDisabled));
    }
    attempt::give_back_source(conn, own.account, client).await?;
    Ok(Ok(()))
}

/// The person whom a token identifies, locked, and the linked account.
struct Identified {
    person: Person,
    identity: Option<Identity>,
}

/// A link that is older than the first proof of the mailbox does not count.
async fn identify(
    conn: &mut Conn,
    account: AccountId,
    audience: Audience,
    token: &VerifiedIdToken,
) -> Result<Option<Identified>> {
    let identity = Identity::find(conn, account, audience, token).await?;
    if let Some((identity, holder)) = identity.and_then(|one| Some((one.clone(), one.holder()?))) {
        let person = Person::lock(conn, account, holder).await?;
        // Before the row was locked, the identity may have been unlinked, or linked to another person.
        let still = Identity::find(conn, account, audience, token).await?;
        let linked = still.is_some_and(|still| still.holder() == Some(holder));
        if let Some(person) = person.filter(|person| linked && person.trusts(identity.linked_at)) {
            return Ok(Some(Identified {
                person,
                identity: Some(identity),
            }));
        }
    }
    let Some(email) = &token.verified_email else {
        return Ok(None);
    };
    let Some(found) = Person::by_email(conn, account, audience, email).await? else {
        return Ok(None);
    };
    let locked = Person::lock(conn, account, found.holder()).await?;
    let same = locked.filter(|locked| locked.email_key() == Some(&email.key));
    Ok(same.map(|person| Identified {
        person,
        identity: None,
    }))
}

/// The person to sign in, linked by now; or why not.
async fn find(
    conn: &mut Conn,
    attempt: &GoogleAttempt<'_>,
    token: &VerifiedIdToken,
    moment: &Moment,
) -> Result<std::result::Result<Person, (Reason, Option<Person>)>> {
    let account = attempt.account.id;
    if !identity::spend(conn, account, token).await? {
        return Ok(Err((Reason::InvalidCredentials, None)));
    }
    let identified = identify(conn, account, attempt.audience, token).await?;
    let Some(Identified { person, identity }) = identified else {
        let reason = match token.verified_email {
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
        None => link(conn, &person, (token, attempt.client), moment).await?,
    }
    Ok(Ok(person))
}

async fn link(
    conn: &mut Conn,
    person: &Person,
    (token, client): (&VerifiedIdToken, &Client),
    moment: &Moment,
) -> Result<()> {
    Identity::link(conn, person, token, moment.now).await?;
    let mut event = NewEvent::new(EventKind::GoogleLinked).by(SignInMethod::Google);
    event.contact = person.holder().contact();
    if let Some(member) = person.holder().member() {
        event = event.on(member);
    }
    let requester = Requester {
        actor: person.actor(),
        client: client.clone(),
    };
    record(conn, person.account(), &requester, &[event], moment).await
}
