//! Emails that staff wrote, in the account's layout.

use askama::Template;
use message_templates::{EmailTemplate, Layout, RenderError, RenderedEmail, Values};

use crate::base::error::{Error, Result};
use crate::messages::emails::Frame;
use crate::messages::emails::render::around_written_email;

#[derive(Template)]
#[template(path = "templates/content.html")]
struct Content<'a> {
    frame: &'a Frame,
    content: &'a str,
}

/// The email for one recipient. Takes milliseconds, so it runs on a thread that may block.
pub(crate) async fn render(
    email: EmailTemplate,
    frame: &Frame,
    values: Values,
) -> Result<Result<RenderedEmail, RenderError>> {
    let layout = layout(frame)?;
    let rendered = tokio::task::spawn_blocking(move || email.render(&layout, &values));
    rendered.await.map_err(Error::internal)
}

fn layout(frame: &Frame) -> Result<Layout> {
    let content = Content {
        frame,
        content: Layout::CONTENT,
    };
    let body = content.render().map_err(Error::internal)?;
    let (html, text) = around_written_email(frame, &body, Layout::CONTENT).map_err(Error::internal)?;
    Layout::new(&html, &text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use message_templates::{Format, Template as Compiled};

    use super::*;
    use crate::accounts::brand::Accent;
    use crate::base::actor::Audience;
    use crate::base::locale::{Language, Locale};
    use crate::messages::emails::FrameSource;

    fn frame() -> Frame {
        Frame::from(FrameSource {
            portal: "Acme <!-- content --> & Co",
            accent: Accent::DEFAULT,
            audience: Audience::Portal,
            greeting: Some("Anna"),
            support: Some("help@acme.example"),
            not_me: "https://acme.example/not-me",
            locale: Locale::new(Language::En, None),
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
        assert!(
            html.contains("Acme &lt;!-- content --&gt; &amp; Co")
                || html.contains("Acme &#60;!-- content --&#62;"),
            "{html}"
        );
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
