//! Who reads a page of a portal: a contact who is signed in, or a team member who sees it as that contact does.

use poem::{FromRequest, Request, RequestBody};

use crate::accounts::model::section::PortalSection;
use crate::contacts::model::Contact;
use crate::pages::{ErrorKind, PageSession, SignInSite, Visit};
use crate::portal_views::model::LiveView;
use crate::portal_views::pages::{END_PATH, find_view, refuse};
use crate::sign_in::person::Person;
use crate::sign_in::sessions::OwnSession;
use crate::sign_in::sessions::model::Session;

/// The reader of a page. As an extractor it redirects everyone else to the sign-in page, or says that the view has ended.
pub(crate) struct PortalReader {
    pub site: SignInSite,
    pub contact: Contact,
    /// The only section that opens, if the session is limited.
    pub section: Option<PortalSection>,
    pub by: ReadBy,
}

pub(crate) enum ReadBy {
    Contact { session: Session, own: OwnSession },
    Staff(ViewBanner),
}

/// The banner over the pages that a team member views. It is in the language of the team member's browser, the pages in the contact's.
#[derive(Clone, Debug)]
pub(crate) struct ViewBanner {
    /// Its language, as in HTML.
    pub language: &'static str,
    /// Who views the portal as whom, and until when.
    pub words: String,
    pub end: String,
    /// The path that the button posts to.
    pub end_action: String,
    pub end_token: String,
}

impl PortalReader {
    /// `None` for a team member: no portal session is theirs.
    fn signed_in(user: PageSession) -> Option<Self> {
        let Person::Contact(contact) = user.person else {
            return None;
        };
        Some(Self {
            site: user.site,
            contact,
            section: user.session.section,
            by: ReadBy::Contact {
                session: user.session,
                own: user.own,
            },
        })
    }

    fn viewing(site: SignInSite, live: LiveView, visit: &Visit<'_>) -> Self {
        let banner = ViewBanner::new(&site, &live, visit);
        // Not the language of the team member's browser.
        let locale = live.contact.locale(site.account.locale(None));
        Self {
            site: SignInSite { locale, ..site },
            contact: live.contact,
            section: None,
            by: ReadBy::Staff(banner),
        }
    }

    /// The contact's own session; `None` for a view, which records nothing.
    pub(crate) fn own(&self) -> Option<&OwnSession> {
        match &self.by {
            ReadBy::Contact { own, .. } => Some(own),
            ReadBy::Staff(_) => None,
        }
    }

    pub(crate) fn banner(&self) -> Option<&ViewBanner> {
        match &self.by {
            ReadBy::Contact { .. } => None,
            ReadBy::Staff(banner) => Some(banner),
        }
    }
}

impl ViewBanner {
    fn new(site: &SignInSite, live: &LiveView, visit: &Visit<'_>) -> Self {
        let (locale, member) = (site.locale, &live.member);
        let words = locale.text("view-banner");
        let words = words.arg("member", member.name.as_deref().unwrap_or(&member.email));
        let words = words.arg("contact", live.contact_name());
        let end_action = site.path(END_PATH);
        Self {
            language: locale.language.code(),
            words: words
                .arg("time", locale.date_time(live.view.expires_at).to_string())
                .to_string(),
            end: locale.text("view-end").to_string(),
            end_token: visit.form_token(&end_action),
            end_action,
        }
    }
}

impl<'a> FromRequest<'a> for PortalReader {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        if !visit.target.viewing {
            let user = PageSession::from_request(request, body).await?;
            return Self::signed_in(user).ok_or_else(|| visit.error(ErrorKind::NotFound).into());
        }
        let mut conn = visit.conn().await?;
        let Some(site) = SignInSite::find(&mut conn, &visit).await? else {
            return Err(visit.error(ErrorKind::NotFound).into());
        };
        match find_view(&mut conn, &visit, &site).await? {
            Ok(live) => Ok(Self::viewing(site, live, &visit)),
            Err(refusal) => Err(refuse(&visit, &site, refusal)?.into()),
        }
    }
}
