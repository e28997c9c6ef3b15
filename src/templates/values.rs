//! The values of merge fields.

use message_templates::Values;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::accounts::urls::Addresses;
use crate::affiliates::model::Affiliate;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::secrets::SecretKind;
use crate::contacts::model::Contact;
use crate::templates::fields::{FIELDS, LOGIN_URL};

/// The last part of the secret of an example: as long as real ones, so that text messages have as many segments.
pub(crate) const EXAMPLE_SECRET: &str = "ThisIsAnExampleItSignsNobodyInAnywhere_____";

/// Values for a preview: the contact's where there is one, else examples. The login URL is an example, and nothing is minted.
pub(crate) async fn preview_values(
    conn: &mut Conn,
    account: &Account,
    addresses: &Addresses,
    contact: Option<&Contact>,
) -> Result<Values> {
    let mut values: Values = FIELDS.iter().map(|field| (field.name, field.example)).collect();
    set_account(&mut values, account, addresses);
    values.set_private(LOGIN_URL, Some(example_login_url(account, addresses)));
    let portal = addresses.portal(&account.slug);
    values.set("unsubscribe_url", Some(format!("{portal}/unsubscribe/example")));
    let affiliate_link = |code: &str| addresses.affiliate_link(&account.slug, code);
    values.set("affiliate.link", Some(affiliate_link("anna")));
    if let Some(contact) = contact {
        set_contact(&mut values, contact);
        let affiliates = Affiliate::of_contacts(conn, account.id, &[contact.id]).await?;
        let code = affiliates
            .first()
            .map(|affiliate| affiliate.details.code.to_string());
        values.set("affiliate.link", code.as_deref().map(affiliate_link));
        values.set("affiliate.code", code);
    }
    Ok(values)
}

/// The values for a recipient. A login URL that isn't given is empty: the content doesn't use it.
pub(crate) fn recipient_values(
    account: &Account,
    addresses: &Addresses,
    (contact, affiliate_code): (&Contact, Option<&str>),
    login_url: Option<&str>,
) -> Values {
    let mut values = Values::new();
    for field in FIELDS {
        values.set(field.name, None::<&str>);
    }
    set_account(&mut values, account, addresses);
    set_contact(&mut values, contact);
    let affiliate_link = affiliate_code.map(|code| addresses.affiliate_link(&account.slug, code));
    values.set("affiliate.link", affiliate_link);
    values.set("affiliate.code", affiliate_code);
    values.set_private(LOGIN_URL, login_url);
    values.set("unsubscribe_url", None::<&str>);
    values
}

pub(crate) fn set_account(values: &mut Values, account: &Account, addresses: &Addresses) {
    let section = |section| Some(addresses.section(&account.slug, section));
    values.set("account.name", Some(&account.name));
    values.set("account.reply_to", account.reply_to.as_deref());
    values.set("portal.name", Some(&account.name));
    values.set("portal.courses_url", section(PortalSection::Courses));
    values.set("portal.communities_url", section(PortalSection::Communities));
    values.set("portal.affiliates_url", section(PortalSection::Affiliates));
    values.set("portal.url", Some(addresses.portal(&account.slug)));
}

pub(crate) fn set_contact(values: &mut Values, contact: &Contact) {
    values.set("contact.first_name", contact.first_name.as_deref());
    values.set("contact.last_name", contact.last_name.as_deref());
    values.set("contact.name", contact.name());
    values.set("contact.email", contact.email.as_deref());
    values.set("contact.phone", contact.phone.as_deref());
}

/// A link of the right form that was never made.
pub(crate) fn example_login_url(account: &Account, addresses: &Addresses) -> String {
    let kind = SecretKind::MagicLink.prefix();
    addresses.magic_link(
        &account.slug,
        &format!("{kind}_{}_{EXAMPLE_SECRET}", account.id.suffix()),
    )
}
