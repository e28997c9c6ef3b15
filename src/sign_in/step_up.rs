//! A fresh proof of a person who is signed in: for operations that require one (OWASP ASVS 5.0, 7.5.1 and 7.5.2), and for a
//! session that is limited to one section. The holder gets a new, unrestricted session, and the old one ends.
//!
//! [`verify`] counts the attempt and compares, in no transaction; [`complete`] uses up the proof and replaces the session.

mod proofs;

use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Client, SignInMethod};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::attempt::{Target, forget, give_back, give_back_source, note_block, take_both};
use crate::sign_in::attempt_log::{Attempt, log_step_up_refused};
use crate::sign_in::challenge::code::{self, Compared};
use crate::sign_in::challenge::locate;
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::context::SignInContext;
use crate::sign_in::google;
use crate::sign_in::google::provider::VerifiedIdToken;
use crate::sign_in::open_session::{SessionTransport, SignedIn, issue_credential, open_session};
use crate::sign_in::password::{self, VerifiedPassword};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Holder, NewSession, StepUp};

#[derive(Clone, Copy)]
pub(crate) enum Proof<'a> {
    Password(&'a str),
    /// The id of a challenge and the code of its email.
    Code {
        challenge: &'a str,
        code: &'a str,
    },
    /// An ID token.
    Google(&'a str),
    /// The token of a link that was emailed to the person.
    Link(&'a str),
}

/// A proof that was checked as far as possible without using it up.
pub(crate) enum VerifiedProof<'a> {
    Password(Box<VerifiedPassword<'a>>),
    Google(Box<VerifiedIdToken>),
    Code(Box<Challenge>),
    Link(PlainSecret),
    StaffLink(PlainSecret),
    Refused(Refusal),
    /// It was not compared, and that is logged.
    Blocked(Refusal),
}

/// Counts the attempt, whatever the proof, and compares a proof that can be guessed. An attempt that fails with an error does
/// not count.
pub(crate) async fn verify<'a>(
    context: &SignInContext,
    own: &OwnSession,
    proof: Proof<'_>,
    client: &'a Client,
) -> Result<VerifiedProof<'a>> {
    if let Some(refusal) = count(context, own, client).await? {
        return Ok(VerifiedProof::Blocked(refusal));
    }
    let verified = compare(context, own, proof, client).await;
    if verified.is_err() {
        let mut conn = context.db.conn().await?;
        let (source, session) = targets(own, client);
        for counted in source.into_iter().chain([session]) {
            give_back(&mut conn, own.account, counted).await?;
        }
    }
    verified
}

/// A refusal if the session, or its source, has failed too often.
async fn count(context: &SignInContext, own: &OwnSession, client: &Client) -> Result<Option<Refusal>> {
    let moment = context.clock.moment();
    let mut conn = context.db.conn().await?;
    let taken = take_both(&mut conn, own.account, targets(own, client), moment.now).await?;
    let Err(block) = taken else { return Ok(None) };
    let refusal = Refusal::from(block);
    // It commits by itself, as the count does.
    conn.transaction(async |conn| -> Result<_> {
        if note_block(conn, own.account, block.by, moment.now).await? {
            log_step_up_refused(conn, own, client, refusal.reason, &moment).await?;
        }
        Ok(())
    })
    .await?;
    Ok(Some(refusal))
}

async fn compare<'a>(
    context: &SignInContext,
    own: &OwnSession,
    proof: Proof<'_>,
    client: &'a Client,
) -> Result<VerifiedProof<'a>> {
    let verified = match proof {
        Proof::Password(password) => password::verify_step_up(context, own, password, client)
            .await?
            .map(|verified| VerifiedProof::Password(Box::new(verified))),
        Proof::Google(token) => google::verify_step_up(context, own, token, client)
            .await?
            .map(|token| VerifiedProof::Google(Box::new(token))),
        Proof::Code { challenge, code } => compare_code(context, own, (challenge, code), client)
            .await?
            .map(VerifiedProof::Code),
        Proof::Link(token) => {
            let (kind, verified): (_, fn(PlainSecret) -> VerifiedProof<'a>) = match own.holder {
                Holder::Contact(_) => (SecretKind::MagicLink, VerifiedProof::Link),
                Holder::Member(_) => (SecretKind::StaffLink, VerifiedProof::StaffLink),
            };
            let secret = PlainSecret::parse(kind, token.trim());
            let secret = secret.filter(|secret| secret.account == own.account);
            secret.map(verified).ok_or_else(|| Reason::LinkInvalid.into())
        }
    };
    Ok(verified.unwrap_or_else(VerifiedProof::Refused))
}

/// A challenge of another address is not tried, whether or not that address is known.
async fn compare_code(
    context: &SignInContext,
    own: &OwnSession,
    (challenge, code): (&str, &str),
    client: &Client,
) -> Result<Result<Box<Challenge>, Refusal>> {
    let mut conn = context.db.conn().await?;
    let located = locate(&mut conn, challenge).await?;
    let Some((account, audience, id)) = located.filter(|(account, ..)| *account == own.account) else {
        return Ok(Err(Reason::CodeInvalid.into()));
    };
    let person = Person::find(&mut conn, account, own.holder).await?;
    let asked = Challenge::find(&mut conn, account, id).await?;
    let theirs = person.zip(asked).is_some_and(|(person, asked)| {
        audience == own.holder.audience() && person.email_key() == Some(&asked.email_key)
    });
    if !theirs {
        return Ok(Err(Reason::InvalidCredentials.into()));
    }
    let attempt = Attempt {
        account,
        audience,
        method: SignInMethod::Code,
        client,
    };
    let moment = context.clock.moment();
    let compared = code::compare(&mut conn, &context.keys, &attempt, (id, code), &moment);
    Ok(match compared.await? {
        Compared::Right(challenge) => Ok(challenge),
        Compared::Wrong(_, refusal) => Err(refusal),
    })
}

/// Uses up the proof, ends the session that the request came with and opens an unrestricted one.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    (own, verified): (&OwnSession, VerifiedProof<'_>),
    (transport, client): (SessionTransport<'_>, &Client),
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    if let VerifiedProof::Blocked(refusal) = verified {
        return Ok(Err(refusal));
    }
    let proved = match proofs::use_up(conn, own, verified, (transport, client), moment).await? {
        Ok(proved) => proved,
        Err(refusal) => {
            log_step_up_refused(conn, own, client, refusal.reason, moment).await?;
            return Ok(Err(refusal));
        }
    };
    let new = NewSession {
        magic_link: proved.magic_link,
        challenge: proved.challenge,
        browser: transport.browser_hash(),
        mail_read: proved.mail_read,
        step_up: Some(StepUp {
            replaces: own.id,
            by: proved.by,
        }),
        ..NewSession::new(own.account, own.holder, SignInMethod::StepUp, client)
    };
    let session = open_session(conn, &proved.person, &new, moment).await?;
    let landing = (PortalSection::Home, proved.person.role());
    let signed_in = issue_credential(conn, &context.keys, session, transport, landing, moment).await?;
    if proved.by == SignInMethod::Code {
        give_back_source(conn, own.account, client).await?;
    }
    let (source, session) = targets(own, client);
    forget(conn, own.account, session).await?;
    if let Some(source) = source {
        give_back(conn, own.account, source).await?;
    }
    Ok(Ok(signed_in))
}

/// What attempts are counted against: the source and the session.
fn targets(own: &OwnSession, client: &Client) -> (Option<Target>, Target) {
    let session = Target::of("step-up", &[&own.id.to_string()]);
    (Target::source("step-up", client), session)
}
