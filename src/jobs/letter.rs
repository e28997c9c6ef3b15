//! A prepared message as the email that goes out.

use chrono::{DateTime, Utc};

use super::worker::Worker;
use crate::delivery::letters::{Frame, Letter, LetterError, Rendered, Section};
use crate::delivery::{Automatic, Email, Mailbox};
use crate::models::magic_link::MagicLink;
use crate::models::message::MessageKind;
use crate::models::message::dispatch::{Content, Dispatch};
use crate::models::section::PortalSection;

impl Worker {
    pub(super) fn email(&self, dispatch: &Dispatch, now: DateTime<Utc>) -> Result<Email, LetterError> {
        let Dispatch {
            message, account, to, ..
        } = dispatch;
        let rendered = self.letter(dispatch)?;
        let sender = self.sender(account.sending_domain.as_deref());
        let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        Ok(Email {
            account: account.id.to_string(),
            key: message.id.to_string(),
            reply_to: account
                .reply_to
                .as_ref()
                .map(|address| Mailbox::named(&account.name, address)),
            to: Mailbox {
                name: to.name(),
                address: message.address.clone(),
            },
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            // The same for every try, so that the copies of a retried mail are known as one.
            message_id: format!("{}@{domain}", message.id.suffix()),
            date: now,
            automatic: match message.kind {
                MessageKind::RequestedLogin => Automatic::Replied,
                _ => Automatic::Generated,
            },
            list_unsubscribe: None,
            from: Mailbox::named(&account.name, sender),
        })
    }

    fn sender(&self, sending_domain: Option<&str>) -> String {
        match sending_domain {
            Some(domain) => format!("portal@{domain}"),
            None => self.parts.mail_from.address.clone(),
        }
    }

    fn letter(&self, dispatch: &Dispatch) -> Result<Rendered, LetterError> {
        let Dispatch {
            account, to, content, ..
        } = dispatch;
        match content {
            Content::Link {
                link,
                invitation,
                secret,
                ..
            } => {
                let url = self.parts.addresses.magic_link(&account.slug, &secret.reveal());
                let frame = Frame {
                    portal: &account.name,
                    greeting: to.greeting(),
                    section: section(link.section),
                    url: &url,
                    ask: account.reply_to.as_deref(),
                };
                let note = invitation
                    .as_ref()
                    .and_then(|invitation| invitation.note.as_deref());
                of_link(dispatch.message.kind, link, frame, note).render()
            }
            _ => Err(LetterError::Link),
        }
    }
}

fn of_link<'a>(kind: MessageKind, link: &MagicLink, frame: Frame<'a>, note: Option<&'a str>) -> Letter<'a> {
    let valid_until = link.expires_at;
    match kind {
        MessageKind::Invitation => Letter::Invitation {
            frame,
            note,
            open_until: valid_until,
        },
        MessageKind::LoginEmail => Letter::LoginEmail { frame, valid_until },
        MessageKind::RequestedLogin => Letter::RequestedLogin {
            frame,
            minutes: u32::try_from(link.lifetime_seconds / 60).unwrap_or(1).max(1),
        },
        _ => Letter::MagicLink { frame, valid_until },
    }
}

fn section(section: PortalSection) -> Section {
    match section {
        PortalSection::Home => Section::Home,
        PortalSection::Courses => Section::Courses,
        PortalSection::Communities => Section::Communities,
        PortalSection::Affiliates => Section::Affiliates,
    }
}
