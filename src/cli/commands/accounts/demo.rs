//! The demo account: sample contacts, an email that bounced, and a sending domain that waits for its DNS records.

use diesel_async::AsyncConnection;
use serde_json::json;

use super::{AccountAccess, DEFAULT_SCOPES, access, api_key, record_event, staff_link};
use crate::accounts::model::{Account, reserved};
use crate::app::config::Config;
use crate::app::data_dir;
use crate::base::actor::{Actor, Role};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent};
use crate::base::clock::{Clock, Moment};
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::secrets::ServerKey;
use crate::contacts::model::{Contact, ContactDetails};
use crate::messages::model::report::Reported;
use crate::messages::model::{Message, MessageKind, NewMessage};
use crate::sending_domains::key::NewKey;
use crate::sending_domains::model::SendingDomain;
use crate::sign_in::keys::Keys;
use crate::sign_in::sessions::model::Holder;
use crate::team::model::TeamMember;
use crate::team::model::api_key::ApiKey;

/// The name of the demo account's API key.
const DEMO_KEY: &str = "demo";
const DEMO_OWNER: &str = "owner@demo.example";
const DEMO_CONTACTS: [(&str, &str, &str); 8] = [
    ("Ada", "Lovelace", "course"),
    ("Grace", "Hopper", "course"),
    ("Alan", "Turing", "community"),
    ("Katherine", "Johnson", "community"),
    ("Edsger", "Dijkstra", "affiliate"),
    ("Barbara", "Liskov", "course"),
    ("Donald", "Knuth", "community"),
    ("Radia", "Perlman", "affiliate"),
];
/// A contact whose address does not exist, and what its mail server said.
const DEMO_BOUNCED: &str = "edsger@people.example";
const DEMO_BOUNCE: &str = "550 5.1.1 <e***@people.example>: Recipient address rejected: User unknown";
const DEMO_DOMAIN: &str = "mail.academy.example";

/// The account `demo`, created with sample data if it does not exist. Every call creates a new sign-in link and a new API key,
/// which replaces the previous key.
pub(crate) async fn demo(config: &Config, db: &Db) -> Result<AccountAccess> {
    let moment = Clock::System.moment();
    let owner = EmailAddress::parse(DEMO_OWNER).map_err(Error::internal)?;
    let domain_key = new_domain_key(config, db).await?;
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        let account = match (Account::by_slug(conn, "demo").await?, domain_key) {
            (Some(account), _) => account,
            (None, Some(key)) => create_demo(conn, &owner, key, &moment).await?,
            (None, None) => return Err(reserved("demo")),
        };
        let member = TeamMember::by_email(conn, account.id, &owner).await?;
        let member = member.ok_or_else(|| {
            Error::new(
                Code::NotFound,
                "The account demo no longer has the team member owner@demo.example.",
            )
        })?;
        let link = staff_link(conn, &member, &moment).await?;
        revoke_demo_keys(conn, account.id, &moment).await?;
        let key = api_key(conn, account.id, DEMO_KEY, &DEFAULT_SCOPES, &moment).await?;
        Ok(access(config, &account, &link, Some(key)))
    })
    .await
}

/// A DKIM key for the account to create; none if it exists or can't be created.
async fn new_domain_key(config: &Config, db: &Db) -> Result<Option<NewKey>> {
    let mut conn = db.conn().await?;
    let exists = Account::by_slug(&mut conn, "demo").await?.is_some();
    drop(conn);
    if exists || config.addresses.slug_is_reserved("demo") {
        return Ok(None);
    }
    let keys = Keys::new(&ServerKey::new(data_dir::secret(config)?.as_bytes()));
    NewKey::make(&keys.dkim_seal, Clock::System.moment())
        .await
        .map(Some)
}

/// Locks the account, so that of two concurrent calls the later one revokes the key of the earlier one.
async fn revoke_demo_keys(conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<()> {
    Account::lock(conn, account).await?;
    for key in ApiKey::find_by_name(conn, account, DEMO_KEY).await? {
        if ApiKey::revoke(conn, account, key.id, moment.now).await?.is_some() {
            let event = NewEvent::new(EventKind::ApiKeyRevoked).on(key.id);
            record_event(conn, account, event, moment).await?;
        }
    }
    Ok(())
}

async fn create_demo(
    conn: &mut Conn,
    owner: &EmailAddress,
    domain_key: NewKey,
    moment: &Moment,
) -> Result<Account> {
    let account = Account::create(conn, "demo", "Demo Academy", moment).await?;
    TeamMember::create(conn, account.id, owner, Role::Owner, moment).await?;
    let event = NewEvent::new(EventKind::AccountCreated).on(account.id);
    record_event(conn, account.id, event, moment).await?;
    let contacts = create_contacts(conn, account.id, moment).await?;
    let bounced = contacts
        .iter()
        .find(|contact| contact.email.as_deref() == Some(DEMO_BOUNCED));
    if let Some(contact) = bounced {
        bounce_email(conn, contact, moment).await?;
    }
    SendingDomain::set(conn, account.id, DEMO_DOMAIN, domain_key, moment).await?;
    let event = NewEvent::new(EventKind::SendingDomainSet).with(json!({ "domain": DEMO_DOMAIN }));
    record_event(conn, account.id, event, moment).await?;
    Ok(account)
}

async fn create_contacts(conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<Vec<Contact>> {
    let mut contacts = Vec::new();
    for (first, last, tag) in DEMO_CONTACTS {
        let address = format!("{}@people.example", first.to_lowercase());
        contacts.push(ContactDetails {
            email: Some(EmailAddress::parse(&address).map_err(Error::internal)?),
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            tags: vec![tag.to_owned()],
            ..ContactDetails::default()
        });
    }
    Contact::create_missing(conn, account, &contacts, moment).await
}

/// A login email that came back, as after a report of a mail server.
async fn bounce_email(conn: &mut Conn, contact: &Contact, moment: &Moment) -> Result<()> {
    let recipient = Some(Holder::Contact(contact.id));
    let email = NewMessage::new(MessageKind::LoginEmail, DEMO_BOUNCED, recipient);
    let queued = Message::queue_many(conn, contact.account_id, &[email], Actor::System, moment).await?;
    let reported = Reported::Bounced {
        reason: DEMO_BOUNCE.to_owned(),
    };
    for message in queued {
        message.apply_report(conn, &reported, moment).await?;
    }
    Ok(())
}
