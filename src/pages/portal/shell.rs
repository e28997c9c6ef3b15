//! What surrounds every page of a signed-in contact: the bar, and the menu of the sections.

use crate::access::model::portal::PortalContents;
use crate::accounts::model::section::PortalSection;
use crate::base::ids::{AccountId, ContactId};
use crate::base::locale::Locale;
use crate::menu::model::MenuItem;
use crate::pages::portal::menu::{self, MenuLink};
use crate::pages::{OutcomeView, PortalReader, Reply, SignInSite, ViewBanner, Visit};

/// The bar and the menu of a page; its template extends `pages/portal.html`.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// The contact's name, or their whole address: it is their own page.
    pub contact_name: String,
    /// The portal's path without a trailing slash, such as `/p/acme`; empty on its own host.
    pub base: String,
    /// The sections in the menu.
    pub sections: Vec<PortalSection>,
    /// The section that the page belongs to.
    pub section: PortalSection,
    /// The account's own items in the menu.
    pub items: Vec<MenuLink>,
    /// The session opens only this section.
    pub limited: bool,
    /// The token of the form that posts to `{base}/sign-out`.
    pub sign_out_token: String,
    /// A team member views the page: it offers nothing that changes anything.
    pub view: Option<ViewBanner>,
}

impl Shell {
    pub(crate) fn href(&self, section: &PortalSection) -> String {
        format!("{}/{}", self.base, section.path())
    }

    pub(crate) fn current(&self, section: &PortalSection) -> bool {
        *section == self.section && !self.items.iter().any(|item| item.current)
    }
}

/// A page of a section, as a contact opens it.
pub(crate) struct PortalPage {
    pub account: AccountId,
    pub contact: ContactId,
    /// Only the first name, if it is known, for a greeting.
    pub first_name: Option<String>,
    pub contents: PortalContents,
    /// The account's own items in the menu.
    pub items: Vec<MenuItem>,
    pub shell: Shell,
}

impl PortalPage {
    /// The page of a section, if the portal has it and the session opens it. The error is where the contact is sent instead.
    pub(crate) async fn open(
        visit: &Visit<'_>,
        reader: &PortalReader,
        section: PortalSection,
    ) -> poem::Result<Self> {
        let (site, limited_to, contact) = (&reader.site, reader.section, &reader.contact);
        if limited_to.is_some_and(|only| only != section) {
            return Err(Reply::see_other(step_up(site, section)).into());
        }
        if !site.account.has_section(section) {
            return Err(switched_off(site, section, limited_to)?.into());
        }
        let mut conn = visit.conn().await?;
        let (account, now) = (contact.account_id, visit.now());
        let contents = PortalContents::load(&mut conn, account, contact.id, now).await?;
        let in_menu = |item: &PortalSection| {
            *item == section || contents.hidden(*item, &site.account, limited_to).is_none()
        };
        let sections = PortalSection::ALL.iter().copied().filter(in_menu).collect();
        let items = menu::read(&mut conn, &contents, (contact, limited_to), now).await?;
        let links = items.iter().map(|item| MenuLink::new(item, site)).collect();
        Ok(Self {
            account,
            contact: contact.id,
            first_name: contact.first_name.clone(),
            contents,
            items,
            shell: Shell {
                contact_name: contact
                    .name()
                    .or_else(|| contact.email.clone())
                    .unwrap_or_default(),
                base: site.base.clone(),
                sections,
                section,
                items: links,
                limited: limited_to.is_some(),
                sign_out_token: visit.form_token(&site.path("sign-out")),
                view: reader.banner().cloned(),
            },
        })
    }
}

fn step_up(site: &SignInSite, section: PortalSection) -> String {
    site.path(&format!("step-up?to={}", section.as_str()))
}

/// A section that the account has switched off: the home page says so. A session that opens only this section gets a page.
fn switched_off(
    site: &SignInSite,
    section: PortalSection,
    limited_to: Option<PortalSection>,
) -> crate::base::error::Result<Reply> {
    if limited_to.is_none() {
        let home = site.landing(PortalSection::Home);
        return Ok(Reply::see_other(format!("{home}?off={}", section.as_str())));
    }
    let layout = site.layout();
    let view = OutcomeView {
        layout,
        heading: section.name(&site.locale),
        words: switched_off_text(site.locale, section, &site.account.name),
        next: layout.text("portal-confirm"),
        next_href: &step_up(site, PortalSection::Home),
    };
    Reply::view(200, &view, &layout)
}

/// That a section is switched off, as a sentence.
pub(super) fn switched_off_text(locale: Locale, section: PortalSection, portal: &str) -> String {
    let text = locale
        .text("portal-section-off")
        .arg("section", section.name(&locale));
    text.arg("portal", portal).to_string()
}
