//! Signing in with Google: by the linked Google account, or by the address if Google says that it is verified, which links
//! the account. No contact is created.
//!
//! [`verify`] counts the attempt and checks the ID token with no connection held; [`complete`] consumes the token and opens
//! the session in the caller's transaction.

pub(crate) mod graphql;
pub(crate) mod model;
pub(crate) mod pages;
pub(crate) mod provider;
mod step_up;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Client, Requester, SignInMethod};
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::sign_in::attempt;
use crate::sign_in::attempt_log::{SignInAttempt, log_refused};
use crate::sign_in::context::SignInContext;
use crate::sign_in::google::model as identity;
use crate::sign_in::google::model::Identity;
use crate::sign_in::google::provider::{AuthorizationRequest, Google, VerifiedIdToken};
use crate::sign_in::open_session::{
    OpenedSession, SessionTransport, SignedIn, issue_credential, open_session,
};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::model::{Holder, NewSession};

pub(crate) use step_up::{complete_step_up, verify_step_up};

#[derive(Clone, Copy)]
pub(crate) enum GoogleProof<'a> {
    /// An ID token, and the nonce that it must have been issued for.
    IdToken { token: &'a str, nonce: &'a str },
    /// The authorization code of the redirect flow.
    Code {
        code: &'a str,
        request: AuthorizationRequest<'a>,
    },
}

/// An attempt to sign in at an account with a proof from Google.
#[derive(Clone, Copy)]
pub(crate) struct GoogleAttempt<'a> {
    pub account: &'a Account,
    pub audience: Audience,
    pub proof: GoogleProof<'a>,
    pub section: PortalSection,
    pub client: &'a Client,
}

impl<'a> GoogleAttempt<'a> {
    fn attempt(&self) -> SignInAttempt<'a> {
        SignInAttempt {
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

/// An attempt with its checked ID token, or with the reason why the token is invalid, which [`complete`] logs.
pub(crate) struct VerifiedGoogle<'a> {
    attempt: GoogleAttempt<'a>,
    token: Result<VerifiedIdToken, Reason>,
}

/// Counts the attempt and checks the proof, with no connection held.
pub(crate) async fn verify<'a>(
    context: &SignInContext,
    attempt: GoogleAttempt<'a>,
) -> Result<Result<VerifiedGoogle<'a>, Refusal>> {
    let Some(google) = &context.google else {
        return Ok(Err(Reason::MethodDisabled.into()));
    };
    if let Some(refusal) = count(context, &attempt.attempt()).await? {
        return Ok(Err(refusal));
    }
    let token = attempt.proof.verify(google).await;
    let token = refund_on_error(context, token, &attempt.attempt()).await?;
    Ok(Ok(VerifiedGoogle { attempt, token }))
}

/// Signs in the person that the token identifies, and links the Google account.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    verified: VerifiedGoogle<'_>,
    transport: SessionTransport<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let attempt = &verified.attempt;
    let token = match &verified.token {
        Ok(token) => token,
        Err(reason) => return refuse(conn, attempt, RefusedToken::new(*reason), moment).await,
    };
    let person = match find_and_link(conn, attempt, token, moment).await? {
        Ok(person) => person,
        Err(refused) => return refuse(conn, attempt, refused, moment).await,
    };
    let account = attempt.account.id;
    let verified_email = token.verified_email.as_ref();
    let new = NewSession {
        browser: transport.browser_hash(),
        proves_mailbox: verified_email.is_some_and(|email| person.email_key() == Some(&email.key)),
        ..NewSession::new(account, person.holder(), SignInMethod::Google, attempt.client)
    };
    let session = open_session(conn, &person, &new, moment).await?;
    attempt::refund_source(conn, account, attempt.client).await?;
    let opened = OpenedSession {
        session,
        section: attempt.section,
        role: person.role(),
    };
    let signed_in = issue_credential(conn, &context.keys, opened, transport, moment);
    Ok(Ok(signed_in.await?))
}

/// Why a token does not sign in, and the person that it identifies.
struct RefusedToken {
    reason: Reason,
    holder: Option<Holder>,
}

impl RefusedToken {
    fn new(reason: Reason) -> Self {
        Self { reason, holder: None }
    }

    fn of(person: &Person, reason: Reason) -> Self {
        Self {
            reason,
            holder: Some(person.holder()),
        }
    }
}

async fn refuse(
    conn: &mut Conn,
    attempt: &GoogleAttempt<'_>,
    refused: RefusedToken,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    log_refused(conn, &attempt.attempt(), refused.holder, refused.reason, moment).await?;
    Ok(Err(refused.reason.into()))
}

async fn count(context: &SignInContext, attempt: &SignInAttempt<'_>) -> Result<Option<Refusal>> {
    let mut conn = context.db.conn().await?;
    attempt::count_or_refuse(&mut conn, attempt, &context.clock.moment()).await
}

/// Takes an attempt off the count if the provider failed.
async fn refund_on_error<T>(
    context: &SignInContext,
    verified: Result<T>,
    attempt: &SignInAttempt<'_>,
) -> Result<T> {
    if verified.is_err() {
        let mut conn = context.db.conn().await?;
        attempt::refund_source(&mut conn, attempt.account, attempt.client).await?;
    }
    verified
}

/// The person that a token identifies, locked, and the linked account.
struct Identified {
    person: Person,
    identity: Option<Identity>,
}

/// Finds the person that a token identifies. An account that was linked before the first proof of the mailbox does not count.
async fn identify(
    conn: &mut Conn,
    account: AccountId,
    audience: Audience,
    token: &VerifiedIdToken,
) -> Result<Option<Identified>> {
    let identity = Identity::find(conn, account, audience, token).await?;
    if let Some((identity, holder)) = identity.and_then(|found| Some((found.clone(), found.holder()?))) {
        let person = Person::lock(conn, account, holder).await?;
        // Before the row was locked, the identity may have been unlinked, or linked to another person.
        let current = Identity::find(conn, account, audience, token).await?;
        let linked = current.is_some_and(|current| current.holder() == Some(holder));
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
    let unchanged = locked.filter(|locked| locked.email_key() == Some(&email.key));
    Ok(unchanged.map(|person| Identified {
        person,
        identity: None,
    }))
}

/// Consumes the token, finds the person to sign in and links the Google account.
async fn find_and_link(
    conn: &mut Conn,
    attempt: &GoogleAttempt<'_>,
    token: &VerifiedIdToken,
    moment: &Moment,
) -> Result<Result<Person, RefusedToken>> {
    let account = attempt.account.id;
    if !identity::consume(conn, account, token).await? {
        return Ok(Err(RefusedToken::new(Reason::InvalidCredentials)));
    }
    let identified = identify(conn, account, attempt.audience, token).await?;
    let Some(Identified { person, identity }) = identified else {
        let reason = match token.verified_email {
            Some(_) => Reason::InvalidCredentials,
            None => Reason::GoogleEmailUnverified,
        };
        return Ok(Err(RefusedToken::new(reason)));
    };
    if person.revoked() {
        return Ok(Err(RefusedToken::of(&person, Reason::AccessRevoked)));
    }
    if !Account::find(conn, account).await?.google_allowed {
        return Ok(Err(RefusedToken::of(&person, Reason::MethodDisabled)));
    }
    match identity {
        Some(identity) => identity.record_use(conn, moment.now).await?,
        None => link(conn, &person, token, attempt.client, moment).await?,
    }
    Ok(Ok(person))
}

async fn link(
    conn: &mut Conn,
    person: &Person,
    token: &VerifiedIdToken,
    client: &Client,
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
