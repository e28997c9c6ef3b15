//! A magic link in the browser: `GET` and `HEAD` show a page with one button, and only its `POST` redeems, because mail
//! scanners, previews and prefetchers open URLs.

use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::base::address::EmailAddress;
use crate::base::error::Result;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::magic_links::model::Purpose;
use crate::magic_links::model::redeem::{LinkRefusal, Presented, RedeemRequest, note_refusal, standing};
use crate::pages::portal::{Portal, Resident, section_name};
use crate::pages::views::{
    FreshOffer, LinkConfirmView, LinkRefusal as Refused, LinkRefusedView, SignedIn, ToldView,
};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::link;
use crate::sign_in::open_session::{Browser, SessionTransport};
use crate::sign_in::pages::Doorstep;
use crate::sign_in::pages::login::MailRequest;

impl Site {
    /// The link that a token is the secret of, if it is one of this portal's.
    async fn presented(&self, portal: &Portal, token: &str) -> Result<Option<(PlainSecret, Presented)>> {
        let secret = PlainSecret::parse(SecretKind::MagicLink, token)
            .filter(|secret| secret.account == portal.account.id);
        let Some(secret) = secret else { return Ok(None) };
        let mut conn = self.services.db.conn().await?;
        Ok(Presented::find(&mut conn, &secret)
            .await?
            .map(|presented| (secret, presented)))
    }

    pub(crate) async fn show_link(&self, portal: &Portal, visit: &Visit, token: &str) -> Result<Reply> {
        let Some((_, presented)) = self.presented(portal, token).await? else {
            return self.refuse(portal, visit, token, (LinkRefusal::Invalid, None));
        };
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let request = RedeemRequest::new(transport, &visit.client);
        let mut conn = self.services.db.conn().await?;
        let refusal = standing(&mut conn, &presented, &request, self.services.clock.now()).await?;
        drop(conn);
        if let Some(refusal) = refusal {
            return self.refuse(portal, visit, token, (refusal, Some(&presented)));
        }
        let other = self.other_resident(portal, visit, &presented).await?;
        self.confirm(portal, visit, token, (&presented, other))
    }

    async fn other_resident(
        &self,
        portal: &Portal,
        visit: &Visit,
        presented: &Presented,
    ) -> Result<Option<Resident>> {
        let mut conn = self.services.db.conn().await?;
        let resident = self.resident(&mut conn, portal, visit).await?;
        Ok(resident.filter(|resident| resident.contact.id != presented.contact.id))
    }

    fn confirm(
        &self,
        portal: &Portal,
        visit: &Visit,
        token: &str,
        (presented, other): (&Presented, Option<Resident>),
    ) -> Result<Reply> {
        let action = portal.path(&format!("link/{token}"));
        let home = portal.section_path(PortalSection::Home);
        let name = presented.contact.name();
        let other_name = other.map(|other| other.contact.name().or(other.contact.email).unwrap_or_default());
        let link = &presented.link;
        let view = LinkConfirmView {
            layout: portal.layout(),
            contact_name: name.as_deref(),
            masked_email: &masked(presented),
            section: section_name(link.section),
            resource_title: None,
            limited: link.limit_to_section,
            invitation: link.purpose == Purpose::Invitation,
            action: &action,
            form_token: &visit
                .visitor
                .form_token(&self.services.sign_in.keys.form, &action),
            switch_from: other_name.as_deref().map(|name| SignedIn { name, href: &home }),
        };
        Reply::view(200, &view, &view.layout)
    }

    pub(crate) async fn press_link(&self, portal: &Portal, mut visit: Visit, token: &str) -> Result<Reply> {
        let action = portal.path(&format!("link/{token}"));
        let form = match visit
            .form(&self.services.sign_in.keys.form, &action, &action)
            .await?
        {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let Some((secret, presented)) = self.presented(portal, token).await? else {
            return self.refuse(portal, &visit, token, (LinkRefusal::Invalid, None));
        };
        let other = self.other_resident(portal, &visit, &presented).await?;
        if let Some(other) = other {
            if form.get("switch") != "yes" {
                return self.confirm(portal, &visit, token, (&presented, Some(other)));
            }
            let entered = self.enter(portal, &visit, token, &secret).await?;
            if entered.is_ok() {
                let mut conn = self.services.db.conn().await?;
                self.sign_out(&mut conn, &other.session, &visit.client).await?;
            }
            return Ok(entered.unwrap_or_else(|refusal| refusal));
        }
        Ok(self
            .enter(portal, &visit, token, &secret)
            .await?
            .unwrap_or_else(|refusal| refusal))
    }

    /// Redeems: the way in with its cookie, or the page that says why not.
    async fn enter(
        &self,
        portal: &Portal,
        visit: &Visit,
        token: &str,
        secret: &PlainSecret,
    ) -> Result<std::result::Result<Reply, Reply>> {
        let (keys, moment) = (&self.services.sign_in.keys, self.services.clock.moment());
        let transport = SessionTransport::Cookie(Browser(&visit.visitor.browser));
        let mut conn = self.services.db.conn().await?;
        let done = conn
            .transaction(async |conn| {
                link::complete(conn, keys, secret, (transport, &visit.client), &moment).await
            })
            .await?;
        self.services.live.attempted(secret.account, done.as_ref().ok());
        let (refusal, presented) = match done {
            Ok(signed_in) => {
                let door = Doorstep::of_portal(portal);
                return Ok(Ok(self.after_redeem(&mut conn, &door, visit, &signed_in).await?));
            }
            Err(refused) => refused,
        };
        if let Some(presented) = &presented {
            let request = RedeemRequest::new(transport, &visit.client);
            conn.transaction(async |conn| note_refusal(conn, presented, &request, refusal, &moment).await)
                .await?;
        }
        let refused = (refusal, presented.as_deref());
        Ok(Err(self.refuse(portal, visit, token, refused)?))
    }

    fn refuse(
        &self,
        portal: &Portal,
        visit: &Visit,
        token: &str,
        (refusal, presented): (LinkRefusal, Option<&Presented>),
    ) -> Result<Reply> {
        let refused = match refusal {
            LinkRefusal::Invalid => Refused::Invalid,
            LinkRefusal::Expired => Refused::Expired,
            LinkRefusal::Used {
                retry_after: Some(seconds),
            } => Refused::TryAgainIn(seconds),
            LinkRefusal::Used { retry_after: None } => Refused::Used,
            LinkRefusal::Superseded => Refused::Superseded,
            LinkRefusal::Revoked => Refused::Revoked,
            LinkRefusal::AccessRevoked => Refused::AccessRevoked,
            LinkRefusal::MethodDisabled => Refused::SwitchedOff,
        };
        let page = portal.path(&format!("link/{token}"));
        let fresh_action = format!("{page}/fresh");
        let form_token = visit
            .visitor
            .form_token(&self.services.sign_in.keys.form, &fresh_action);
        let masked_email = presented.map(masked).unwrap_or_default();
        let offered = presented.is_some_and(|presented| presented.contact.email.is_some())
            && !matches!(refusal, LinkRefusal::AccessRevoked | LinkRefusal::MethodDisabled);
        let view = LinkRefusedView {
            layout: portal.layout(),
            refusal: refused,
            fresh: offered.then_some(FreshOffer {
                action: &fresh_action,
                form_token: &form_token,
                masked_email: &masked_email,
            }),
            retry_href: matches!(refused, Refused::TryAgainIn(_)).then_some(&page),
            login_href: &portal.path("login"),
        };
        // 410: the link was good once and will not be again; scanners and programs understand it.
        let status = if refusal == LinkRefusal::Invalid { 404 } else { 410 };
        Reply::view(status, &view, &view.layout)
    }

    /// Mails a fresh link to the contact's own address, which is never shown in full.
    pub(crate) async fn fresh_link(&self, portal: &Portal, mut visit: Visit, token: &str) -> Result<Reply> {
        let page = portal.path(&format!("link/{token}"));
        let action = format!("{page}/fresh");
        if let Err(reply) = visit
            .form(&self.services.sign_in.keys.form, &action, &page)
            .await?
        {
            return Ok(reply);
        }
        let Some((_, presented)) = self.presented(portal, token).await? else {
            return self.refuse(portal, &visit, token, (LinkRefusal::Invalid, None));
        };
        let door = Doorstep::of_portal(portal);
        let shown = masked(&presented);
        let email = presented.contact.email.as_deref().map(EmailAddress::parse);
        let asked = match email {
            Some(Ok(email)) => {
                let wanted = MailRequest {
                    email: &email,
                    shown: &shown,
                    section: presented.link.section,
                    by_code: false,
                };
                Some(self.ask(&door, &visit, &wanted).await?)
            }
            _ => None,
        };
        // The waiting page redirects a signed-in visitor home, who may be another contact than the link's.
        let reply = match self.signed_in_home(&door, &visit).await? {
            Some(home) => self.fresh_is_sent(portal, &shown, &home)?,
            None => Reply::see_other(door.path("login/wait")),
        };
        match asked {
            Some(here) => self.keep_asked(reply, &door, &here),
            None => Ok(reply),
        }
    }

    fn fresh_is_sent(&self, portal: &Portal, masked_email: &str, home: &str) -> Result<Reply> {
        let view = ToldView {
            layout: portal.layout(),
            heading: "Check your email",
            words: &format!("A new link is on its way to {masked_email}."),
            next: "Continue",
            next_href: home,
        };
        Reply::view(200, &view, &view.layout)
    }
}

fn masked(presented: &Presented) -> String {
    presented
        .contact
        .email
        .as_deref()
        .map(mask::address)
        .unwrap_or_default()
}
