//! The messages of mailings: prepared in batches, rendered after the transaction that mints their links.

use std::collections::HashMap;
use std::sync::Arc;

use message_templates::{EmailTemplate, Layout, Template, Values};

use crate::accounts::model::Account;
use crate::accounts::urls::Addresses;
use crate::affiliates::model::Affiliate;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MailingId};
use crate::base::secrets::MASK;
use crate::contacts::model::Contact;
use crate::mailings::model::Mailing;
use crate::mailings::model::batch::{MessageToSend, WrittenBatch};
use crate::messages::emails::{
    Content, EmailBody, EmailSecrets, Prepared, PreparedEmail, PreparedMessage, Rendered,
};
use crate::messages::model::outcome::Outcome;
use crate::messages::model::{Channel, Message};
use crate::sign_in::person::Person;
use crate::templates::content::CheckedContent;
use crate::templates::emails::{frame, layout, whole_email};
use crate::templates::fields::Usage;
use crate::templates::values::recipient_values;
use crate::workflows::model::subject::EventValues;

/// A message whose links are minted, to be rendered with no transaction open.
pub(crate) struct Unrendered {
    message: Message,
    account: Account,
    contact: Contact,
    mailing: Arc<Mailing>,
    values: Values,
    /// Around emails.
    layout: Layout,
}

/// What is read once for all messages of a mailing.
enum Compiled {
    Email(Box<EmailTemplate>),
    Text(Box<Template>),
}

/// Decides which of the claimed messages may still be sent and mints their links; within a transaction.
pub(crate) async fn prepare_written(
    conn: &mut Conn,
    claimed: Vec<Message>,
    secrets: EmailSecrets<'_>,
) -> Result<(Vec<Unrendered>, Vec<Prepared>)> {
    let batch = WrittenBatch::read(conn, claimed, secrets.moment).await?;
    let not_sent = |(message, outcome)| Prepared::NotSent(Box::new(message), outcome);
    let unrendered: Result<Vec<_>> = batch
        .sendable
        .into_iter()
        .map(|one| unrendered(one, secrets.addresses))
        .collect();
    Ok((unrendered?, batch.settled.into_iter().map(not_sent).collect()))
}

fn unrendered(one: MessageToSend, addresses: &Addresses) -> Result<Unrendered> {
    let MessageToSend {
        message,
        mailing,
        account,
        contact,
        affiliate_code,
        event,
        secret,
    } = one;
    let link = secret.map(|secret| addresses.magic_link(&account.slug, &secret.reveal()));
    let mut values = recipient_values(
        &account,
        addresses,
        (&contact, affiliate_code.as_deref()),
        link.as_deref(),
    );
    event.set(&mut values);
    Ok(Unrendered {
        layout: layout(&frame(&account, Some(&contact)))?,
        message,
        account,
        contact,
        mailing,
        values,
    })
}

/// Renders the messages on a thread that may block; the templates of each mailing are read once.
pub(crate) async fn render_written(unrendered: Vec<Unrendered>) -> Result<Vec<Prepared>> {
    if unrendered.is_empty() {
        return Ok(Vec::new());
    }
    let mut compiled: HashMap<(AccountId, MailingId), Option<Compiled>> = HashMap::new();
    for one in &unrendered {
        let key = (one.account.id, one.mailing.id);
        if let std::collections::hash_map::Entry::Vacant(entry) = compiled.entry(key) {
            entry.insert(compile(&one.mailing).await?);
        }
    }
    let rendered = tokio::task::spawn_blocking(move || {
        let render = |one: Unrendered| {
            let template = compiled.get(&(one.account.id, one.mailing.id));
            one.render(template.and_then(Option::as_ref))
        };
        unrendered.into_iter().map(render).collect()
    });
    rendered.await.map_err(Error::internal)
}

/// `None` if it can't be read any more: the fields that templates have were others when it was written.
async fn compile(mailing: &Mailing) -> Result<Option<Compiled>> {
    let usage = Usage {
        channel: mailing.channel,
        triggers: &[],
    };
    let checked = mailing.content().check(usage).await?;
    Ok(match mailing.channel {
        Channel::Email => whole_email(checked).map(|email| Compiled::Email(Box::new(email))),
        Channel::Sms => {
            let CheckedContent { body, .. } = checked;
            body.map(|body| Compiled::Text(Box::new(body)))
        }
    })
}

impl Compiled {
    fn render(&self, layout: &Layout, values: &Values) -> Result<Rendered, message_templates::RenderError> {
        Ok(match self {
            Self::Email(email) => {
                let email = email.render(layout, values)?;
                Rendered {
                    subject: email.subject,
                    text: email.text,
                    html: email.html,
                }
            }
            Self::Text(body) => Rendered {
                subject: String::new(),
                text: body.render(values)?,
                html: String::new(),
            },
        })
    }
}

impl Unrendered {
    fn render(self, template: Option<&Compiled>) -> Prepared {
        let rendered = template.map(|template| template.render(&self.layout, &self.values));
        let rendered = match rendered {
            Some(Ok(rendered)) => rendered,
            Some(Err(error)) => return self.failed(&error.to_string()),
            None => return self.failed("its text can't be read any more"),
        };
        let content = match self.message.channel {
            Channel::Email => Content::Email(PreparedEmail {
                body: EmailBody::Written(rendered),
                domain: None,
            }),
            Channel::Sms => Content::Text { body: rendered.text },
        };
        Prepared::Ready(Box::new(PreparedMessage {
            message: self.message,
            account: self.account,
            recipient: Person::Contact(self.contact),
            content,
        }))
    }

    fn failed(self, problem: &str) -> Prepared {
        let reason = format!("It can't be written for this recipient: {problem}.");
        Prepared::NotSent(Box::new(self.message), Outcome::Failed { reason })
    }
}

/// A message as staff see it, with a mask in place of its link's secret. `None` if it can't be rendered.
pub(crate) async fn masked(
    db: &Db,
    message: &Message,
    (account, contact): (&Account, &Contact),
    addresses: &Addresses,
) -> Result<Option<Rendered>> {
    let Some(id) = message.about else { return Ok(None) };
    let mut conn = db.conn().await?;
    let Some(mailing) = Mailing::find(&mut conn, account.id, MailingId(id)).await? else {
        return Ok(None);
    };
    let affiliates = Affiliate::of_contacts(&mut conn, account.id, &[contact.id]).await?;
    let events = EventValues::of_messages(&mut conn, std::slice::from_ref(message)).await?;
    drop(conn);
    let code = affiliates
        .first()
        .map(|affiliate| affiliate.details.code.to_string());
    let link = addresses.magic_link(&account.slug, MASK);
    let mut values = recipient_values(account, addresses, (contact, code.as_deref()), Some(&link));
    for event in events.values() {
        event.set(&mut values);
    }
    let layout = layout(&frame(account, Some(contact)))?;
    let Some(compiled) = compile(&mailing).await? else {
        return Ok(None);
    };
    let rendered = tokio::task::spawn_blocking(move || compiled.render(&layout, &values));
    Ok(rendered.await.map_err(Error::internal)?.ok())
}
