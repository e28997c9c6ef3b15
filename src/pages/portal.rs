//! A portal's own pages: home, sections, sign-in by mail, sign-out. Links are in `link.rs`.

use poem::http::Method;

use super::forms::session_secret;
use super::{Reply, Site, Visit};
use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::contacts::model::Contact;
use crate::pages::credentials::{Audience, cookie_name};
use crate::pages::views::{ErrorKind, HomeView, Layout, SectionName};
use crate::sign_in::pages::Doorstep;
use crate::sign_in::password::model::Password;
use crate::sign_in::person::Person;
use crate::sign_in::sessions::model::Session;

/// The portal that a visit is for.
pub(crate) struct Portal {
    pub account: Account,
    /// Its path without a slash at its end; empty on a host of its own.
    pub base: String,
}

impl Portal {
    pub fn layout(&self) -> Layout<'_> {
        layout(&self.account, &self.base)
    }

    pub fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    pub fn section_path(&self, section: PortalSection) -> String {
        match section.path() {
            "" if !self.base.is_empty() => self.base.clone(),
            path => self.path(path),
        }
    }
}

pub(crate) fn layout<'a>(account: &'a Account, base: &'a str) -> Layout<'a> {
    let home = if base.is_empty() { "/" } else { base };
    Layout::portal(&account.name, home, account.accent())
}

pub(crate) fn section_name(section: PortalSection) -> SectionName {
    match section {
        PortalSection::Home => SectionName::Home,
        PortalSection::Courses => SectionName::Courses,
        PortalSection::Communities => SectionName::Communities,
        PortalSection::Affiliates => SectionName::Affiliates,
    }
}

/// Who is signed in to the portal in this browser.
pub(crate) struct Resident {
    pub session: Session,
    pub contact: Contact,
}

impl Site {
    pub(crate) async fn portal(&self, slug: &str, mut visit: Visit) -> Result<Reply> {
        let mut conn = self.services.db.conn().await?;
        let Some(account) = Account::by_slug(&mut conn, slug).await? else {
            return Ok(Reply::error(&Layout::SERVER, ErrorKind::NotFound));
        };
        drop(conn);
        let address = self.services.settings.addresses.portal(slug);
        let base = url::Url::parse(&address)
            .map(|url| url.path().trim_end_matches('/').to_owned())
            .unwrap_or_default();
        let portal = Portal { account, base };
        let home = portal.section_path(PortalSection::Home);
        visit.branding = Some(self.brandings.keep(
            crate::base::actor::Audience::Portal,
            &portal.account,
            &home,
        ));
        let parts: Vec<String> = std::mem::take(&mut visit.parts);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (_, ["login" | "forgot" | "reset", ..]) => {
                let rest: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                self.at_the_door(&Doorstep::of_portal(&portal), visit, &rest)
                    .await
            }
            (_, ["profile" | "step-up", ..]) => Box::pin(self.portal_profile(&portal, visit, &parts)).await,
            (&Method::POST, ["sign-out"]) => self.portal_sign_out(&portal, visit).await,
            // Where a form's own path is opened or loaded again, its page is shown.
            (&Method::GET, ["sign-out"]) => Ok(Reply::see_other(home)),
            (&Method::GET, ["link", token, "fresh"]) => {
                Ok(Reply::see_other(portal.path(&format!("link/{token}"))))
            }
            (&Method::GET, ["link", token]) => self.show_link(&portal, &visit, token).await,
            (&Method::POST, ["link", token]) => self.press_link(&portal, visit, token).await,
            (&Method::POST, ["link", token, "fresh"]) => self.fresh_link(&portal, visit, token).await,
            (&Method::GET | &Method::POST, ["not-me", token]) => {
                self.not_me(&portal.not_me(), visit, token).await
            }
            (&Method::GET, []) => self.section(&portal, &visit, PortalSection::Home).await,
            (&Method::GET, [path]) => match PortalSection::from_path(path) {
                Some(section) => self.section(&portal, &visit, section).await,
                None => Ok(Reply::error(&portal.layout(), ErrorKind::NotFound)),
            },
            _ => Ok(Reply::error(&portal.layout(), ErrorKind::NotFound)),
        }
    }

    pub(crate) async fn resident(
        &self,
        conn: &mut Conn,
        portal: &Portal,
        visit: &Visit,
    ) -> Result<Option<Resident>> {
        let https = self.services.settings.addresses.https();
        let secret = session_secret(&visit.request, Audience::Portal, &portal.account.slug, https);
        let Some(secret) = secret.filter(|secret| secret.account == portal.account.id) else {
            return Ok(None);
        };
        let now = self.services.clock.now();
        let Some(session) = Session::by_cookie(conn, &secret, now).await? else {
            return Ok(None);
        };
        let Some(id) = session.contact_id else {
            return Ok(None);
        };
        let contact = Contact::find(conn, portal.account.id, id).await?;
        Ok(contact
            .filter(|contact| contact.revoked_at.is_none())
            .map(|contact| Resident { session, contact }))
    }

    async fn section(&self, portal: &Portal, visit: &Visit, section: PortalSection) -> Result<Reply> {
        let mut conn = self.services.db.conn().await?;
        let resident = self.resident(&mut conn, portal, visit).await?;
        drop(conn);
        let Some(resident) = resident else {
            let query = if section == PortalSection::Home {
                String::new()
            } else {
                format!("?section={}", section.as_str())
            };
            return Ok(Reply::see_other(format!("{}{query}", portal.path("login"))));
        };
        self.authenticator
            .note_cookie(&resident.session, self.services.clock.now());
        let open: Vec<SectionName> = match resident.session.section {
            Some(only) => vec![section_name(only)],
            None => SectionName::ALL.to_vec(),
        };
        if resident.session.section.is_some_and(|only| only != section) {
            return Ok(Reply::see_other(
                portal.path(&format!("step-up?to={}", section.as_str())),
            ));
        }
        let name = resident
            .contact
            .name()
            .or(resident.contact.email.clone())
            .unwrap_or_default();
        let sign_out = portal.path("sign-out");
        let view = HomeView {
            layout: portal.layout(),
            contact_name: &name,
            section: section_name(section),
            sections: &open,
            base: &portal.base,
            sign_out_action: &sign_out,
            form_token: &self.form_token(visit, &sign_out),
            offer_password: section == PortalSection::Home
                && self.may_set_password(portal, &resident).await?,
        };
        Reply::view(200, &view, &view.layout)
    }

    /// Whether a password is offered: there is none, the account takes them, and the session may set one now.
    async fn may_set_password(&self, portal: &Portal, resident: &Resident) -> Result<bool> {
        let person = Person::Contact(resident.contact.clone());
        let proved = resident.session.proved(&person, self.services.clock.now());
        if !portal.account.password_allowed || !proved {
            return Ok(false);
        }
        let mut conn = self.services.db.conn().await?;
        Ok(Password::of(&mut conn, &person).await?.is_none())
    }

    async fn portal_sign_out(&self, portal: &Portal, mut visit: Visit) -> Result<Reply> {
        let action = portal.path("sign-out");
        let home = portal.section_path(PortalSection::Home);
        if let Err(reply) = visit
            .form(&self.services.sign_in.keys.form, &action, &home)
            .await?
        {
            return Ok(reply);
        }
        let mut conn = self.services.db.conn().await?;
        let resident = self.resident(&mut conn, portal, &visit).await?;
        if let Some(resident) = resident {
            self.sign_out(&mut conn, &resident.session, &visit.client).await?;
        }
        let https = self.services.settings.addresses.https();
        let name = cookie_name(Audience::Portal, &portal.account.slug, https);
        Ok(Reply::see_other(portal.path("login")).cookie(&name, "", 0, https))
    }
}

impl Resident {
    pub fn viewer(&self) -> crate::sign_in::auth_context::Viewer {
        crate::sign_in::auth_context::Viewer::Contact {
            account: self.session.account_id,
            contact: self.contact.id,
            session: self.session.id,
            section: self.session.section,
        }
    }
}
