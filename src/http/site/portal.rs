//! A portal's own pages: home, sections, sign-in by mail, sign-out. Links are in `link.rs`.

use diesel_async::AsyncConnection;
use poem::http::Method;

use super::forms::session_secret;
use super::{Reply, Site, Visit};
use crate::address::EmailAddress;
use crate::db::Conn;
use crate::error::Result;
use crate::http::credentials::{Audience, cookie_name};
use crate::http::views::{Accent, ErrorKind, HomeView, Layout, LoginSentView, LoginView, SectionName};
use crate::live::Topic;
use crate::models::account::Account;
use crate::models::challenge;
use crate::models::contact::Contact;
use crate::models::section::PortalSection;
use crate::models::session::{self, Session};

/// The portal that a visit is for.
pub(super) struct Portal {
    pub account: Account,
    /// Its path without a slash at its end; empty on a host of its own.
    pub base: String,
}

impl Portal {
    pub fn layout(&self) -> Layout<'_> {
        let home = if self.base.is_empty() { "/" } else { &self.base };
        Layout::portal(
            &self.account.name,
            home,
            self.account
                .accent_color
                .parse::<Accent>()
                .unwrap_or(Accent::DEFAULT),
        )
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

pub(super) fn section_name(section: PortalSection) -> SectionName {
    match section {
        PortalSection::Home => SectionName::Home,
        PortalSection::Courses => SectionName::Courses,
        PortalSection::Communities => SectionName::Communities,
        PortalSection::Affiliates => SectionName::Affiliates,
    }
}

/// Who is signed in to the portal in this browser.
pub(super) struct Resident {
    pub session: Session,
    pub contact: Contact,
}

impl Site {
    pub(super) async fn portal(&self, slug: &str, mut visit: Visit) -> Result<Reply> {
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
        let parts: Vec<String> = std::mem::take(&mut visit.parts);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (&visit.method, &parts[..]) {
            (&Method::GET, ["login"]) => Ok(self.login_form(&portal, &visit)?),
            (&Method::POST, ["login"]) => self.login(&portal, visit).await,
            (&Method::POST, ["sign-out"]) => self.portal_sign_out(&portal, visit).await,
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

    pub(super) async fn resident(
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
        self.door
            .note_cookie(&resident.session, self.services.clock.now());
        let open: Vec<SectionName> = match resident.session.section {
            Some(only) => vec![section_name(only)],
            None => SectionName::ALL.to_vec(),
        };
        if resident.session.section.is_some_and(|only| only != section) {
            return Ok(Reply::error(&portal.layout(), ErrorKind::Forbidden));
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
            form_token: &visit
                .visitor
                .form_token(&self.services.sign_in.keys.form, &sign_out),
        };
        Reply::view(200, &view, &view.layout)
    }

    fn login_form(&self, portal: &Portal, visit: &Visit) -> Result<Reply> {
        let query = visit.request.uri().query().unwrap_or_default();
        let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "section");
        let section = asked
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(PortalSection::Home);
        self.login_page(portal, visit, section, ("", None))
    }

    fn login_page(
        &self,
        portal: &Portal,
        visit: &Visit,
        section: PortalSection,
        (email, error): (&str, Option<&str>),
    ) -> Result<Reply> {
        let action = portal.path("login");
        let view = LoginView {
            layout: portal.layout(),
            action: &action,
            form_token: &visit
                .visitor
                .form_token(&self.services.sign_in.keys.form, &action),
            section: section_name(section),
            email,
            error,
            notice: None,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    async fn login(&self, portal: &Portal, mut visit: Visit) -> Result<Reply> {
        let action = portal.path("login");
        let form = match visit
            .form(&self.services.sign_in.keys.form, &action, &action)
            .await?
        {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let section = form.get("section").parse().unwrap_or(PortalSection::Home);
        let email = match EmailAddress::parse(form.get("email")) {
            Ok(email) => email,
            Err(fault) => {
                let words = format!("This address can\u{2019}t be used: {fault}.");
                return self.login_page(portal, &visit, section, (form.get("email"), Some(&words)));
            }
        };
        self.ask(portal, &visit, &email, section).await?;
        let view = LoginSentView {
            layout: portal.layout(),
            email: &email.text,
            matching_number: None,
            login_href: &action,
        };
        Reply::view(200, &view, &view.layout)
    }

    /// Begins a sign-in by mail; the answer is the same whoever the address belongs to.
    pub(super) async fn ask(
        &self,
        portal: &Portal,
        visit: &Visit,
        email: &EmailAddress,
        section: PortalSection,
    ) -> Result<()> {
        let moment = self.services.clock.moment();
        let request = challenge::Request {
            account: portal.account.id,
            audience: session::Audience::Portal,
            email,
            section,
            client: &visit.client,
        };
        let mut conn = self.services.db.conn().await?;
        conn.transaction(async |conn| -> Result<_> { challenge::request(conn, &request, &moment).await })
            .await?;
        self.services
            .live
            .nudge(portal.account.id, &[Topic::Activity, Topic::Messages]);
        Ok(())
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
        // Given back first: signing out takes one, and the pool is not endless.
        drop(conn);
        if let Some(resident) = resident {
            self.services
                .sign_in
                .sign_out(&resident.viewer(), &visit.client)
                .await?;
        }
        let https = self.services.settings.addresses.https();
        let name = cookie_name(Audience::Portal, &portal.account.slug, https);
        Ok(Reply::see_other(portal.path("login")).cookie(&name, "", 0, https))
    }
}

impl Resident {
    pub fn viewer(&self) -> crate::auth::viewer::Viewer {
        crate::auth::viewer::Viewer::Contact {
            account: self.session.account_id,
            contact: self.contact.id,
            session: self.session.id,
            section: self.session.section,
        }
    }
}
