//! Own texts as they are sent: each is read once for all messages of a batch.

use std::fmt;
use std::sync::{Arc, OnceLock};

use message_templates::{EmailTemplate, Format, Template};

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::messages::model::MessageKind;
use crate::system_emails::model::{OwnText, TextOf};
use crate::templates::model::version::TemplateContent;

/// Why an own text can't be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the {0} can't be read any more")]
pub(crate) struct UnreadablePart(&'static str);

/// An own text, read when it is first needed.
pub(crate) struct SharedText {
    content: TemplateContent,
    email: OnceLock<Result<EmailTemplate, UnreadablePart>>,
}

impl SharedText {
    pub(crate) fn new(content: TemplateContent) -> Self {
        Self {
            content,
            email: OnceLock::new(),
        }
    }

    /// The first call takes milliseconds: it belongs on a thread that may block.
    pub(crate) fn email(&self) -> Result<&EmailTemplate, UnreadablePart> {
        let email = self.email.get_or_init(|| read(&self.content));
        email.as_ref().map_err(|unreadable| *unreadable)
    }
}

fn read(content: &TemplateContent) -> Result<EmailTemplate, UnreadablePart> {
    let parse = |source: &str, format, part| {
        Template::parse(source, format).map_err(|_problems| UnreadablePart(part))
    };
    let subject = content.subject.as_deref().unwrap_or_default();
    Ok(EmailTemplate {
        subject: parse(subject, Format::Line, "subject")?,
        body: parse(&content.body, Format::Markdown, "body")?,
        text: None,
    })
}

/// The own texts that a batch of messages may need.
#[derive(Clone)]
pub(crate) struct OwnTexts(Arc<[(TextOf, Arc<SharedText>)]>);

impl fmt::Debug for OwnTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(of, _)| of)).finish()
    }
}

impl OwnTexts {
    /// By one statement.
    pub(crate) async fn of_messages(
        conn: &mut Conn,
        messages: impl Iterator<Item = (AccountId, MessageKind)>,
    ) -> Result<Self> {
        let texts = OwnText::of_messages(conn, messages).await?;
        let shared = |text: OwnText| (text.of(), Arc::new(SharedText::new(text.into_content())));
        Ok(Self(texts.into_iter().map(shared).collect()))
    }

    pub(crate) fn find(&self, of: TextOf) -> Option<Arc<SharedText>> {
        let found = self.0.iter().find(|(key, _)| *key == of);
        found.map(|(_, text)| Arc::clone(text))
    }
}
