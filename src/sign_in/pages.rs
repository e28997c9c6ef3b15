//! Where one signs in: a portal, or an account's dashboard. Their sign-in pages are the same.

pub mod login;
pub mod views;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use poem::Request;
use serde::{Deserialize, Serialize};

use crate::accounts::model::section::PortalSection;
use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::{Audience, Client};
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::pages::credentials;
use crate::pages::forms::cookie;
use crate::pages::portal::Portal;
use crate::pages::views::{Doorway, Layout};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::challenge::model::Asked;
use crate::sign_in::pages::login::{MailRequest, section_of};
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;
use crate::sign_in::sessions::model::sign_out::sign_out_own;

pub(crate) struct Doorstep {
    pub account: Option<Account>,
    pub slug: String,
    /// The path of its pages, without a slash at its end.
    pub base: String,
    pub audience: Audience,
    /// What one signs in to.
    pub to: String,
}

/// A sign-in that this browser asked for, as its cookie keeps it: sealed, for as long as the sign-in lives.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AskedHere {
    pub challenge: String,
    pub device_secret: String,
    pub matching_number: String,
    pub email: String,
    /// The address as the page shows it: as it was typed, or masked where a link's own address was used.
    pub shown: String,
    pub section: String,
    /// When asking again can send another mail.
    pub resend_at: DateTime<Utc>,
}

impl AskedHere {
    pub fn new(asked: &Asked, wanted: &MailRequest<'_>) -> Self {
        Self {
            challenge: asked.id.to_string(),
            device_secret: asked.device_secret.reveal(),
            matching_number: asked.matching_number.clone(),
            email: wanted.email.text.clone(),
            shown: wanted.shown.to_owned(),
            section: wanted.section.as_str().to_owned(),
            resend_at: asked.resend_at,
        }
    }

    pub fn section(&self) -> PortalSection {
        self.section.parse().unwrap_or(PortalSection::Home)
    }
}

impl Doorstep {
    pub fn of_portal(portal: &Portal) -> Self {
        Self {
            account: Some(portal.account.clone()),
            slug: portal.account.slug.clone(),
            base: portal.base.clone(),
            audience: Audience::Portal,
            to: portal.account.name.clone(),
        }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// Where one lands.
    pub fn landing(&self, section: PortalSection) -> String {
        match section.path() {
            "" if self.base.is_empty() => "/".to_owned(),
            "" => self.base.clone(),
            path => self.path(path),
        }
    }

    pub fn layout(&self) -> Layout<'_> {
        match &self.account {
            Some(account) => crate::pages::portal::layout(account, &self.base),
            None => Layout::SERVER,
        }
    }

    pub fn doorway(&self, site: &Site) -> Doorway<'_> {
        let allowed = |of: fn(&Account) -> bool| self.account.as_ref().is_none_or(of);
        Doorway {
            to: &self.to,
            base: &self.base,
            mail: allowed(|account| account.link_allowed || account.code_allowed),
            password: allowed(|account| account.password_allowed),
            google: site.google_offered() && allowed(|account| account.google_allowed),
        }
    }

    fn cookie_name(&self, https: bool) -> String {
        let host = if https { "__Host-" } else { "" };
        let audience = self.audience.as_str().to_ascii_lowercase();
        format!("{host}vestibule_asked_{audience}_{}", self.slug)
    }
}

impl Site {
    /// The doorstep of an account's dashboard.
    pub(crate) async fn dashboard_doorstep(&self, slug: &str) -> Result<Option<Doorstep>> {
        if !slug_is_well_formed(slug) {
            return Ok(None);
        }
        let mut conn = self.services.db.conn().await?;
        let account = Account::by_slug(&mut conn, slug).await?;
        Ok(account.map(|account| Doorstep {
            slug: slug.to_owned(),
            base: format!("/dashboard/{slug}"),
            audience: Audience::Dashboard,
            to: format!("the {} dashboard", account.name),
            account: Some(account),
        }))
    }

    /// Where the sign-in pages redirect a visitor who is already signed in.
    pub(crate) async fn signed_in_home(&self, door: &Doorstep, visit: &Visit) -> Result<Option<String>> {
        let session = match (&door.account, door.audience) {
            (Some(account), Audience::Portal) => {
                let portal = Portal {
                    account: account.clone(),
                    base: door.base.clone(),
                };
                let mut conn = self.services.db.conn().await?;
                let resident = self.resident(&mut conn, &portal, visit).await?;
                resident.map(|resident| resident.session)
            }
            (Some(_), Audience::Dashboard) => {
                let keeper = self.keeper(visit, &door.slug).await?;
                keeper.map(|keeper| keeper.session)
            }
            (None, _) => None,
        };
        Ok(session.map(|session| match (door.audience, section_of(visit)) {
            (Audience::Dashboard, _) | (_, PortalSection::Home) => door.landing(session.section_or_home()),
            (Audience::Portal, wanted) => door.landing(wanted),
        }))
    }

    /// Ends a session of this browser.
    pub(crate) async fn sign_out(&self, conn: &mut Conn, session: &Session, client: &Client) -> Result<()> {
        let Some(own) = OwnSession::of(session) else {
            return Ok(());
        };
        let moment = self.services.clock.moment();
        conn.transaction(async |conn| sign_out_own(conn, &own, client, &moment).await)
            .await?;
        self.services.live.sessions_ended(own.account, [own.id]);
        Ok(())
    }

    pub(crate) fn keep_asked(&self, reply: Reply, door: &Doorstep, asked: &AskedHere) -> Result<Reply> {
        let plain = serde_json::to_vec(asked).map_err(Error::internal)?;
        let sealed = (self.services.sign_in.keys.redirect)
            .seal(&plain, &self.services.clock.moment())
            .ok_or_else(|| Error::internal("a sign-in could not be sealed"))?;
        let https = self.services.settings.addresses.https();
        let value = URL_SAFE_NO_PAD.encode(sealed);
        Ok(reply.cookie(&door.cookie_name(https), &value, 600, https))
    }

    pub(crate) fn forget_asked(&self, reply: Reply, door: &Doorstep) -> Reply {
        let https = self.services.settings.addresses.https();
        reply.cookie(&door.cookie_name(https), "", 0, https)
    }

    /// The sign-in that this browser asked for here, if its cookie is ours.
    pub(crate) fn asked_here(&self, request: &Request, door: &Doorstep) -> Option<AskedHere> {
        let https = self.services.settings.addresses.https();
        let sealed = URL_SAFE_NO_PAD
            .decode(cookie(request, &door.cookie_name(https))?)
            .ok()?;
        let plain = self.services.sign_in.keys.redirect.open(&sealed)?;
        serde_json::from_slice(&plain).ok()
    }
}

/// The audience as cookies name it.
pub(crate) fn cookie_audience(audience: Audience) -> credentials::Audience {
    match audience {
        Audience::Portal => credentials::Audience::Portal,
        Audience::Dashboard => credentials::Audience::Dashboard,
    }
}
