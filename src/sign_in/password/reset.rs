//! Resetting a password by email: the request, and the link that is used for it (OWASP Forgot Password).

use crate::base::actor::Client;
use crate::base::audit::EventKind;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::base::secrets::PlainSecret;
use crate::contacts::model::Contact;
use crate::sign_in::context::SignInContext;
use crate::sign_in::password::change::{
    HashedPassword, PasswordChange, PasswordField, barred, hash_allowed, write,
};
use crate::sign_in::password::hashing::Password as Typed;
use crate::sign_in::password::model::reset::PasswordReset;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};

/// A reset whose link is valid, and the new password.
pub(crate) struct VerifiedReset {
    reset: PasswordReset,
    hashed: HashedPassword,
}

/// Checks a reset's link, and whether the new password is allowed. [`complete`] is the other half.
pub(crate) async fn verify(
    context: &SignInContext,
    secret: &PlainSecret,
    new: PasswordField<'_>,
    moment: &Moment,
) -> Result<Result<VerifiedReset, Refusal>> {
    let typed = Typed::read(new.field, new.text)?;
    let mut conn = context.db.conn().await?;
    let reset = match standing(&mut conn, secret, moment).await? {
        Ok(reset) => reset,
        Err(reason) => return Ok(Err(reason.into())),
    };
    let person = match reset.holder() {
        Some(holder) => Person::find(&mut conn, secret.account, holder).await?,
        None => None,
    };
    drop(conn);
    let Some(person) = person else {
        return Ok(Err(Reason::LinkRevoked.into()));
    };
    let seat = context.passwords.seat().await?;
    let hashed = hash_allowed(context, &seat, &person, (&typed, moment)).await?;
    Ok(hashed.map(|hashed| VerifiedReset { reset, hashed }))
}

async fn standing(
    conn: &mut Conn,
    secret: &PlainSecret,
    moment: &Moment,
) -> Result<std::result::Result<PasswordReset, Reason>> {
    let Some(reset) = PasswordReset::by_secret(conn, secret).await? else {
        return Ok(Err(Reason::LinkInvalid));
    };
    Ok(match reset.refusal(moment.now) {
        Some(reason) => Err(reason),
        None => Ok(reset),
    })
}

/// Uses the link and writes the password. It ends all sessions, for which the caller nudges, and opens none.
pub(crate) async fn complete(
    conn: &mut Conn,
    verified: &VerifiedReset,
    client: &Client,
    moment: &Moment,
) -> Result<Result<Vec<SessionId>, Refusal>> {
    let reset = &verified.reset;
    let holder = reset.holder();
    let person = match holder {
        Some(holder) => Person::lock(conn, reset.account_id, holder).await?,
        None => None,
    };
    // The email went to the address that the person had then.
    let same = person.filter(|person| person.email_key() == Some(&reset.email_key));
    let Some(person) = same else {
        return Ok(Err(Reason::LinkRevoked.into()));
    };
    if person.revoked() {
        return Ok(Err(Reason::AccessRevoked.into()));
    }
    if let Some(reason) = barred(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    if !reset.spend(conn, moment.now).await? {
        return Ok(Err(Reason::LinkUsed.into()));
    }
    if let Person::Contact(contact) = &person {
        Contact::prove_mailbox(conn, contact.account_id, contact.id, moment.now).await?;
    }
    let change = PasswordChange {
        kind: EventKind::PasswordReset,
        keep: None,
        client,
    };
    Ok(Ok(write(conn, &person, &verified.hashed, &change, moment).await?))
}
