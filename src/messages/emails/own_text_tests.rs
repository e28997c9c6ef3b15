//! Own texts in place of the first sentences of emails.

use mail_parser::decoders::html::html_to_text;
use message_templates::Values;

use super::samples::*;
use super::{Frame, FrameSource, Rendered};
use crate::accounts::model::section::PortalSection;
use crate::base::locale::{Language, Locale};
use crate::system_emails::emails::OwnEmail;
use crate::system_emails::emails::built_in::built_in;
use crate::system_emails::model::SystemEmailKind;
use crate::templates::model::version::{TemplateContent, TemplateFormat};

/// The kinds of the samples, in their order.
const STAFF: [SystemEmailKind; 6] = [
    SystemEmailKind::Invitation,
    SystemEmailKind::LoginEmail,
    SystemEmailKind::MagicLink,
    SystemEmailKind::TeamInvitation,
    SystemEmailKind::AddressChanged,
    SystemEmailKind::ContactsMerged,
];
const PUBLIC: [SystemEmailKind; 8] = [
    SystemEmailKind::RequestedLogin,
    SystemEmailKind::RequestedLogin,
    SystemEmailKind::LoginCode,
    SystemEmailKind::SignUpCode,
    SystemEmailKind::StaffLogin,
    SystemEmailKind::PasswordReset,
    SystemEmailKind::PasswordChanged,
    SystemEmailKind::NewDevice,
];

async fn own((email, audience): &Sample, content: TemplateContent, source: FrameSource<'_>) -> Rendered {
    let values: Values = [("portal.name", source.portal)].into_iter().collect();
    let audience = *audience;
    let frame = Frame::from(FrameSource { audience, ..source });
    let rendered = OwnEmail::new(content, values).render(&**email, &frame).await;
    rendered.unwrap_or_else(|error| panic!("{error}"))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What an HTML email shows, without its title.
fn shown(html: &str) -> String {
    let body = html.split_once("</head>").expect("a head").1;
    squeezed(&html_to_text(body))
}

#[tokio::test]
async fn a_built_in_text_written_back_says_the_same() {
    let long = "Akademie für überaus gründliche Fortbildung ".repeat(3);
    for section in PortalSection::ALL.iter().copied() {
        let samples = staff_emails(section).into_iter().zip(STAFF);
        let samples = samples.chain(public_emails(section).into_iter().zip(PUBLIC));
        for (sample, kind) in samples {
            for language in Language::ALL.iter().copied() {
                for (portal, greeting) in [("A & B_c*", Some("Maria")), (long.trim(), None)] {
                    let source = FrameSource {
                        portal,
                        greeting,
                        locale: Locale::new(language, Some("Europe/Paris")),
                        ..source()
                    };
                    let expected = render(&sample, source);
                    let found = own(&sample, built_in(kind, language), source).await;
                    assert_eq!(found.subject, expected.subject, "{kind:?}");
                    assert_eq!(squeezed(&found.text), squeezed(&expected.text), "{kind:?}");
                    assert_eq!(shown(&found.html), shown(&expected.html), "{kind:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_own_text_keeps_the_link_the_code_and_what_is_said_about_them() {
    let samples = staff_emails(PortalSection::Courses).into_iter();
    for sample in samples.chain(public_emails(PortalSection::Courses)) {
        let content = TemplateContent {
            format: TemplateFormat::Markdown,
            subject: Some("Hi".to_owned()),
            body: "**Welcome** to {{ portal.name }}, [look](https://acme.example/a).".to_owned(),
            text_part: None,
        };
        let before = render(&sample, source());
        let email = own(&sample, content, source()).await;
        assert_eq!(email.subject, "Hi");
        assert!(
            email.html.contains("<strong>Welcome</strong> to Acme Academy"),
            "{}",
            email.html
        );
        let text = "Welcome to Acme Academy, look ( https://acme.example/a ).\n\n";
        assert!(email.text.starts_with(text), "{}", email.text);
        let rest = before.text.split("\n\n").skip(2).map(squeezed);
        for part in rest {
            assert!(squeezed(&email.text).contains(&part), "{part}: {}", email.text);
        }
        let links = |rendered: &Rendered, url: &str| {
            let escaped = |ampersand: &str| format!("href=\"{}\"", url.replace('&', ampersand));
            rendered.html.matches(&escaped("&#38;")).count()
                + rendered.html.matches(&escaped("&amp;")).count()
        };
        for url in [URL, NOT_ME] {
            assert_eq!(links(&email, url), links(&before, url), "{}", email.html);
        }
    }
}
