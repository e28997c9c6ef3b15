//! The local outbox: on a loopback server without SMTP or an SMS provider, the account's owner reads its emails and text messages here.

pub(crate) mod linkify;
pub(crate) mod twilio;

use askama::Template;
use chrono::{DateTime, Utc};
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

/// What a loopback server keeps instead of sending it.
#[derive(Clone, Debug)]
pub(crate) struct LocalOutbox {
    /// None: emails are sent.
    pub mails: Option<mailer::Outbox>,
    /// None: text messages are sent.
    pub texts: Option<sms::Outbox>,
}

/// A message in the outbox's list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxRow<'a> {
    /// The email's page; none for a text message, which the list shows as a whole.
    pub href: Option<&'a str>,
    /// RFC 3339.
    pub at: &'a str,
    /// Human-readable, with the zone: "2 Jun 2025, 14:03:11 UTC".
    pub at_text: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    /// The text of a text message with links, by [`linkify`].
    pub text: &'a [TextPart<'a>],
    /// The segments of a text message.
    pub segments: Option<usize>,
}

/// The messages that a loopback server kept instead of sending, newest first.
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
    outbox: LocalOutbox,
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

/// A kept message, as the list shows it.
struct Kept {
    href: Option<String>,
    date: Option<DateTime<Utc>>,
    at: String,
    at_text: String,
    to: String,
    subject: String,
    text: String,
    segments: Option<usize>,
}

impl Kept {
    fn email(entry: mailer::OutboxEntry, site: &SignInSite) -> Self {
        Self {
            href: Some(site.path(&format!("outbox/{}", entry.key))),
            date: entry.date,
            at: entry.date.map(|at| at.to_rfc3339()).unwrap_or_default(),
            at_text: entry.date.map(date_text).unwrap_or_default(),
            to: entry.to,
            subject: entry.subject,
            text: String::new(),
            segments: None,
        }
    }

    fn text(message: sms::StoredMessage) -> Self {
        Self {
            href: None,
            date: Some(message.date),
            at: message.date.to_rfc3339(),
            at_text: date_text(message.date),
            to: message.to,
            subject: String::new(),
            text: message.body,
            segments: Some(message.segments),
        }
    }

    fn row<'a>(&'a self, text: &'a [TextPart<'a>]) -> OutboxRow<'a> {
        OutboxRow {
            href: self.href.as_deref(),
            at: &self.at,
            at_text: &self.at_text,
            to: &self.to,
            subject: &self.subject,
            text,
            segments: self.segments,
        }
    }
}

/// The newest messages of both kinds, newest first.
async fn read_outbox(outbox: LocalOutbox, folder: String, site: &SignInSite) -> Result<Vec<Kept>> {
    let read = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
        let mails = outbox.mails.map(|mails| mails.list(&folder, MAX_LISTED));
        let texts = outbox.texts.map(|texts| texts.list(&folder, MAX_LISTED));
        Ok((mails.transpose()?, texts.transpose()?))
    });
    let (mails, texts) = read.await.map_err(Error::internal)?.map_err(Error::internal)?;
    let mails = mails
        .unwrap_or_default()
        .into_iter()
        .map(|entry| Kept::email(entry, site));
    let texts = texts.unwrap_or_default().into_iter().map(Kept::text);
    let mut kept: Vec<Kept> = mails.chain(texts).collect();
    kept.sort_by_key(|one| std::cmp::Reverse(one.date));
    kept.truncate(MAX_LISTED);
    Ok(kept)
}

#[handler]
async fn list(access: OutboxAccess) -> Result<Reply> {
    let OutboxAccess { site, outbox, folder } = access;
    let kept = read_outbox(outbox, folder, &site).await?;
    let texts: Vec<Vec<TextPart<'_>>> = kept.iter().map(|one| linkify(&one.text)).collect();
    let mails: Vec<OutboxRow<'_>> = kept.iter().zip(&texts).map(|(one, text)| one.row(text)).collect();
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
    let Some(mails) = outbox.mails else {
        return Ok(visit.error(ErrorKind::NotFound));
    };
    let read = tokio::task::spawn_blocking(move || mails.read(&folder, &key))
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
