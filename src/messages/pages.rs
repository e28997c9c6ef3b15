//! The local outbox: on a loopback server without SMTP, its owner reads the mails here.

use chrono::{DateTime, Utc};

use crate::base::actor::Role;
use crate::base::error::{Error, Result};
use crate::pages::views::{
    ErrorKind, Layout, OUTBOX_MAIL_CSP, OutboxMailView, OutboxRow, OutboxView, linkify,
};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::team::pages::Keeper;
use askama::Template;
use mailer::Outbox;

const SHOWN: usize = 200;

impl Site {
    async fn outbox_owner(
        &self,
        visit: &Visit,
        slug: &str,
    ) -> Result<std::result::Result<(Keeper, &Outbox), Reply>> {
        let Some(keeper) = self.keeper(visit, slug).await? else {
            return Ok(Err(self.to_dashboard_login(visit, slug)));
        };
        match &self.outbox {
            Some(outbox) if keeper.member.role == Role::Owner => Ok(Ok((keeper, outbox))),
            Some(_) => Ok(Err(visit.error(ErrorKind::Forbidden))),
            None => Ok(Err(visit.error(ErrorKind::NotFound))),
        }
    }

    pub(crate) async fn outbox_list(&self, visit: &Visit, slug: &str) -> Result<Reply> {
        let (keeper, outbox) = match self.outbox_owner(visit, slug).await? {
            Ok(owner) => owner,
            Err(reply) => return Ok(reply),
        };
        let folder = keeper.account.id.to_string();
        let outbox = outbox.clone();
        let entries = tokio::task::spawn_blocking(move || outbox.list(&folder, SHOWN))
            .await
            .map_err(Error::internal)?;
        let entries = entries.map_err(Error::internal)?;
        let home = format!("/dashboard/{slug}");
        let shown: Vec<[String; 3]> = entries
            .iter()
            .map(|entry| {
                [
                    format!("{home}/outbox/{}", entry.key),
                    entry.date.map(|at| at.to_rfc3339()).unwrap_or_default(),
                    entry.date.map(words).unwrap_or_default(),
                ]
            })
            .collect();
        let mails: Vec<OutboxRow<'_>> = entries
            .iter()
            .zip(&shown)
            .map(|(entry, [href, at, at_text])| OutboxRow {
                href,
                at,
                at_text,
                to: &entry.to,
                subject: &entry.subject,
            })
            .collect();
        let view = OutboxView {
            layout: Layout::portal(&keeper.account.name, &home, keeper.account.accent()),
            mails: &mails,
            total: mails.len(),
            older_href: None,
            dashboard_href: &home,
        };
        Reply::view(200, &view, &view.layout)
    }

    pub(crate) async fn outbox_mail(&self, visit: &Visit, slug: &str, key: &str) -> Result<Reply> {
        let (keeper, outbox) = match self.outbox_owner(visit, slug).await? {
            Ok(owner) => owner,
            Err(reply) => return Ok(reply),
        };
        let (outbox, folder, key) = (outbox.clone(), keeper.account.id.to_string(), key.to_owned());
        let read = tokio::task::spawn_blocking(move || outbox.read(&folder, &key))
            .await
            .map_err(Error::internal)?;
        let Some(mail) = read.map_err(Error::internal)? else {
            return Ok(visit.error(ErrorKind::NotFound));
        };
        let home = format!("/dashboard/{slug}");
        let back = format!("{home}/outbox");
        let headers: Vec<(&str, &str)> = mail
            .headers
            .iter()
            .map(|(name, value)| (&name[..], &value[..]))
            .collect();
        let view = OutboxMailView {
            layout: Layout::portal(&keeper.account.name, &home, keeper.account.accent()),
            back_href: &back,
            subject: &mail.subject,
            headers: &headers,
            text: &linkify(&mail.text),
            html: Some(&mail.html[..]).filter(|html| !html.is_empty()),
        };
        Ok(Reply::page(
            200,
            view.render().map_err(Error::internal)?,
            OUTBOX_MAIL_CSP,
        ))
    }
}

fn words(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}
