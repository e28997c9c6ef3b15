//! The merge fields of system emails: those of contacts, the portal and the account, and a few of their own. None holds a link, a
//! code or a token: the button is the link.

use message_templates::{Catalogue, KnownField, Problem, Severity};

use crate::base::error::Result;
use crate::messages::model::Channel;
use crate::system_emails::model::{Readers, SystemEmailKind};
use crate::templates::content::{CheckedContent, PartProblem, TemplatePart};
use crate::templates::fields::{FIELDS, MergeField, MergeFieldGroup, Presence, Usage, known_fields};
use crate::templates::model::version::TemplateContent;

pub(crate) const RECIPIENT_NAME: &str = "recipient.name";
pub(crate) const SIGN_IN_TARGET: &str = "sign_in.target";
pub(crate) const LINK_DESTINATION: &str = "link.destination";

/// What the built-in texts name beyond the fields of templates, in the order of menus.
const OWN_FIELDS: [MergeField; 3] = [
    MergeField {
        name: RECIPIENT_NAME,
        label: "Name to greet by",
        group: MergeFieldGroup::Message,
        example: "Anna",
        presence: Presence::Sometimes,
    },
    MergeField {
        name: SIGN_IN_TARGET,
        label: "What the recipient signs in to: the portal or the dashboard",
        group: MergeFieldGroup::Message,
        example: "Acme",
        presence: Presence::Always,
    },
    MergeField {
        name: LINK_DESTINATION,
        label: "Where the link leads: HOME, COURSES, COMMUNITIES or AFFILIATES",
        group: MergeFieldGroup::Message,
        example: "HOME",
        presence: Presence::Always,
    },
];

/// System emails are emails of no workflow.
const USAGE: Usage<'static> = Usage {
    channel: Channel::Email,
    triggers: &[],
    marketing: false,
};

/// The fields in the order of menus, available or not.
pub(crate) fn fields() -> impl Iterator<Item = &'static MergeField> {
    OWN_FIELDS.iter().chain(&FIELDS)
}

pub(crate) fn may_be_empty(field: &MergeField) -> bool {
    field.may_be_empty(USAGE)
}

/// `Err` with the reason, as a sentence, where the field can't be used.
pub(crate) fn available(field: &MergeField, kind: SystemEmailKind) -> Result<(), String> {
    let refused = |reason: &str| Err(reason.to_owned());
    match (field.group, field.name) {
        (_, LINK_DESTINATION) if kind != SystemEmailKind::MagicLink => {
            refused("Only the email MAGIC_LINK has it.")
        }
        (MergeFieldGroup::Contact, _) if kind.readers() == Readers::Team => {
            refused("This email goes to team members.")
        }
        (_, "contact.phone") if kind.readers() == Readers::EarlierAddresses => {
            refused("This email goes to an earlier address, which may belong to someone else.")
        }
        (_, "portal.login_url") => {
            refused("The button or the code of this email signs in: it can't be moved or repeated.")
        }
        (_, "unsubscribe_url") => refused("Only marketing emails have it: this one is always sent."),
        (MergeFieldGroup::Affiliate | MergeFieldGroup::Event, _) => {
            refused("Only templates have it, not the emails of the system.")
        }
        (
            MergeFieldGroup::Contact
            | MergeFieldGroup::Portal
            | MergeFieldGroup::Account
            | MergeFieldGroup::Message,
            _,
        ) => Ok(()),
    }
}

fn catalogue(kind: SystemEmailKind) -> Catalogue {
    let known = |field: &MergeField, name: &str| KnownField {
        name: name.to_owned(),
        may_be_empty: may_be_empty(field),
        available: available(field, kind),
        private: false,
    };
    let own = OWN_FIELDS.iter().map(|field| known(field, field.name));
    Catalogue {
        fields: own.chain(known_fields(known)).collect(),
        aliases: Vec::new(),
        replaced: Vec::new(),
    }
}

/// Reads and checks an own text of an email.
pub(crate) async fn check(kind: SystemEmailKind, content: &TemplateContent) -> Result<CheckedContent> {
    let mut checked = content.check_against(catalogue(kind)).await?;
    checked.problems.extend(subject_link(content, &checked));
    Ok(checked)
}

/// Lock screens show subjects, so they hold no link.
fn subject_link(content: &TemplateContent, checked: &CheckedContent) -> Option<PartProblem> {
    let source = content.subject.as_deref().unwrap_or_default();
    let field = checked.subject.as_ref().and_then(|subject| {
        let mut fields = subject.fields().iter();
        fields.find(|field| field.name.ends_with("url"))
    });
    let written = source.find("://");
    let written = written.map(|at| source[..at].chars().count() + 1);
    Some(PartProblem {
        part: TemplatePart::Subject,
        problem: Problem {
            message: "A subject can't hold a link: lock screens show it.".to_owned(),
            line: 1,
            column: field.map(|field| field.column).or(written)?,
            field: field.map(|field| field.name.clone()),
            suggestion: None,
            severity: Severity::Error,
        },
    })
}
