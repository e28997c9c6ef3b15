//! A prepared message as the email or the text that goes out.

use chrono::{DateTime, Utc};

use crate::messages::emails::{EmailError, PreparedEmail, PreparedMessage};
use crate::sending_domains::model::VerifiedDomain;
use crate::sending_domains::records::return_path;
use crate::worker::Worker;
use mailer::{AutoSubmitted, DkimKey, Email, Mailbox};
use sms::{PhoneNumber, PhoneNumberError, TextMessage};

/// Whom an email comes from.
struct Sender {
    address: String,
    envelope_from: Option<String>,
    dkim: Option<DkimKey>,
}

impl Worker {
    pub(crate) fn email(
        &self,
        prepared: &PreparedMessage,
        email: &PreparedEmail,
        now: DateTime<Utc>,
    ) -> Result<Email, EmailError> {
        let PreparedMessage { message, account, .. } = prepared;
        let rendered = prepared.render(email)?;
        let Sender {
            address,
            envelope_from,
            dkim,
        } = self.sender(email.domain.as_ref());
        let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
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
            auto_submitted: if email.requested() {
                AutoSubmitted::Replied
            } else {
                AutoSubmitted::Generated
            },
            list_unsubscribe: email.unsubscribe.clone(),
            from: Mailbox::named(&account.name, address),
            envelope_from,
            dkim,
        })
    }

    pub(crate) fn text(
        &self,
        prepared: &PreparedMessage,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<TextMessage, PhoneNumberError> {
        let PreparedMessage { message, account, .. } = prepared;
        let addresses = &self.parts.addresses;
        let callback = addresses.text_status(account.id, message.id);
        // Twilio refuses messages whose callback it could never reach.
        let status_callback = (!addresses.local()).then(|| callback.parse().ok()).flatten();
        Ok(TextMessage {
            folder: account.id.to_string(),
            key: message.id.to_string(),
            from: self.parts.sms.from.clone(),
            to: PhoneNumber::parse(&message.address, None)?,
            body: body.to_owned(),
            status_callback,
            date: now,
        })
    }

    /// The account's own domain if there is a verified one, else the server's.
    fn sender(&self, own: Option<&VerifiedDomain>) -> Sender {
        let signed =
            own.and_then(|own| Some((&own.domain, self.dkim_keys.of(own, &self.parts.keys.dkim_seal)?)));
        match signed {
            Some((domain, key)) => Sender {
                address: format!("portal@{domain}"),
                envelope_from: Some(format!("bounces@{}", return_path(domain))),
                dkim: Some(key),
            },
            None => Sender {
                address: self.parts.mail_from.address.clone(),
                envelope_from: None,
                dkim: None,
            },
        }
    }
}
