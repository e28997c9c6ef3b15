//! 'This was not me': `GET` says what the button does, and only its `POST` does it, because mail scanners open URLs.

pub mod views;

use diesel_async::AsyncConnection;

use crate::accounts::model::{Account, slug_is_well_formed};
use crate::base::actor::Audience;
use crate::base::error::Result;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::MessageKind;
use crate::pages::portal::Portal;
use crate::pages::views::{ErrorKind, Layout, NotMeUnknownView, NotMeView, Protested};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::not_me::model::Mail;

/// Where such a page lies: in a portal, or below an account's dashboard.
pub(crate) struct Place<'a> {
    layout: Layout<'a>,
    account: &'a Account,
    audience: Audience,
    /// The page's path without the token.
    base: String,
    login_href: String,
}

impl Portal {
    pub fn not_me(&self) -> Place<'_> {
        Place {
            layout: self.layout(),
            account: &self.account,
            audience: Audience::Portal,
            base: self.path("not-me"),
            login_href: self.path("login"),
        }
    }
}

impl Site {
    /// The page of a dashboard's mail.
    pub(crate) async fn staff_not_me(&self, visit: Visit, slug: &str, token: &str) -> Result<Reply> {
        let account = if slug_is_well_formed(slug) {
            let mut conn = self.services.db.conn().await?;
            Account::by_slug(&mut conn, slug).await?
        } else {
            None
        };
        let Some(account) = account else {
            return Ok(visit.error(ErrorKind::NotFound));
        };
        let home = format!("/dashboard/{slug}");
        let place = Place {
            layout: Layout::portal(&account.name, &home, account.accent()),
            account: &account,
            audience: Audience::Dashboard,
            base: format!("{home}/not-me"),
            login_href: home.clone(),
        };
        self.not_me(&place, visit, token).await
    }

    pub(crate) async fn not_me(&self, place: &Place<'_>, mut visit: Visit, token: &str) -> Result<Reply> {
        let Some((secret, mail)) = self.protestable(place, token).await? else {
            return unknown(place);
        };
        let action = format!("{}/{token}", place.base);
        if visit.method == poem::http::Method::GET {
            return self.not_me_page(place, &visit, (&mail, mail.said_at.is_some()), &action);
        }
        let key = &self.services.sign_in.keys.form;
        if let Err(reply) = visit.form(key, &action, &action).await? {
            return Ok(reply);
        }
        let moment = self.services.clock.moment();
        let mut conn = self.services.db.conn().await?;
        let report = conn
            .transaction(async |conn| mail.report(conn, &visit.client, &moment).await)
            .await?;
        self.services.live.reported(secret.account, &report);
        self.not_me_page(place, &visit, (&mail, true), &action)
    }

    /// The mail that a token names, if it was sent by this account to somebody who signs in here.
    async fn protestable(&self, place: &Place<'_>, token: &str) -> Result<Option<(PlainSecret, Mail)>> {
        let secret =
            PlainSecret::parse(SecretKind::NotMe, token).filter(|secret| secret.account == place.account.id);
        let Some(secret) = secret else { return Ok(None) };
        let (key, now) = (&self.services.sign_in.keys.not_me, self.services.clock.now());
        let mut conn = self.services.db.conn().await?;
        let mail = Mail::find(&mut conn, &secret, key, now).await?;
        Ok(mail
            .filter(|mail| mail.holder.audience() == place.audience)
            .map(|mail| (secret, mail)))
    }

    fn not_me_page(
        &self,
        place: &Place<'_>,
        visit: &Visit,
        (mail, done): (&Mail, bool),
        action: &str,
    ) -> Result<Reply> {
        let view = NotMeView {
            layout: place.layout,
            protested: protested(mail.message.kind),
            masked_email: &mask::address(&mail.message.address),
            done,
            action,
            form_token: &visit.visitor.form_token(&self.services.sign_in.keys.form, action),
            login_href: &place.login_href,
        };
        Reply::view(200, &view, &view.layout)
    }
}

fn protested(kind: MessageKind) -> Protested {
    match kind {
        MessageKind::PasswordReset => Protested::Reset,
        MessageKind::PasswordChanged => Protested::PasswordChanged,
        MessageKind::NewDevice => Protested::NewDevice,
        _ => Protested::SignIn,
    }
}

fn unknown(place: &Place<'_>) -> Result<Reply> {
    let view = NotMeUnknownView {
        layout: place.layout,
        login_href: &place.login_href,
    };
    Reply::view(404, &view, &view.layout)
}
