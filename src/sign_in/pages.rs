//! The sign-in pages, which a portal and a dashboard share, and the pending sign-in of a browser.

pub(crate) mod login;
pub(crate) mod refusal;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::accounts::model::section::PortalSection;
use crate::base::error::{Error, Result};
use crate::pages::credentials::cookie_name;
use crate::pages::routes::Routes;
use crate::pages::{PageContext, Reply, SignInSite, Visit};
use crate::sign_in::challenge::model::RequestedChallenge;
use crate::sign_in::open_session::{SessionCredential, SignedIn};
use crate::sign_in::pages::login::EmailRequest;
use crate::sign_in::{challenge, google, not_me, password};

const PENDING_SECONDS: i64 = 600;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .with(login::routes)
        .with(challenge::pages::routes)
        .with(google::pages::routes)
        .with(password::pages::routes)
        .with(not_me::pages::routes)
}

/// Redirects to a page with the cookie of the session that was opened in this browser.
pub(crate) fn set_session(context: &PageContext, opened: &SignedIn, landing: String) -> Result<Reply> {
    let SessionCredential::Cookie(cookie) = &opened.credential else {
        return Err(Error::internal("tokens were issued to a browser"));
    };
    let name = cookie_name(opened.session.audience, &opened.slug, context.https());
    let seconds = (opened.session.expires_at - context.now()).num_seconds();
    Ok(Reply::see_other(landing).cookie(&name, &cookie.reveal(), seconds, context.https()))
}

/// A sign-in by email that this browser requested. A sealed cookie keeps it as long as the sign-in lives.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingSignIn {
    pub challenge: String,
    pub device_secret: String,
    pub matching_number: String,
    pub email: String,
    /// The address as the page shows it: as it was typed, or masked if the link's own address was used.
    pub shown: String,
    pub section: String,
    /// When another email can be sent.
    pub resend_at: DateTime<Utc>,
}

impl PendingSignIn {
    pub(crate) fn new(requested: &RequestedChallenge, request: &EmailRequest<'_>) -> Self {
        Self {
            challenge: requested.id.to_string(),
            device_secret: requested.device_secret.reveal(),
            matching_number: requested.matching_number.clone(),
            email: request.email.text.clone(),
            shown: request.shown.to_owned(),
            section: request.section.as_str().to_owned(),
            resend_at: requested.resend_at,
        }
    }

    /// The pending sign-in of this browser at this site; `None` without a valid sealed cookie.
    pub(crate) fn of(visit: &Visit<'_>, site: &SignInSite) -> Option<Self> {
        let name = Self::cookie_name(site, visit.https());
        let sealed = URL_SAFE_NO_PAD.decode(visit.cookie(&name)?).ok()?;
        let plain = visit.sign_in().keys.redirect.open(&sealed)?;
        let (sealed_as, pending): (String, Self) = serde_json::from_slice(&plain).ok()?;
        (sealed_as == name).then_some(pending)
    }

    pub(crate) fn section(&self) -> PortalSection {
        self.section.parse().unwrap_or(PortalSection::Home)
    }

    pub(crate) fn keep(&self, reply: Reply, context: &PageContext, site: &SignInSite) -> Result<Reply> {
        let name = Self::cookie_name(site, context.https());
        // With its name, so that it is valid at this portal or dashboard only.
        let plain = serde_json::to_vec(&(&name, self)).map_err(Error::internal)?;
        let sealed = (context.sign_in().keys.redirect)
            .seal(&plain, &context.services().clock.moment())
            .ok_or_else(|| Error::internal("a sign-in could not be sealed"))?;
        let value = URL_SAFE_NO_PAD.encode(sealed);
        Ok(reply.cookie(&name, &value, PENDING_SECONDS, context.https()))
    }

    pub(crate) fn forget(reply: Reply, context: &PageContext, site: &SignInSite) -> Reply {
        let name = Self::cookie_name(site, context.https());
        reply.cookie(&name, "", 0, context.https())
    }

    fn cookie_name(site: &SignInSite, https: bool) -> String {
        let host = if https { "__Host-" } else { "" };
        let audience = site.audience.as_str().to_ascii_lowercase();
        format!("{host}vestibule_asked_{audience}_{}", site.account.slug)
    }
}
