//! 'This was not me': `GET` says what the button does, and only its `POST` does it, because mail scanners open URLs.

pub mod views;

use poem::web::Path;
use poem::{get, handler};

use crate::base::actor::Audience;
use crate::base::error::Result;
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::messages::model::MessageKind;
use crate::pages::routes::Routes;
use crate::pages::views::{NotMeUnknownView, NotMeView, Protested};
use crate::pages::{Form, Reply, SignInSite, Visit};
use crate::sign_in::not_me::model::Mail;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/not-me/:token", get(show).post(report))
}

#[handler]
async fn show(visit: Visit<'_>, site: SignInSite, Path(token): Path<String>) -> Result<Reply> {
    match reportable(&visit, &site, &token).await? {
        Some((_, mail)) => page(&visit, &site, &mail, mail.said_at.is_some()),
        None => unknown(&site),
    }
}

#[handler]
async fn report(
    visit: Visit<'_>,
    site: SignInSite,
    Path(token): Path<String>,
    _form: Form,
) -> Result<Reply> {
    let Some((secret, mail)) = reportable(&visit, &site, &token).await? else {
        return unknown(&site);
    };
    match visit.sign_in().say_not_me(&secret, &visit.client).await? {
        Some(_) => page(&visit, &site, &mail, true),
        None => unknown(&site),
    }
}

/// The email that a token names, if this account sent it to a user who signs in here.
async fn reportable(
    visit: &Visit<'_>,
    site: &SignInSite,
    token: &str,
) -> Result<Option<(PlainSecret, Mail)>> {
    let secret = PlainSecret::parse(SecretKind::NotMe, token);
    let Some(secret) = secret.filter(|secret| secret.account == site.account.id) else {
        return Ok(None);
    };
    let mail = visit.sign_in().not_me_mail(&secret).await?;
    Ok(mail
        .filter(|mail| mail.holder.audience() == site.audience)
        .map(|mail| (secret, mail)))
}

fn page(visit: &Visit<'_>, site: &SignInSite, mail: &Mail, done: bool) -> Result<Reply> {
    let action = visit.path();
    let view = NotMeView {
        layout: site.layout(),
        protested: protested(mail.message.kind),
        masked_email: &mask::address(&mail.message.address),
        done,
        action: &action,
        form_token: &visit.form_token(&action),
        login_href: &sign_in_href(site),
    };
    Reply::view(200, &view, &view.layout)
}

/// A dashboard's own address leads to its sign-in page.
fn sign_in_href(site: &SignInSite) -> String {
    match site.audience {
        Audience::Portal => site.path("login"),
        Audience::Dashboard => site.base.clone(),
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

fn unknown(site: &SignInSite) -> Result<Reply> {
    let view = NotMeUnknownView {
        layout: site.layout(),
        login_href: &sign_in_href(site),
    };
    Reply::view(404, &view, &view.layout)
}
