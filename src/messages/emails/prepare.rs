//! Prepares claimed messages for sending: creates their links and secrets, and reads what their emails say.

use super::{
    EmailContext, EmailError, EmailSecrets, Frame, FrameSource, Rendered, SystemEmail, email_for, render,
    text_for,
};
use crate::accounts::model::Account;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::mailings::emails::{Unrendered, prepare_written, render_written};
use crate::messages::model::link_batch::{LinkToMail, mint_links};
use crate::messages::model::outcome::Outcome;
use crate::messages::model::{Channel, Message, MessageKind};
use crate::sending_domains::model::{SendingDomain, VerifiedDomain};
use crate::sign_in::challenge::model::mailed_link::create_requested_link;
use crate::sign_in::person::Person;

/// A message that is ready to be rendered and sent, with no transaction open.
pub(crate) struct PreparedMessage {
    pub message: Message,
    pub account: Account,
    pub recipient: Person,
    pub content: Content,
}

/// What a message says, by its channel.
pub(crate) enum Content {
    Email(PreparedEmail),
    Text { body: String },
}

pub(crate) struct PreparedEmail {
    pub body: EmailBody,
    /// The account's own domain, if it was verified when the message was prepared.
    pub domain: Option<VerifiedDomain>,
    /// Where to unsubscribe from marketing emails, if it is one.
    pub unsubscribe: Option<String>,
}

/// Who wrote an email.
pub(crate) enum EmailBody {
    System {
        email: Box<dyn SystemEmail>,
        /// The URL to report "This wasn't me".
        not_me: String,
    },
    /// Staff did, and it is rendered.
    Written(Rendered),
}

/// What one claim prepared. The messages that staff wrote are rendered when its transaction has ended.
pub(crate) struct PreparedBatch {
    prepared: Vec<Prepared>,
    written: Vec<Unrendered>,
    domains: Vec<VerifiedDomain>,
}

impl PreparedBatch {
    pub(crate) async fn render_written(self) -> Result<Vec<Prepared>> {
        let mut prepared = self.prepared;
        prepared.extend(render_written(self.written).await?);
        for one in &mut prepared {
            if let Prepared::Ready(ready) = one
                && let Content::Email(email) = &mut ready.content
            {
                let mut domains = self.domains.iter();
                email.domain = domains
                    .find(|domain| domain.account_id == ready.account.id)
                    .cloned();
            }
        }
        Ok(prepared)
    }
}

/// A claimed message that can be sent, or its outcome if it can't.
pub(crate) enum Prepared {
    Ready(Box<PreparedMessage>),
    NotSent(Box<Message>, Outcome),
}

/// Decides which of the claimed messages may still be sent and mints their secrets; within a transaction.
pub(crate) async fn prepare(
    conn: &mut Conn,
    claimed: Vec<Message>,
    secrets: EmailSecrets<'_>,
) -> Result<PreparedBatch> {
    let accounts: Vec<AccountId> = claimed.iter().map(|message| message.account_id).collect();
    let domains = SendingDomain::verified(conn, &accounts).await?;
    let (written, claimed): (Vec<Message>, Vec<Message>) = claimed
        .into_iter()
        .partition(|message| message.kind == MessageKind::Written);
    let (written, mut prepared) = Box::pin(prepare_written(conn, written, secrets)).await?;
    let mut with_link = Vec::new();
    for mut message in claimed {
        let link_missing = message.kind == MessageKind::RequestedLogin && message.magic_link_id.is_none();
        if link_missing && !Box::pin(create_requested_link(conn, &mut message, secrets.moment)).await? {
            prepared.push(Prepared::NotSent(Box::new(message), Outcome::Cancelled));
        } else if message.kind.properties().carries_magic_link {
            with_link.push(message);
        } else {
            prepared.push(Box::pin(prepare_one(conn, message, secrets)).await?);
        }
    }
    for (message, minted) in Box::pin(mint_links(conn, with_link, secrets.moment)).await? {
        prepared.push(Box::pin(prepare_link(conn, message, minted, secrets)).await?);
    }
    Ok(PreparedBatch {
        prepared,
        written,
        domains,
    })
}

async fn prepare_link(
    conn: &mut Conn,
    message: Message,
    minted: Result<LinkToMail, Outcome>,
    secrets: EmailSecrets<'_>,
) -> Result<Prepared> {
    match minted {
        Ok(link) => {
            let (account, recipient) = (link.account.clone(), Person::Contact(link.contact.clone()));
            build(conn, message, account, recipient, Some(&link), secrets).await
        }
        Err(outcome) => Ok(Prepared::NotSent(Box::new(message), outcome)),
    }
}

/// Messages without a contact's link are few, so each is looked up on its own.
async fn prepare_one(conn: &mut Conn, message: Message, secrets: EmailSecrets<'_>) -> Result<Prepared> {
    match message.recipient(conn, secrets.moment).await? {
        Ok(recipient) => {
            let account = Account::find(conn, message.account_id).await?;
            build(conn, message, account, recipient, None, secrets).await
        }
        Err(outcome) => Ok(Prepared::NotSent(Box::new(message), outcome)),
    }
}

async fn build(
    conn: &mut Conn,
    message: Message,
    account: Account,
    recipient: Person,
    link: Option<&LinkToMail>,
    secrets: EmailSecrets<'_>,
) -> Result<Prepared> {
    let context = EmailContext {
        message: &message,
        account: &account,
        recipient: &recipient,
        secrets,
    };
    let content = match message.channel {
        Channel::Email => {
            let email = Box::pin(email_for(conn, &context, link)).await?;
            email.map(|email| {
                Content::Email(PreparedEmail {
                    body: EmailBody::System {
                        email,
                        not_me: context.not_me(),
                    },
                    domain: None,
                    unsubscribe: None,
                })
            })
        }
        Channel::Sms => {
            let link = link.map(|link| (&link.link, context.magic_link(link)));
            text_for(&context, link).map(|body| Content::Text { body })
        }
    };
    Ok(match content {
        Some(content) => Prepared::Ready(Box::new(PreparedMessage {
            message,
            account,
            recipient,
            content,
        })),
        None => Prepared::NotSent(Box::new(message), Outcome::Cancelled),
    })
}

impl PreparedEmail {
    /// Whether the recipient requested it a moment ago.
    pub(crate) fn requested(&self) -> bool {
        match &self.body {
            EmailBody::System { email, .. } => email.requested(),
            EmailBody::Written(_) => false,
        }
    }
}

impl PreparedMessage {
    pub(crate) fn render(&self, email: &PreparedEmail) -> std::result::Result<Rendered, EmailError> {
        match &email.body {
            EmailBody::System { email, not_me } => {
                render(&**email, &frame(&self.account, &self.recipient, not_me))
            }
            EmailBody::Written(rendered) => Ok(rendered.clone()),
        }
    }
}

pub(super) fn frame(account: &Account, recipient: &Person, not_me: &str) -> Frame {
    Frame::from(FrameSource {
        portal: &account.name,
        accent: account.colors().accent,
        audience: recipient.holder().audience(),
        greeting: recipient.greeting(),
        support: account.reply_to.as_deref(),
        not_me,
        locale: recipient.locale(account.locale(None)),
    })
}
