//! Resetting a password with an emailed link (OWASP Forgot Password).

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
    HashedPassword, PasswordChange, PasswordField, hash_if_allowed, method_disabled, save,
};
use crate::sign_in::password::hashing::PlainPassword;
use crate::sign_in::password::model::reset::PasswordReset;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};

/// A reset whose link is valid, and the new password.
pub(crate) struct VerifiedReset {
    reset: PasswordReset,
    hashed: HashedPassword,
}

/// Checks a reset's link, and whether the new password is allowed. [`complete`] follows.
pub(crate) async fn verify(
    context: &SignInContext,
    secret: &PlainSecret,
    new: PasswordField<'_>,
    moment: &Moment,
) -> Result<Result<VerifiedReset, Refusal>> {
    let password = PlainPassword::parse(new.field, new.text)?;
    let mut conn = context.db.conn().await?;
    let reset = match find_valid(&mut conn, secret, moment).await? {
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
    let permit = context.password_hasher.permit().await?;
    let hashed = hash_if_allowed(context, &permit, &person, &password, moment).await?;
    Ok(hashed.map(|hashed| VerifiedReset { reset, hashed }))
}

async fn find_valid(
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
    // The email went to the address that the person had at the request.
    let unchanged = person.filter(|person| person.email_key() == Some(&reset.email_key));
    let Some(person) = unchanged else {
        return Ok(Err(Reason::LinkRevoked.into()));
    };
    if person.revoked() {
        return Ok(Err(Reason::AccessRevoked.into()));
    }
    if let Some(reason) = method_disabled(conn, &person).await? {
        return Ok(Err(reason.into()));
    }
    if !reset.consume(conn, moment.now).await? {
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
    Ok(Ok(save(conn, &person, &verified.hashed, &change, moment).await?))
}
