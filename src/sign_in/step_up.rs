//! A fresh proof of a person who is signed in: for operations that require one (OWASP ASVS 5.0, 7.5.1 and 7.5.2), and for a
//! session that is limited to one section. The holder gets a new, unrestricted session, and the old one ends.
//!
//! [`verify`] counts the attempt and compares, in no transaction; [`complete`] consumes the proof and replaces the session.

mod proofs;

use crate::accounts::model::section::PortalSection;
use crate::base::actor::SignInMethod;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::attempt::{
    Block, Target, Targets, count_source_and_target, mark_block_logged, refund, refund_source, reset,
};
use crate::sign_in::attempt_log::{SignInAttempt, log_step_up_refused};
use crate::sign_in::challenge::code::{self, CodeAttempt, CodeComparison, SubmittedCode};
use crate::sign_in::challenge::locate;
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::context::SignInContext;
use crate::sign_in::google;
use crate::sign_in::google::provider::VerifiedIdToken;
use crate::sign_in::open_session::{
    OpenedSession, SessionRecipient, SignedIn, issue_credential, open_session,
};
use crate::sign_in::password::{self, ComparedPassword};
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::{Holder, NewSession, StepUp};

#[derive(Clone, Copy)]
pub(crate) enum Proof<'a> {
    Password(&'a str),
    Code(SubmittedCode<'a>),
    /// An ID token.
    Google(&'a str),
    /// The token of a link that was emailed to the person.
    Link(&'a str),
}

/// A session whose holder gives a fresh proof, and the client that gets the new session.
#[derive(Clone, Copy)]
pub(crate) struct StepUpAttempt<'a> {
    pub own: &'a OwnSession,
    pub recipient: SessionRecipient<'a>,
}

/// A proof that was checked as far as possible without consuming it.
pub(crate) enum VerifiedProof<'a> {
    Password(Box<ComparedPassword<'a>>),
    Google(Box<VerifiedIdToken>),
    Code(Box<Challenge>),
    Link(PlainSecret),
    StaffLink(PlainSecret),
    Refused(Refusal),
    /// Too many attempts: the proof was not compared.
    Blocked(Block),
}

/// Counts the attempt, whatever the proof, and compares a proof that can be guessed. An attempt that ends with an error is
/// not counted.
pub(crate) async fn verify<'a>(
    context: &SignInContext,
    attempt: &StepUpAttempt<'a>,
    proof: Proof<'_>,
) -> Result<VerifiedProof<'a>> {
    if let Some(block) = count(context, attempt).await? {
        return Ok(VerifiedProof::Blocked(block));
    }
    let verified = compare(context, attempt, proof).await;
    if verified.is_err() {
        let mut conn = context.db.conn().await?;
        let Targets { source, target } = attempt.targets();
        for counted in source.into_iter().chain([target]) {
            refund(&mut conn, attempt.own.account, counted).await?;
        }
    }
    verified
}

/// A block if the session, or its source, has failed too often.
async fn count(context: &SignInContext, attempt: &StepUpAttempt<'_>) -> Result<Option<Block>> {
    let now = context.clock.now();
    let mut conn = context.db.conn().await?;
    let counted = count_source_and_target(&mut conn, attempt.own.account, attempt.targets(), now).await?;
    Ok(counted.err())
}

async fn compare<'a>(
    context: &SignInContext,
    attempt: &StepUpAttempt<'a>,
    proof: Proof<'_>,
) -> Result<VerifiedProof<'a>> {
    let (own, client) = (attempt.own, attempt.recipient.client);
    let verified = match proof {
        Proof::Password(password) => password::verify_step_up(context, own, password, client)
            .await?
            .map(|verified| VerifiedProof::Password(Box::new(verified))),
        Proof::Google(token) => google::verify_step_up(context, own, token, client)
            .await?
            .map(|token| VerifiedProof::Google(Box::new(token))),
        Proof::Code(submitted) => compare_code(context, attempt, submitted)
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

/// A challenge of another address is refused without counting an attempt at its code, whether or not that address is known.
async fn compare_code(
    context: &SignInContext,
    attempt: &StepUpAttempt<'_>,
    submitted: SubmittedCode<'_>,
) -> Result<Result<Box<Challenge>, Refusal>> {
    let own = attempt.own;
    let mut conn = context.db.conn().await?;
    let located = locate(&mut conn, submitted.challenge).await?;
    let Some((account, audience, id)) = located.filter(|(account, ..)| *account == own.account) else {
        return Ok(Err(Reason::CodeInvalid.into()));
    };
    let person = Person::find(&mut conn, account, own.holder).await?;
    let challenge = Challenge::find(&mut conn, account, id).await?;
    let own_challenge = person.zip(challenge).is_some_and(|(person, challenge)| {
        audience == own.holder.audience() && person.email_key() == Some(&challenge.email_key)
    });
    if !own_challenge {
        return Ok(Err(Reason::InvalidCredentials.into()));
    }
    let code_attempt = CodeAttempt {
        attempt: SignInAttempt {
            account,
            audience,
            method: SignInMethod::Code,
            client: attempt.recipient.client,
        },
        challenge: id,
        code: submitted.code,
    };
    let moment = context.clock.moment();
    let compared = code::compare(&mut conn, &context.keys, &code_attempt, &moment);
    Ok(match compared.await? {
        CodeComparison::Right(challenge) => Ok(challenge),
        CodeComparison::Wrong(_, refusal) => Err(refusal),
    })
}

/// Consumes the proof, ends the session that the request came with and opens an unrestricted one.
pub(crate) async fn complete(
    conn: &mut Conn,
    context: &SignInContext,
    attempt: &StepUpAttempt<'_>,
    verified: VerifiedProof<'_>,
    moment: &Moment,
) -> Result<Result<SignedIn, Refusal>> {
    let StepUpAttempt { own, recipient } = *attempt;
    let SessionRecipient { transport, client } = recipient;
    if let VerifiedProof::Blocked(block) = verified {
        return Ok(Err(refuse_blocked(conn, attempt, block, moment).await?));
    }
    let proved = match proofs::consume(conn, attempt, verified, moment).await? {
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
        proves_mailbox: proved.proves_mailbox,
        step_up: Some(StepUp {
            replaces: own.id,
            by: proved.by,
        }),
        ..NewSession::new(own.account, own.holder, SignInMethod::StepUp, client)
    };
    let session = open_session(conn, &proved.person, &new, moment).await?;
    let opened = OpenedSession {
        session,
        section: PortalSection::Home,
        role: proved.person.role(),
    };
    let signed_in = issue_credential(conn, &context.keys, opened, transport, moment).await?;
    if proved.by == SignInMethod::Code {
        refund_source(conn, own.account, client).await?;
    }
    let Targets { source, target } = attempt.targets();
    reset(conn, own.account, target).await?;
    if let Some(source) = source {
        refund(conn, own.account, source).await?;
    }
    Ok(Ok(signed_in))
}

async fn refuse_blocked(
    conn: &mut Conn,
    attempt: &StepUpAttempt<'_>,
    block: Block,
    moment: &Moment,
) -> Result<Refusal> {
    let refusal = Refusal::from(block);
    let (own, client) = (attempt.own, attempt.recipient.client);
    if mark_block_logged(conn, own.account, block.by, moment.now).await? {
        log_step_up_refused(conn, own, client, refusal.reason, moment).await?;
    }
    Ok(refusal)
}

impl StepUpAttempt<'_> {
    /// What the attempt is counted against: the source and the session.
    fn targets(&self) -> Targets {
        Targets {
            source: Target::source("step-up", self.recipient.client),
            target: Target::of("step-up", &[&self.own.id.to_string()]),
        }
    }
}
