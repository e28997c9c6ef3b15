//! Own texts in the emails that are sent, and the built-in texts as a starting point.

pub(crate) mod built_in;
pub(crate) mod example;

use std::sync::Arc;

use message_templates::{Layout, LayoutError, RenderError, Template, Values};

use crate::accounts::model::Account;
use crate::accounts::urls::Addresses;
use crate::messages::emails::plain::{layout, shorten};
use crate::messages::emails::render::{SUBJECT_MAX, around_own_text};
use crate::messages::emails::{Frame, Rendered, SystemEmail};
use crate::messages::model::Message;
use crate::sign_in::person::Person;
use crate::system_emails::fields::{LINK_DESTINATION, RECIPIENT_NAME, SIGN_IN_TARGET};
use crate::system_emails::model::{SystemEmailKind, TextOf};
use crate::system_emails::text::{OwnTexts, SharedText, UnreadablePart};
use crate::templates::emails::content_place;
use crate::templates::model::version::TemplateContent;
use crate::templates::values::{set_account, set_contact};

/// The fields of names, which are cut so that a subject stays short.
const NAMES: [&str; 2] = ["portal.name", "account.name"];

/// An own text for one recipient.
pub(crate) struct OwnEmail {
    text: Arc<SharedText>,
    values: Values,
}

/// Why an own text can't be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnTextError {
    #[error(transparent)]
    Unreadable(#[from] UnreadablePart),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("the subject is empty")]
    EmptySubject,
    #[error("the layout can't be rendered")]
    Layout(#[from] askama::Error),
    #[error("the layout holds no text")]
    Place(#[from] LayoutError),
    #[error("it took too much work")]
    Panicked(#[from] tokio::task::JoinError),
}

impl OwnEmail {
    /// The text of this account for the message, in the language of its recipient, if there is one.
    pub(crate) fn of_message(
        texts: &OwnTexts,
        (message, account, recipient): (&Message, &Account, &Person),
        addresses: &Addresses,
    ) -> Option<Self> {
        let of = TextOf {
            account: account.id,
            kind: SystemEmailKind::of(message.kind)?,
            language: recipient.locale(account.locale(None)).language,
        };
        Some(Self {
            text: texts.find(of)?,
            values: values(account, addresses, recipient, &message.address),
        })
    }

    pub(crate) fn new(content: TemplateContent, values: Values) -> Self {
        let text = Arc::new(SharedText::new(content));
        Self { text, values }
    }

    /// The email with this text. It takes milliseconds, so it runs on a thread that may block.
    pub(crate) async fn render(
        &self,
        email: &dyn SystemEmail,
        frame: &Frame,
    ) -> Result<Rendered, OwnTextError> {
        let place = content_place(frame, None)?;
        let (html, text) = around_own_text(email, frame, (&place, Layout::CONTENT))?;
        let around = Layout::new(&html, &text)?;
        let (own, mut values) = (Arc::clone(&self.text), self.values.clone());
        values.set(RECIPIENT_NAME, frame.greeting.as_deref());
        values.set(SIGN_IN_TARGET, Some(&frame.target));
        values.set(LINK_DESTINATION, email.destination());
        tokio::task::spawn_blocking(move || render_now(&own, &around, values)).await?
    }
}

fn render_now(own: &SharedText, around: &Layout, values: Values) -> Result<Rendered, OwnTextError> {
    let email = own.email()?;
    let rendered = email.render(around, &values)?;
    let subject = short_subject(&email.subject, rendered.subject, values)?;
    if subject.is_empty() {
        return Err(OwnTextError::EmptySubject);
    }
    Ok(Rendered {
        subject,
        text: layout(&rendered.text),
        html: rendered.html,
    })
}

/// As in the built-in emails, a long name is cut first, so that the rest stays readable.
fn short_subject(template: &Template, whole: String, mut values: Values) -> Result<String, RenderError> {
    let over = whole.chars().count().saturating_sub(SUBJECT_MAX);
    if over == 0 {
        return Ok(whole);
    }
    for field in NAMES {
        let name = values.get(field).flatten().unwrap_or_default();
        let cut = shorten(name, name.chars().count().saturating_sub(over));
        values.set(field, Some(cut));
    }
    Ok(shorten(&template.render(&values)?, SUBJECT_MAX))
}

/// The values of one recipient: only of fields that the email's text may use, and no secret.
fn values(account: &Account, addresses: &Addresses, recipient: &Person, address: &str) -> Values {
    let mut values = Values::new();
    set_account(&mut values, account, addresses);
    for field in [
        "contact.first_name",
        "contact.last_name",
        "contact.name",
        "contact.phone",
    ] {
        values.set(field, None::<String>);
    }
    if let Person::Contact(contact) = recipient {
        set_contact(&mut values, contact);
    }
    // A warning goes to the address that it was queued for, whose reader must not learn a newer one, or a phone number.
    if recipient.email_key() != Some(&address.to_ascii_lowercase()) {
        values.set("contact.phone", None::<String>);
    }
    values.set("contact.email", Some(address));
    values
}
