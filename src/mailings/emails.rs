//! The messages of mailings: prepared in batches, rendered after the transaction that mints their links.

use std::collections::HashMap;
use std::sync::Arc;

use message_templates::{EmailTemplate, Template, Values};

use crate::accounts::model::Account;
use crate::accounts::urls::Addresses;
use crate::affiliates::model::Affiliate;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, MailingId};
use crate::base::secrets::{MASK, PlainSecret, SecretKind};
use crate::base::turns::in_turn;
use crate::contacts::model::Contact;
use crate::mailings::model::Mailing;
use crate::mailings::model::batch::{MessageToSend, WrittenBatch};
use crate::messages::emails::{
    Content, EmailBody, EmailSecrets, Frame, Prepared, PreparedEmail, PreparedMessage, Rendered,
};
use crate::messages::model::outcome::Outcome;
use crate::messages::model::{Channel, Message};
use crate::sign_in::person::Person;
use crate::templates::content::CheckedContent;
use crate::templates::emails::{frame, layout, whole_email};
use crate::templates::fields::{UNSUBSCRIBE_URL, Usage};
use crate::templates::values::recipient_values;
use crate::workflows::model::subject::EventValues;

/// A message whose links are minted, to be rendered with no transaction open.
pub(crate) struct Unrendered {
    message: Message,
    account: Account,
    contact: Contact,
    mailing: Arc<Mailing>,
    values: Values,
    frame: Frame,
    /// Where to unsubscribe from a marketing email.
    unsubscribe: Option<String>,
}

/// What is read once for all messages of a mailing.
enum Compiled {
    Email {
        template: Box<EmailTemplate>,
        /// It says itself where to unsubscribe.
        unsubscribes: bool,
    },
    Text(Box<Template>),
}

/// Decides which of the claimed messages may still be sent and mints their links; within a transaction.
pub(crate) async fn prepare_written(
    conn: &mut Conn,
    claimed: Vec<Message>,
    secrets: EmailSecrets<'_>,
) -> Result<(Vec<Unrendered>, Vec<Prepared>)> {
    if claimed.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let by_job = Message::stop_by_job(conn, claimed, secrets.moment.now).await?;
    let cancelled = by_job.cancelled.into_iter().map(|one| (one, Outcome::Cancelled));
    let batch = WrittenBatch::read(conn, by_job.going_on, secrets.moment).await?;
    let not_sent = |(message, outcome)| Prepared::NotSent(Box::new(message), outcome);
    let unrendered = batch.sendable.into_iter().map(|one| unrendered(one, secrets));
    let settled = batch.settled.into_iter().chain(cancelled);
    Ok((unrendered.collect(), settled.map(not_sent).collect()))
}

fn unrendered(one: MessageToSend, EmailSecrets { keys, addresses, .. }: EmailSecrets<'_>) -> Unrendered {
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
    let unsubscribe = mailing.marketing.then(|| {
        let secret = PlainSecret::for_id(
            SecretKind::Unsubscribe,
            account.id,
            &keys.unsubscribe,
            message.id.0,
        );
        addresses.unsubscribe(&account.slug, &secret.reveal())
    });
    values.set(UNSUBSCRIBE_URL, unsubscribe.as_deref());
    Unrendered {
        frame: frame(&account, Some(&contact)),
        unsubscribe,
        message,
        account,
        contact,
        mailing,
        values,
    }
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
        unrendered.into_iter().map(render).collect::<Result<Vec<_>>>()
    });
    rendered.await.map_err(Error::internal)?
}

/// `None` if it can't be read any more: the fields that templates have were others when it was written.
async fn compile(mailing: &Mailing) -> Result<Option<Compiled>> {
    let usage = Usage {
        channel: mailing.channel,
        triggers: &[],
        marketing: mailing.marketing,
    };
    let checked = mailing.content().check(usage).await?;
    Ok(match mailing.channel {
        Channel::Email => {
            let unsubscribes = checked.uses(UNSUBSCRIBE_URL);
            whole_email(checked).map(|email| Compiled::Email {
                template: Box::new(email),
                unsubscribes,
            })
        }
        Channel::Sms => {
            let CheckedContent { body, .. } = checked;
            body.map(|body| Compiled::Text(Box::new(body)))
        }
    })
}

impl Compiled {
    /// `unsubscribe` stands below an email that doesn't have it.
    fn render(
        &self,
        frame: &Frame,
        unsubscribe: Option<&str>,
        values: &Values,
    ) -> Result<Result<Rendered, message_templates::RenderError>> {
        let (template, unsubscribes) = match self {
            Self::Email {
                template,
                unsubscribes,
            } => (template, unsubscribes),
            Self::Text(body) => {
                let rendered = body.render(values).map(|text| Rendered {
                    subject: String::new(),
                    text,
                    html: String::new(),
                });
                return Ok(rendered);
            }
        };
        let email = template.render(&layout(frame, unsubscribe.filter(|_| !unsubscribes))?, values);
        // Its own link may be behind a condition, or in one part only.
        let misses = |url: &&str| matches!(&email, Ok(email) if !(email.html.contains(url) && email.text.contains(url)));
        let email = match unsubscribe.filter(misses) {
            Some(url) => template.render(&layout(frame, Some(url))?, values),
            None => email,
        };
        Ok(email.map(|email| Rendered {
            subject: email.subject,
            text: email.text,
            html: email.html,
        }))
    }
}

impl Unrendered {
    fn render(self, template: Option<&Compiled>) -> Result<Prepared> {
        let Some(template) = template else {
            return Ok(self.failed("its text can't be read any more"));
        };
        let rendered = match template.render(&self.frame, self.unsubscribe.as_deref(), &self.values)? {
            Ok(rendered) => rendered,
            Err(error) => return Ok(self.failed(&error.to_string())),
        };
        let content = match self.message.channel {
            Channel::Email => Content::Email(PreparedEmail {
                body: EmailBody::Written(rendered),
                domain: None,
                unsubscribe: self.unsubscribe,
            }),
            Channel::Sms => Content::Text { body: rendered.text },
        };
        Ok(Prepared::Ready(Box::new(PreparedMessage {
            message: self.message,
            account: self.account,
            recipient: Person::Contact(self.contact),
            content,
        })))
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
    let unsubscribe = (mailing.marketing).then(|| addresses.unsubscribe(&account.slug, MASK));
    values.set(UNSUBSCRIBE_URL, unsubscribe.as_deref());
    let frame = frame(account, Some(contact));
    let Some(compiled) = compile(&mailing).await? else {
        return Ok(None);
    };
    let rendered = in_turn(move || compiled.render(&frame, unsubscribe.as_deref(), &values)).await?;
    Ok(rendered?.ok())
}
