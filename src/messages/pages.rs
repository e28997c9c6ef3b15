//! The local outbox: on a loopback server without SMTP, the account's owner reads its emails here.

pub(crate) mod linkify;

use askama::Template;
use chrono::{DateTime, Utc};
use mailer::Outbox;
use poem::web::Path;
use poem::{FromRequest, Request, RequestBody, get, handler};

use crate::base::actor::Role;
use crate::base::error::{Error, Result};
use crate::pages::csp::OUTBOX_MAIL_CSP;
use crate::pages::routes::Routes;
use crate::pages::{ErrorKind, Layout, PageSession, Reply, SignInSite, Visit};

use linkify::{TextPart, linkify};

const MAX_LISTED: usize = 200;

/// The headers that are shown above an email. The subject is the heading of the page.
const MAIN_HEADERS: [&str; 4] = ["From", "To", "Reply-To", "Date"];

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.at("/outbox", get(list)).at("/outbox/:mail", get(show))
}

/// An email in the outbox's list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxRow<'a> {
    /// The email's page.
    pub href: &'a str,
    /// RFC 3339.
    pub at: &'a str,
    /// Human-readable, with the zone: "2 Jun 2025, 14:03:11 UTC".
    pub at_text: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
}

/// The emails that a loopback server without SMTP kept instead of sending, newest first.
#[derive(Debug, Template)]
#[template(path = "pages/outbox.html")]
pub(crate) struct OutboxView<'a> {
    pub layout: Layout<'a>,
    pub mails: &'a [OutboxRow<'a>],
    /// How many there are in total: the list is limited.
    pub total: usize,
    /// The next older page, if there is one.
    pub older_href: Option<&'a str>,
    /// The dashboard, to go back.
    pub dashboard_href: &'a str,
}

/// A kept email. Sent with [`OUTBOX_MAIL_CSP`], which the frame inherits.
#[derive(Debug, Template)]
#[template(path = "pages/outbox_mail.html")]
pub(crate) struct OutboxMailView<'a> {
    pub layout: Layout<'a>,
    /// The outbox.
    pub back_href: &'a str,
    pub subject: &'a str,
    /// Sender, recipient and date: name and decoded value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The others, shown below the email.
    pub technical: &'a [(&'a str, &'a str)],
    /// The text part with links, by [`linkify`].
    pub text: &'a [TextPart<'a>],
    /// The HTML part as it is in the email. Shown in a sandboxed frame: no script, no forms, links open a new tab.
    pub html: Option<&'a str>,
}

impl OutboxMailView<'_> {
    fn frame(&self, html: &str) -> String {
        format!("<base target=\"_blank\">{html}")
    }
}

/// Access to the outbox of an account, for its owner.
struct OutboxAccess {
    site: SignInSite,
    outbox: Outbox,
    folder: String,
}

impl<'a> FromRequest<'a> for OutboxAccess {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request)?;
        let user = PageSession::from_request(request, body).await?;
        match &visit.site.outbox {
            Some(outbox) if user.person.role() == Some(Role::Owner) => Ok(Self {
                folder: user.site.account.id.to_string(),
                site: user.site,
                outbox: outbox.clone(),
            }),
            Some(_) => Err(visit.error(ErrorKind::Forbidden).into()),
            None => Err(visit.error(ErrorKind::NotFound).into()),
        }
    }
}

#[handler]
async fn list(access: OutboxAccess) -> Result<Reply> {
    let OutboxAccess { site, outbox, folder } = access;
    let entries = tokio::task::spawn_blocking(move || outbox.list(&folder, MAX_LISTED))
        .await
        .map_err(Error::internal)?;
    let entries = entries.map_err(Error::internal)?;
    let texts: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| {
            [
                site.path(&format!("outbox/{}", entry.key)),
                entry.date.map(|at| at.to_rfc3339()).unwrap_or_default(),
                entry.date.map(date_text).unwrap_or_default(),
            ]
        })
        .collect();
    let mails: Vec<OutboxRow<'_>> = entries
        .iter()
        .zip(&texts)
        .map(|(entry, [href, at, at_text])| OutboxRow {
            href,
            at,
            at_text,
            to: &entry.to,
            subject: &entry.subject,
        })
        .collect();
    let view = OutboxView {
        layout: site.layout(),
        mails: &mails,
        total: mails.len(),
        older_href: None,
        dashboard_href: &site.base,
    };
    Reply::view(200, &view, &view.layout)
}

#[handler]
async fn show(visit: Visit<'_>, access: OutboxAccess, Path(key): Path<String>) -> Result<Reply> {
    let OutboxAccess { site, outbox, folder } = access;
    let read = tokio::task::spawn_blocking(move || outbox.read(&folder, &key))
        .await
        .map_err(Error::internal)?;
    let Some(mail) = read.map_err(Error::internal)? else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let (headers, technical): (Vec<_>, Vec<_>) = mail
        .headers
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .partition(|(name, _)| MAIN_HEADERS.iter().any(|main| main.eq_ignore_ascii_case(name)));
    let view = OutboxMailView {
        layout: site.layout(),
        back_href: &site.path("outbox"),
        subject: &mail.subject,
        headers: &headers,
        technical: &technical,
        text: &linkify(&mail.text),
        html: Some(&mail.html[..]).filter(|html| !html.is_empty()),
    };
    Ok(Reply::page(
        200,
        view.render().map_err(Error::internal)?,
        OUTBOX_MAIL_CSP,
    ))
}

fn date_text(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}
