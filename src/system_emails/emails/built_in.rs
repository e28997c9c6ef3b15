//! The built-in texts with merge fields in place of their arguments: the starting point of an own text.

use crate::accounts::model::section::PortalSection;
use crate::base::locale::{Language, Locale};
use crate::messages::emails::parts::destination;
use crate::system_emails::fields::{LINK_DESTINATION, RECIPIENT_NAME, SIGN_IN_TARGET};
use crate::system_emails::model::{Readers, SystemEmailKind};
use crate::templates::model::version::{TemplateContent, TemplateFormat};

/// What an email of this kind says where the account has no own text.
pub(crate) fn built_in(kind: SystemEmailKind, language: Language) -> TemplateContent {
    let locale = Locale {
        language,
        ..Locale::DEFAULT
    };
    let (subject, text) = messages(kind);
    let text = in_fields(locale, text, kind);
    TemplateContent {
        format: TemplateFormat::Markdown,
        subject: Some(in_fields(locale, subject, kind)),
        body: format!("{}\n\n{text}", greeting(locale)),
        text_part: None,
    }
}

/// The messages of the subject, and of what stands before the button.
fn messages(kind: SystemEmailKind) -> (&'static str, &'static str) {
    match kind {
        SystemEmailKind::Invitation => ("invitation-subject", "invitation-text"),
        SystemEmailKind::LoginEmail => ("login-email-subject", "login-email-text"),
        SystemEmailKind::MagicLink => ("magic-link-subject", "magic-link-text"),
        SystemEmailKind::RequestedLogin => ("requested-login-subject", "requested-login-text"),
        SystemEmailKind::LoginCode => ("login-code-subject", "login-code-text"),
        SystemEmailKind::SignUpCode => ("sign-up-subject", "sign-up-text"),
        SystemEmailKind::PasswordReset => ("password-reset-subject", "password-reset-text"),
        SystemEmailKind::PasswordChanged => ("password-changed-subject", "password-changed-text"),
        SystemEmailKind::NewDevice => ("new-device-subject", "new-device-text"),
        SystemEmailKind::AddressChanged => ("address-changed-subject", "address-changed-text"),
        SystemEmailKind::ContactsMerged => ("contacts-merged-subject", "contacts-merged-text"),
        SystemEmailKind::StaffLogin => ("staff-login-subject", "requested-login-text"),
        SystemEmailKind::TeamInvitation => ("team-invitation-subject", "team-invitation-text"),
    }
}

fn greeting(locale: Locale) -> String {
    let named = locale.text("email-hello-name").arg("name", tag(RECIPIENT_NAME));
    let hello = locale.text("email-hello");
    format!("{{% if {RECIPIENT_NAME} %}}{named}{{% else %}}{hello}{{% endif %}}")
}

fn tag(field: &str) -> String {
    format!("{{{{ {field} }}}}")
}

fn in_fields(locale: Locale, id: &'static str, kind: SystemEmailKind) -> String {
    let target = match kind.readers() {
        Readers::Contacts | Readers::EarlierAddresses => "portal.name",
        Readers::Team | Readers::ContactsAndTeam => SIGN_IN_TARGET,
    };
    let texts = PortalSection::ALL.iter().map(|section| {
        let text = locale.text(id).arg("destination", destination(*section));
        let text = text.arg("portal", tag("portal.name")).arg("target", tag(target));
        (destination(*section), text.to_string())
    });
    by_destination(&texts.collect::<Vec<_>>())
}

/// One text for all destinations, with conditions around the words that differ.
fn by_destination(texts: &[(&str, String)]) -> String {
    let words: Vec<Vec<&str>> = texts.iter().map(|(_, text)| text.split(' ').collect()).collect();
    let Some((first, others)) = words.split_first() else {
        return String::new();
    };
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default();
    let same = |position: usize| others.iter().all(|text| text[position] == first[position]);
    let before = (0..shortest).take_while(|position| same(*position)).count();
    if words.iter().all(|text| text.len() == before) {
        return first.join(" ");
    }
    let same_from_end = |position: &usize| {
        let word = |text: &Vec<&str>| text.len() - 1 - position;
        others.iter().all(|text| text[word(text)] == first[word(first)])
    };
    let after = (0..shortest - before).take_while(same_from_end).count();
    let middles = words
        .iter()
        .map(|text| text[before..text.len() - after].join(" "));
    let named = texts.iter().map(|(destination, _)| *destination).zip(middles);
    let parts = [
        first[..before].join(" "),
        conditions(named),
        first[first.len() - after..].join(" "),
    ];
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The last text is that of every other destination.
fn conditions<'a>(texts: impl ExactSizeIterator<Item = (&'a str, String)>) -> String {
    let last = texts.len().saturating_sub(1);
    let parts = texts
        .enumerate()
        .map(|(position, (destination, text))| match position {
            0 => format!("{{% if {LINK_DESTINATION} == \"{destination}\" %}}{text}"),
            _ if position == last => format!("{{% else %}}{text}{{% endif %}}"),
            _ => format!("{{% elif {LINK_DESTINATION} == \"{destination}\" %}}{text}"),
        });
    parts.collect()
}
