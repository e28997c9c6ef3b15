//! The contact of someone who signs up: the right code creates them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::accounts::model::{Account, email_lock};
use crate::base::actor::{Actor, Audience, Client, Requester};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::db::schema::{challenges, messages};
use crate::base::error::{Error, Result};
use crate::base::ids::ContactId;
use crate::contacts::model::{Contact, ContactDetails};
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Reason;

/// The contact with the address, locked; who became one meanwhile signs in as that contact.
pub(super) async fn lock_or_create(
    conn: &mut Conn,
    challenge: &Challenge,
    client: &Client,
    moment: &Moment,
) -> Result<std::result::Result<Person, Reason>> {
    let Some(typed) = &challenge.sign_up_email else {
        return Ok(Err(Reason::CodeExpired));
    };
    let (account, email) = (
        challenge.account_id,
        EmailAddress::parse(typed).map_err(Error::internal)?,
    );
    // Two at once with one address create one contact.
    email_lock::acquire(conn, account, &email.key).await?;
    if let Some(person) = find(conn, challenge, &email, moment).await? {
        return Ok(Ok(person));
    }
    if !Account::find(conn, account).await?.takes_sign_ups() {
        return Ok(Err(Reason::MethodDisabled));
    }
    // Locked, so that it can't end before it is completed: then there would be a contact who never signed in.
    let live = Challenge::lock(conn, account, challenge.id).await?;
    if !live.is_some_and(|live| live.live(moment.now)) {
        return Ok(Err(Reason::CodeExpired));
    }
    match create(conn, challenge, email.clone(), client, moment).await? {
        Some(contact) => Ok(Ok(Person::Contact(contact))),
        // Staff added the address at the same moment.
        None => Ok(find(conn, challenge, &email, moment)
            .await?
            .ok_or(Reason::CodeExpired)),
    }
}

async fn find(
    conn: &mut Conn,
    challenge: &Challenge,
    email: &EmailAddress,
    moment: &Moment,
) -> Result<Option<Person>> {
    Person::lock_by_email(conn, challenge.account_id, Audience::Portal, email, moment).await
}

/// `None` if the address is taken.
async fn create(
    conn: &mut Conn,
    challenge: &Challenge,
    email: EmailAddress,
    client: &Client,
    moment: &Moment,
) -> Result<Option<Contact>> {
    let account = challenge.account_id;
    let details = ContactDetails {
        email: Some(email),
        ..ContactDetails::default()
    };
    let mut requester = Requester {
        actor: Actor::Anonymous,
        client: client.clone(),
    };
    let Some(contact) = Contact::create(conn, account, details, &requester, moment).await? else {
        return Ok(None);
    };
    requester.actor = Actor::Contact(contact.id);
    let event = NewEvent::for_contact(EventKind::NewSignUp, contact.id).on(challenge.id);
    record(conn, account, &requester, &[event], moment).await?;
    own(conn, challenge, contact.id).await?;
    Ok(Some(contact))
}

/// The challenge and its email become the contact's, so that a report of the email ends what the code opened.
async fn own(conn: &mut Conn, challenge: &Challenge, contact: ContactId) -> Result<()> {
    diesel::update(challenges::table.find((challenge.account_id, challenge.id)))
        .set(challenges::contact_id.eq(contact))
        .execute(conn)
        .await?;
    diesel::update(messages::table)
        .filter(messages::account_id.eq(challenge.account_id))
        .filter(messages::about.eq(challenge.id.0))
        .filter(
            messages::contact_id
                .is_null()
                .and(messages::team_member_id.is_null()),
        )
        .set(messages::contact_id.eq(contact))
        .execute(conn)
        .await?;
    Ok(())
}
