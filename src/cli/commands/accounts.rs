//! Creation of accounts, sign-in links and the demo account.

use crate::accounts::model::{Account, reserved, slug_is_well_formed};
use crate::app::config::Config;
use crate::base::actor::{Requester, Role, Scope};
use crate::base::address::EmailAddress;
use crate::base::audit::{EventKind, NewEvent, record};
use crate::base::clock::{Clock, Moment};
use crate::base::db::{Conn, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::AccountId;
use crate::base::plain_text;
use crate::base::secrets::PlainSecret;
use crate::contacts::model::{Contact, ContactDetails};
use crate::team::model::TeamMember;
use crate::team::model::api_key::ApiKey;
use crate::team::model::staff_link::StaffLink;
use diesel_async::AsyncConnection;

use super::{demo_contents, demo_workflow, invalid_argument};
use crate::cli::CreateArgs;

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

/// The addresses and credentials of an account.
pub(crate) struct AccountAccess {
    pub account_id: String,
    pub portal_url: String,
    pub dashboard_url: String,
    pub owner_sign_in_url: String,
    pub api_key: Option<String>,
}

/// The checked arguments of `account create`.
pub(crate) struct NewAccount {
    slug: String,
    name: String,
    owner: EmailAddress,
    /// The scopes of its API key, if one is requested.
    scopes: Option<Vec<Scope>>,
}

const DEFAULT_SCOPES: [Scope; 6] = [
    Scope::Read,
    Scope::Invite,
    Scope::Links,
    Scope::Contacts,
    Scope::Content,
    Scope::Affiliates,
];

impl NewAccount {
    pub(crate) fn check(config: &Config, args: &CreateArgs) -> Result<Self> {
        if !slug_is_well_formed(&args.slug) {
            return Err(invalid_argument(
                "slug",
                "Use 2 to 40 characters: a-z, 0-9 and single dashes inside, such as acme.",
            ));
        }
        if config.addresses.slug_is_reserved(&args.slug) {
            return Err(reserved(&args.slug));
        }
        let name = plain_text::line("name", &args.name, 120)?
            .ok_or_else(|| invalid_argument("name", "The name is empty."))?;
        let owner =
            EmailAddress::parse(&args.owner).map_err(|error| invalid_argument("owner", error.to_string()))?;
        let scopes = if args.scope.is_empty() {
            DEFAULT_SCOPES.to_vec()
        } else {
            args.scope.clone()
        };
        Ok(Self {
            slug: args.slug.clone(),
            name,
            owner,
            scopes: args.api_key.then_some(scopes),
        })
    }
}

fn access(config: &Config, account: &Account, link: &PlainSecret, key: Option<PlainSecret>) -> AccountAccess {
    AccountAccess {
        account_id: account.id.to_string(),
        portal_url: config.addresses.portal(&account.slug),
        dashboard_url: config.addresses.dashboard(&account.slug),
        owner_sign_in_url: config.addresses.staff_link(&link.reveal()),
        api_key: key.map(|key| key.reveal()),
    }
}

/// Creates an account with its owner and, if requested, an API key.
pub(crate) async fn create(config: &Config, db: &Db, new: &NewAccount) -> Result<AccountAccess> {
    let moment = Clock::System.moment();
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        let account = Account::create(conn, &new.slug, &new.name, &moment).await?;
        let owner = TeamMember::create(conn, account.id, &new.owner, Role::Owner, &moment).await?;
        record_event(
            conn,
            account.id,
            NewEvent::new(EventKind::AccountCreated).on(account.id),
            &moment,
        )
        .await?;
        let link = staff_link(conn, &owner, &moment).await?;
        let key = match &new.scopes {
            Some(scopes) => Some(api_key(conn, account.id, "command line", scopes, &moment).await?),
            None => None,
        };
        Ok(access(config, &account, &link, key))
    })
    .await
}

async fn record_event(conn: &mut Conn, account: AccountId, event: NewEvent, moment: &Moment) -> Result<()> {
    record(conn, account, &Requester::system(), &[event], moment).await
}

async fn staff_link(conn: &mut Conn, member: &TeamMember, moment: &Moment) -> Result<PlainSecret> {
    let link = StaffLink::issue(conn, member.account_id, member.id, moment).await?;
    record_event(
        conn,
        member.account_id,
        NewEvent::new(EventKind::StaffLinkCreated).on(member.id),
        moment,
    )
    .await?;
    Ok(link)
}

async fn api_key(
    conn: &mut Conn,
    account: AccountId,
    name: &str,
    scopes: &[Scope],
    moment: &Moment,
) -> Result<PlainSecret> {
    let (key, secret) = ApiKey::create(conn, account, name, scopes, moment).await?;
    record_event(
        conn,
        account,
        NewEvent::new(EventKind::ApiKeyCreated).on(key.id),
        moment,
    )
    .await?;
    Ok(secret)
}

/// A new sign-in link for a team member.
pub(crate) async fn sign_in_link(config: &Config, db: &Db, slug: &str, email: &str) -> Result<String> {
    let email = EmailAddress::parse(email).map_err(|error| invalid_argument("email", error.to_string()))?;
    let moment = Clock::System.moment();
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        let account = Account::by_slug(conn, slug).await?;
        let account =
            account.ok_or_else(|| Error::new(Code::NotFound, "No account has this slug.").at("slug"))?;
        let member = TeamMember::by_email(conn, account.id, &email).await?;
        let member = member.ok_or_else(|| {
            Error::new(
                Code::NotFound,
                "The account has no team member with this address.",
            )
            .at("email")
        })?;
        let link = staff_link(conn, &member, &moment).await?;
        Ok(config.addresses.staff_link(&link.reveal()))
    })
    .await
}

/// The account `demo`, created with sample contacts if it does not exist. Every call creates a new sign-in link and a new API
/// key, which replaces the previous key.
pub(crate) async fn demo(config: &Config, db: &Db) -> Result<AccountAccess> {
    let moment = Clock::System.moment();
    let owner = EmailAddress::parse(DEMO_OWNER).map_err(Error::internal)?;
    let mut conn = db.conn().await?;
    conn.transaction(async |conn| -> Result<_> {
        let account = match Account::by_slug(conn, "demo").await? {
            Some(account) => account,
            None if config.addresses.slug_is_reserved("demo") => return Err(reserved("demo")),
            None => create_demo(conn, &owner, &moment).await?,
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

async fn create_demo(conn: &mut Conn, owner: &EmailAddress, moment: &Moment) -> Result<Account> {
    let account = Account::create(conn, "demo", "Demo Academy", moment).await?;
    TeamMember::create(conn, account.id, owner, Role::Owner, moment).await?;
    record_event(
        conn,
        account.id,
        NewEvent::new(EventKind::AccountCreated).on(account.id),
        moment,
    )
    .await?;
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
    let contacts = Contact::create_missing(conn, account.id, &contacts, moment).await?;
    let contacts: Vec<_> = contacts.iter().map(|contact| contact.id).collect();
    demo_contents::create(conn, account.id, &contacts, moment).await?;
    demo_workflow::create(conn, account.id, moment).await?;
    Ok(account)
}
