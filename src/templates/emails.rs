//! Emails that staff wrote, in the account's layout.

use askama::Template;
use message_templates::{EmailTemplate, Layout, RenderError, RenderedEmail, Values};

use crate::accounts::model::Account;
use crate::base::actor::Audience;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::TestMessageId;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::contacts::model::Contact;
use crate::messages::emails::render::{Body, around_written_email};
use crate::messages::emails::{EmailContext, Frame, FrameSource, Rendered, SystemEmail};
use crate::messages::model::Channel;
use crate::templates::content::CheckedContent;
use crate::templates::fields::Usage;
use crate::templates::model::test_message::TestMessage;
use crate::templates::values::preview_values;

#[derive(Template)]
#[template(path = "templates/content.html")]
struct Content<'a> {
    frame: &'a Frame,
    content: &'a str,
    /// The link below a marketing email that has none itself.
    unsubscribe: Option<&'a str>,
}

/// What stands around an email to a contact, or to one that is made up.
pub(crate) fn frame(account: &Account, contact: Option<&Contact>) -> Frame {
    let own = account.locale(None);
    Frame::from(FrameSource {
        portal: &account.name,
        accent: account.colors().accent,
        audience: Audience::Portal,
        greeting: None,
        support: account.reply_to.as_deref(),
        not_me: "",
        locale: contact.map_or(own, |contact| contact.locale(own)),
    })
}

/// The templates of an email; none if one of them has an error.
pub(crate) fn whole_email(checked: CheckedContent) -> Option<EmailTemplate> {
    let CheckedContent {
        subject,
        body,
        text,
        has_text,
        problems: _,
    } = checked;
    let complete = text.is_some() == has_text;
    Some(EmailTemplate {
        subject: subject?,
        body: body?,
        text,
    })
    .filter(|_| complete)
}

/// The email for one recipient. Takes milliseconds, so it runs on a thread that may block.
pub(crate) async fn render(
    email: EmailTemplate,
    frame: &Frame,
    values: Values,
) -> Result<Result<RenderedEmail, RenderError>> {
    let layout = layout(frame, None)?;
    let rendered = tokio::task::spawn_blocking(move || email.render(&layout, &values));
    rendered.await.map_err(Error::internal)
}

/// With a link to unsubscribe, if one is given.
pub(crate) fn layout(frame: &Frame, unsubscribe: Option<&str>) -> Result<Layout> {
    let content = Content {
        frame,
        content: Layout::CONTENT,
        unsubscribe,
    };
    let body = content.render().map_err(Error::internal)?;
    let footer = unsubscribe.map(|url| format!("\n\n{}: {url}", frame.text("email-unsubscribe")));
    let text = [Layout::CONTENT, footer.as_deref().unwrap_or_default()].concat();
    let (html, text) = around_written_email(frame, &body, &text).map_err(Error::internal)?;
    Layout::new(&html, &text).map_err(Error::internal)
}

/// An email that a team member sends to themselves.
pub(crate) struct TestEmail {
    /// As it was written.
    subject: String,
    rendered: Rendered,
}

impl TestEmail {
    /// `None` if the row is gone, or can't be rendered any more.
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let Some(id) = context.message.about else {
            return Ok(None);
        };
        let account = context.account;
        let Some(test) = TestMessage::find(conn, account.id, TestMessageId(id)).await? else {
            return Ok(None);
        };
        let contact = match test.contact_id {
            Some(id) => Contact::find(conn, account.id, id).await?,
            None => None,
        };
        let addresses = context.secrets.addresses;
        let values = preview_values(conn, account, addresses, contact.as_ref()).await?;
        let usage = Usage {
            channel: Channel::Email,
            triggers: &[],
            marketing: false,
        };
        let checked = test.content().with_own_names().check(usage).await?;
        let Some(email) = whole_email(checked) else {
            return Ok(None);
        };
        let rendered = render(email, &frame(account, contact.as_ref()), values).await?;
        let locale = context.recipient.locale(account.locale(None));
        Ok(rendered.ok().map(|email| Self::new(email, locale)))
    }

    fn new(RenderedEmail { subject, html, text }: RenderedEmail, locale: Locale) -> Self {
        let mut email = Self {
            subject,
            rendered: Rendered {
                subject: String::new(),
                text,
                html,
            },
        };
        email.rendered.subject = email.subject(locale).to_string();
        email
    }
}

impl Body for TestEmail {
    fn html(&self, _frame: &Frame) -> askama::Result<String> {
        Ok(self.rendered.html.clone())
    }

    fn text(&self, _frame: &Frame) -> askama::Result<String> {
        Ok(self.rendered.text.clone())
    }
}

impl SystemEmail for TestEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("test-email-subject").arg("subject", &self.subject)
    }

    fn written(&self) -> Option<&Rendered> {
        Some(&self.rendered)
    }
}

#[cfg(test)]
mod tests {
    use message_templates::{Format, Template as Compiled};

    use super::*;
    use crate::accounts::brand::Accent;

    fn frame() -> Frame {
        Frame::from(FrameSource {
            portal: "Acme <!-- content --> & Co",
            accent: Accent::DEFAULT,
            audience: Audience::Portal,
            greeting: Some("Anna"),
            support: Some("help@acme.example"),
            not_me: "https://acme.example/not-me",
            locale: Locale::DEFAULT,
        })
    }

    #[tokio::test]
    async fn an_email_stands_in_the_layout_without_a_greeting() {
        let compiled = |source: &str, format| Compiled::parse(source, format).expect("a template");
        let email = EmailTemplate {
            subject: compiled("Hello", Format::Line),
            body: compiled(
                "# Hi {{ contact.first_name }}\n\n[Go](https://acme.example)",
                Format::Markdown,
            ),
            text: None,
        };
        let values = [("contact.first_name", "<Anna>")].into_iter().collect();
        let rendered = render(email, &frame(), values)
            .await
            .expect("a layout")
            .expect("an email");
        let html = &rendered.html;
        assert!(
            html.contains(">Hi &lt;Anna&gt;</h1>") && html.contains("<h1 style="),
            "{html}"
        );
        assert!(html.contains("Acme &lt;!-- content --&gt; &amp; Co"), "{html}");
        assert!(html.contains("@media (prefers-color-scheme: dark)"), "{html}");
        assert!(!html.contains("Hello,") && !html.contains("Hi Anna"), "{html}");
        assert!(
            rendered
                .text
                .starts_with("Hi <Anna>\n\nGo ( https://acme.example )\n"),
            "{}",
            rendered.text
        );
        assert!(rendered.text.contains("help@acme.example"), "{}", rendered.text);
    }
}
