//! A prepared message as the email that goes out.

use chrono::{DateTime, Utc};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::actor::SignInMethod;
use crate::base::actor::{Client, Role};
use crate::base::device;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::magic_links::model::MagicLink;
use crate::messages::emails::letters::{Frame, Letter, LetterError, Rendered, Section, Sighting};
use crate::messages::model::MessageKind;
use crate::messages::model::dispatch::{Content, Dispatch};
use crate::sign_in::challenge::code::Code;
use crate::sign_in::sessions::model::Session;
use crate::worker::Worker;
use mailer::{AutoSubmitted, Email, Mailbox};

/// How long a code lives (OWASP ASVS 5.0, 6.5.5).
const CODE_MINUTES: u32 = 10;
/// How long a link to choose another password lives.
const RESET_MINUTES: u32 = 30;

impl Worker {
    pub(crate) fn email(&self, dispatch: &Dispatch, now: DateTime<Utc>) -> Result<Email, LetterError> {
        let Dispatch {
            message, account, to, ..
        } = dispatch;
        let rendered = self.letter(dispatch)?;
        let sender = self.sender(account.sending_domain.as_deref());
        let domain = sender.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        Ok(Email {
            folder: account.id.to_string(),
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
            auto_submitted: auto_submitted(message.kind),
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
        let Dispatch { account, to, .. } = dispatch;
        let (url, not_me) = (self.url(dispatch), self.not_me(dispatch));
        let frame = Frame {
            portal: &account.name,
            accent: account.accent(),
            greeting: to.greeting(),
            section: destination(dispatch),
            url: url.as_deref(),
            not_me: Some(&not_me),
            ask: account.reply_to.as_deref(),
        };
        match &dispatch.content {
            Content::Link { .. } => of_link(dispatch, frame),
            _ => of_notice(dispatch, frame),
        }
    }

    /// Where the letter's button leads.
    fn url(&self, dispatch: &Dispatch) -> Option<String> {
        let (addresses, slug) = (&self.parts.addresses, &dispatch.account.slug);
        match &dispatch.content {
            Content::Link { secret, .. } => Some(addresses.magic_link(slug, &secret.reveal())),
            Content::StaffLogin { secret, .. } | Content::TeamInvitation { secret, .. } => {
                Some(addresses.staff_link(&secret.reveal()))
            }
            Content::PasswordReset(secret) => {
                Some(addresses.reset(audience(dispatch), slug, &secret.reveal()))
            }
            Content::Code(_)
            | Content::PasswordChanged(_)
            | Content::AddressChanged { .. }
            | Content::NewDevice(_) => None,
        }
    }

    fn not_me(&self, dispatch: &Dispatch) -> String {
        let Dispatch { message, account, .. } = dispatch;
        let key = &self.parts.keys.not_me;
        let secret = PlainSecret::naming(SecretKind::NotMe, account.id, key, message.id.0);
        let addresses = &self.parts.addresses;
        addresses.not_me(audience(dispatch), &account.slug, &secret.reveal())
    }
}

/// What the reader asked for a moment ago is an answer; what warns them is not (RFC 3834, section 5).
fn auto_submitted(kind: MessageKind) -> AutoSubmitted {
    match kind {
        MessageKind::RequestedLogin
        | MessageKind::LoginCode
        | MessageKind::StaffLogin
        | MessageKind::PasswordReset => AutoSubmitted::Replied,
        _ => AutoSubmitted::Generated,
    }
}

fn audience(dispatch: &Dispatch) -> Audience {
    dispatch.to.holder().audience()
}

fn destination(dispatch: &Dispatch) -> Section {
    match (&dispatch.content, audience(dispatch)) {
        (Content::Link { link, .. }, _) => section(link.section),
        (_, Audience::Portal) => Section::Home,
        (_, Audience::Dashboard) => Section::Dashboard,
    }
}

fn of_link(dispatch: &Dispatch, frame: Frame<'_>) -> Result<Rendered, LetterError> {
    let Content::Link {
        link,
        invitation,
        code,
        ..
    } = &dispatch.content
    else {
        return Err(LetterError::Link);
    };
    let valid_until = link.expires_at;
    let letter = match dispatch.message.kind {
        MessageKind::Invitation => Letter::Invitation {
            frame,
            note: invitation
                .as_ref()
                .and_then(|invitation| invitation.note.as_deref()),
            open_until: valid_until,
        },
        MessageKind::LoginEmail => Letter::LoginEmail { frame, valid_until },
        MessageKind::RequestedLogin => Letter::RequestedLogin {
            frame,
            minutes: minutes(link),
            code: code.as_ref().map(|code| code.reveal()),
        },
        _ => Letter::MagicLink { frame, valid_until },
    };
    letter.render()
}

fn of_notice(dispatch: &Dispatch, frame: Frame<'_>) -> Result<Rendered, LetterError> {
    let at = dispatch.message.created_at;
    match &dispatch.content {
        Content::Link { .. } => Err(LetterError::Link),
        Content::Code(code) => Letter::LoginCode {
            frame,
            minutes: CODE_MINUTES,
            code: code.reveal(),
        }
        .render(),
        Content::StaffLogin { code, .. } => Letter::StaffLogin {
            frame,
            minutes: CODE_MINUTES,
            code: code.as_ref().map(Code::reveal),
        }
        .render(),
        Content::TeamInvitation { valid_until, .. } => Letter::TeamInvitation {
            frame,
            role: dispatch.to.role().map_or("staff", role),
            valid_until: *valid_until,
        }
        .render(),
        Content::PasswordReset(_) => Letter::PasswordReset {
            frame,
            minutes: RESET_MINUTES,
        }
        .render(),
        Content::PasswordChanged(client) => warning(client, at, |sighting| {
            Letter::PasswordChanged { frame, sighting }.render()
        }),
        Content::AddressChanged { now } => Letter::AddressChanged {
            frame,
            at,
            new_address: now.as_deref(),
        }
        .render(),
        Content::NewDevice(session) => new_device(session, frame),
    }
}

fn new_device(session: &Session, frame: Frame<'_>) -> Result<Rendered, LetterError> {
    let client = Client {
        ip: session.ip.clone(),
        user_agent: session.user_agent.clone(),
        ..Client::default()
    };
    warning(&client, session.created_at, |sighting| {
        Letter::NewDevice {
            frame,
            sighting,
            method: method(session),
        }
        .render()
    })
}

fn warning<T>(client: &Client, at: DateTime<Utc>, write: impl Fn(Sighting<'_>) -> T) -> T {
    let network = client.ip.as_deref().and_then(device::network);
    write(Sighting {
        at,
        device: &device::words(client.user_agent.as_deref()),
        network: network.as_deref(),
    })
}

fn method(session: &Session) -> &'static str {
    match session.method {
        SignInMethod::Link if session.staff_seen => "with a link that staff made",
        SignInMethod::Link | SignInMethod::StaffLink => "with a link",
        SignInMethod::Code => "with a code",
        SignInMethod::Password => "with a password",
        SignInMethod::Google => "with Google",
        SignInMethod::Challenge => "confirmed on another device",
        SignInMethod::StepUp => "by confirming who you are",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Staff => "staff",
        Role::ReadOnly => "read only",
    }
}

fn minutes(link: &MagicLink) -> u32 {
    u32::try_from(link.lifetime_seconds / 60).unwrap_or(1).max(1)
}

fn section(section: PortalSection) -> Section {
    match section {
        PortalSection::Home => Section::Home,
        PortalSection::Courses => Section::Courses,
        PortalSection::Communities => Section::Communities,
        PortalSection::Affiliates => Section::Affiliates,
    }
}
