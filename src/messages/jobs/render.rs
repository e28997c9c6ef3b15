//! A prepared message as the email that goes out.

use chrono::{DateTime, Utc};

use crate::messages::emails::{EmailError, PreparedEmail};
use crate::sending_domains::records::return_path;
use crate::worker::Worker;
use mailer::{AutoSubmitted, Email, Mailbox};

impl Worker {
    pub(crate) fn email(&self, prepared: &PreparedEmail, now: DateTime<Utc>) -> Result<Email, EmailError> {
        let PreparedEmail { message, account, .. } = prepared;
        let rendered = prepared.render()?;
        let signed = prepared.domain.as_ref().and_then(|domain| {
            let key = self.dkim_keys.of(domain, &self.parts.keys.dkim_seal)?;
            Some((&domain.domain, key))
        });
        let sender = match &signed {
            Some((domain, _)) => format!("portal@{domain}"),
            None => self.parts.mail_from.address.clone(),
        };
        let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        Ok(Email {
            folder: account.id.to_string(),
            key: message.id.to_string(),
            reply_to: account
                .reply_to
                .as_ref()
                .map(|address| Mailbox::named(&account.name, address)),
            to: Mailbox {
                name: prepared.recipient.name(),
                address: message.address.clone(),
            },
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            // The same for every attempt, so that copies of a retried email are recognised as one.
            message_id: format!("{}@{domain}", message.id.suffix()),
            date: now,
            auto_submitted: if prepared.email.requested() {
                AutoSubmitted::Replied
            } else {
                AutoSubmitted::Generated
            },
            list_unsubscribe: None,
            envelope_from: signed
                .as_ref()
                .map(|(domain, _)| format!("bounces@{}", return_path(domain))),
            dkim: signed.map(|(_, key)| key),
            from: Mailbox::named(&account.name, sender),
        })
    }
}
