//! What is known about a contact, read at once.

use chrono::{DateTime, Utc};

use crate::access::model::grant::AccessGrant;
use crate::access::model::path::{ItemAccess, Path};
use crate::access::model::{ContentStatus, Item};
use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::page::PageRequest;
use crate::communities::model::Community;
use crate::contacts::model::Contact;
use crate::courses::model::Course;
use crate::invitations::model::Invitation;
use crate::magic_links::model::MagicLink;
use crate::magic_links::model::list::LinkFilter;
use crate::messages::model::suppression::Suppression;
use crate::messages::model::{Channel, Message, MessageConditions, MessageFilter};
use crate::sign_in::attempt;
use crate::sign_in::google::model::Identity;
use crate::sign_in::password::model::{Password, target_of};
use crate::sign_in::person::Person;

pub(crate) struct Facts {
    pub account: Account,
    pub contact: Contact,
    pub invitation: Option<Invitation>,
    pub suppression: Option<Suppression>,
    /// The newest email and link.
    pub message: Option<Message>,
    pub link: Option<MagicLink>,
    pub password: Option<Password>,
    /// Until when passwords are not accepted.
    pub blocked_until: Option<DateTime<Utc>>,
    /// A linked Google account that counts, on a server that offers Google.
    pub google: bool,
    pub item: Option<ItemFacts>,
}

/// The course or community that the report is about.
pub(crate) struct ItemFacts {
    pub id: String,
    pub section: PortalSection,
    pub status: ContentStatus,
    /// Access that has not ended.
    pub access: Option<ItemAccess>,
    /// The newest grant of it, or of an offer that holds it, live or not.
    pub last_grant: Option<AccessGrant>,
}

impl Facts {
    /// `None` if the course or community doesn't exist. `offers_google`: whether the server has a Google client.
    pub(crate) async fn load(
        conn: &mut Conn,
        contact: Contact,
        item: Option<Item>,
        offers_google: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let (account, id) = (contact.account_id, contact.id);
        let item = match item {
            None => None,
            Some(item) => match ItemFacts::load(conn, &contact, item, now).await? {
                None => return Ok(None),
                found => found,
            },
        };
        let newest = PageRequest {
            size: 1,
            backward: false,
            after: None,
            before: None,
        };
        let messages = MessageFilter {
            contact: Some(id),
            conditions: MessageConditions {
                channel: Some(Channel::Email),
                ..MessageConditions::default()
            },
            ..MessageFilter::default()
        };
        let links = LinkFilter {
            contact: Some(id),
            status: None,
            now,
        };
        let suppression = match &contact.email_key {
            Some(key) => Suppression::find(conn, account, key).await?,
            None => None,
        };
        let person = Person::Contact(contact.clone());
        Ok(Some(Self {
            account: Account::find(conn, account).await?,
            invitation: Invitation::of_contacts(conn, account, &[id]).await?.remove(&id),
            suppression,
            message: Message::list(conn, account, &messages, &newest)
                .await?
                .rows
                .into_iter()
                .next(),
            link: MagicLink::list(conn, account, &links, &newest)
                .await?
                .rows
                .into_iter()
                .next(),
            password: Password::of(conn, &person).await?,
            blocked_until: attempt::blocked_until(conn, account, target_of(&person)).await?,
            google: offers_google && Identity::signs_in(conn, &person).await?,
            item,
            contact,
        }))
    }
}

impl ItemFacts {
    async fn load(
        conn: &mut Conn,
        contact: &Contact,
        item: Item,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let (account, contact) = (contact.account_id, contact.id);
        let found = match item {
            Item::Course(id) => {
                let course = Course::find_many(conn, account, &[id]).await?.pop();
                course.map(|course| (id.to_string(), PortalSection::Courses, course.details.status))
            }
            Item::Community(id) => {
                let community = Community::find_many(conn, account, &[id]).await?.pop();
                community.map(|row| (id.to_string(), PortalSection::Communities, row.details.status))
            }
        };
        let Some((id, section, status)) = found else {
            return Ok(None);
        };
        let paths = Path::of_contacts(conn, account, &[contact]).await?;
        Ok(Some(Self {
            id,
            section,
            status,
            access: ItemAccess::of_paths(&paths, now).remove(&item.id()),
            last_grant: AccessGrant::newest_of_item(conn, account, contact, item).await?,
        }))
    }
}
