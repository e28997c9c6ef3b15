//! The merge fields: which there are, and where each can be used.
//!
//! To add one: a line in [`FIELDS`], its value in `values.rs`, and its row in `docs/integrate/templates.md`.

use message_templates::{Alias, Catalogue, KnownField, ReplacedField};

use crate::base::text_enum::text_enum;
use crate::messages::model::Channel;
use crate::templates::trigger::WorkflowTrigger;

text_enum! {
    /// What a merge field is about. More will be added.
    #[derive(async_graphql::Enum)]
    MergeFieldGroup {
        /// The recipient.
        Contact = "CONTACT",
        /// The portal and its sections.
        Portal = "PORTAL",
        /// The business.
        Account = "ACCOUNT",
        /// The recipient as an affiliate.
        Affiliate = "AFFILIATE",
        /// What the event of a workflow is about.
        Event = "EVENT",
        /// The message itself.
        Message = "MESSAGE",
    }
}

/// A merge field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergeField {
    pub name: &'static str,
    pub label: &'static str,
    pub group: MergeFieldGroup,
    /// Stands for the value where there is no recipient. Links have an example of the account instead.
    pub example: &'static str,
    pub presence: Presence,
}

/// When a field has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Always,
    /// Some recipients have none.
    Sometimes,
    /// All recipients of this channel have one.
    With(Channel),
    /// Only in a workflow all of whose triggers provide it.
    FromTrigger,
    /// Not in a workflow with a trigger that isn't about the portal.
    InPortal,
    /// Only in marketing emails.
    Marketing,
}

const fn field(
    name: &'static str,
    label: &'static str,
    group: MergeFieldGroup,
    example: &'static str,
    presence: Presence,
) -> MergeField {
    MergeField {
        name,
        label,
        group,
        example,
        presence,
    }
}

/// All merge fields, in the order of menus.
pub(crate) const FIELDS: [MergeField; 19] = {
    use MergeFieldGroup::{Account, Affiliate, Contact, Event, Message, Portal};
    use Presence::{Always, FromTrigger, InPortal, Marketing, Sometimes, With};
    [
        field("contact.first_name", "First name", Contact, "Anna", Sometimes),
        field("contact.last_name", "Last name", Contact, "Smith", Sometimes),
        field("contact.name", "Full name", Contact, "Anna Smith", Sometimes),
        field(
            "contact.email",
            "Email address",
            Contact,
            "anna@example.com",
            With(Channel::Email),
        ),
        field(
            "contact.phone",
            "Phone number",
            Contact,
            "+49 151 23456789",
            With(Channel::Sms),
        ),
        field("portal.name", "Name of the portal", Portal, "Acme", Always),
        field("portal.url", "Portal", Portal, "", Always),
        field("portal.login_url", "Login URL (Magic Link)", Portal, "", InPortal),
        field("portal.courses_url", "Courses", Portal, "", Always),
        field("portal.communities_url", "Communities", Portal, "", Always),
        field("portal.affiliates_url", "Affiliate portal", Portal, "", Always),
        field("account.name", "Name of the business", Account, "Acme", Always),
        field(
            "account.reply_to",
            "Address for replies",
            Account,
            "hello@acme.example",
            Sometimes,
        ),
        field("affiliate.code", "Affiliate code", Affiliate, "anna", Sometimes),
        field("affiliate.link", "Affiliate link", Affiliate, "", Sometimes),
        field(
            "offer.title",
            "Title of the offer",
            Event,
            "Growth programme",
            FromTrigger,
        ),
        field(
            "course.title",
            "Title of the course",
            Event,
            "Baking bread",
            FromTrigger,
        ),
        field(
            "community.name",
            "Name of the community",
            Event,
            "Bakers",
            FromTrigger,
        ),
        field("unsubscribe_url", "Link to unsubscribe", Message, "", Marketing),
    ]
};

/// HighLevel's names for the same values.
const ALIASES: [(&str, &str); 12] = [
    ("contact.full_name", "contact.name"),
    ("contact.phone_raw", "contact.phone"),
    ("location.name", "account.name"),
    ("location.email", "account.reply_to"),
    ("location.website", "portal.url"),
    ("membership_contact.email", "contact.email"),
    ("membership_contact.login_url", "portal.login_url"),
    ("membership.login_url", "portal.login_url"),
    ("client_portal.login_url", "portal.login_url"),
    ("offer.name", "offer.title"),
    ("email.unsubscribe_link", "unsubscribe_url"),
    ("unsubscribe_link", "unsubscribe_url"),
];

/// Fields of earlier products that held a password.
const PASSWORDS: [&str; 5] = [
    "contact.password",
    "membership_contact.password",
    "membership.password",
    "client_portal.password",
    "user.password",
];

pub(crate) const LOGIN_URL: &str = "portal.login_url";
pub(crate) const UNSUBSCRIBE_URL: &str = "unsubscribe_url";

/// Where a template is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage<'a> {
    pub channel: Channel,
    /// Those of the workflow; none outside of workflows.
    pub triggers: &'a [WorkflowTrigger],
    /// Whether it is marketing, or may become it.
    pub marketing: bool,
}

impl MergeField {
    /// Whether a use needs a default.
    pub(crate) fn may_be_empty(&self, usage: Usage<'_>) -> bool {
        let provided = !usage.triggers.is_empty() && self.missing_in(usage.triggers).is_none();
        let sometimes = match self.presence {
            Presence::Always | Presence::FromTrigger | Presence::InPortal | Presence::Marketing => false,
            Presence::Sometimes => true,
            Presence::With(channel) => channel != usage.channel,
        };
        sometimes && !provided
    }

    /// `Err` with the reason, as a sentence, where it can't be used.
    pub(crate) fn available(&self, usage: Usage<'_>) -> Result<(), String> {
        match self.presence {
            Presence::Always | Presence::Sometimes | Presence::With(_) => Ok(()),
            Presence::Marketing if usage.channel == Channel::Sms => {
                Err("Only emails have it: text messages are stopped by replying STOP.".to_owned())
            }
            Presence::Marketing if usage.marketing => Ok(()),
            Presence::Marketing => {
                let sender = if usage.triggers.is_empty() {
                    "email"
                } else {
                    "step"
                };
                Err(format!(
                    "Only marketing emails have it: mark the {sender} as marketing."
                ))
            }
            Presence::FromTrigger => self.provided_by(usage.triggers),
            Presence::InPortal => {
                let foreign = usage.triggers.iter().find(|trigger| !trigger.belongs_to_portal());
                foreign.map_or(Ok(()), |trigger| {
                    let name = trigger.as_str();
                    Err(format!(
                        "Not available with the trigger {name}: it isn't about the portal."
                    ))
                })
            }
        }
    }

    fn provided_by(&self, triggers: &[WorkflowTrigger]) -> Result<(), String> {
        if triggers.is_empty() {
            let all = WorkflowTrigger::ALL
                .iter()
                .filter(|trigger| trigger.provides().contains(&self.name));
            let names: Vec<_> = all.map(|trigger| trigger.as_str()).collect();
            return Err(format!(
                "Only workflows with these triggers have it: {}.",
                names.join(", ")
            ));
        }
        self.missing_in(triggers).map_or(Ok(()), |trigger| {
            Err(format!(
                "Not available with the trigger {}: its event doesn't have it.",
                trigger.as_str()
            ))
        })
    }

    fn missing_in(&self, triggers: &[WorkflowTrigger]) -> Option<WorkflowTrigger> {
        triggers
            .iter()
            .copied()
            .find(|trigger| !trigger.provides().contains(&self.name))
    }
}

/// HighLevel's names and ours.
pub(crate) fn aliases() -> Vec<Alias> {
    let alias = |(name, field): (&str, &str)| Alias {
        name: name.to_owned(),
        field: field.to_owned(),
    };
    ALIASES.into_iter().map(alias).collect()
}

/// Our name of a field, if this is another one.
pub(crate) fn own_name(name: &str) -> Option<&'static str> {
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map(|(_, field)| *field)
}

/// Whether only workflows have the field, under any of its names.
pub(crate) fn is_of_event(name: &str) -> bool {
    let name = own_name(name).unwrap_or(name);
    FIELDS
        .iter()
        .any(|field| field.name == name && field.presence == Presence::FromTrigger)
}

/// Our fields and HighLevel's names for them, each described by `known` under the given name.
pub(crate) fn known_fields(known: impl Fn(&MergeField, &str) -> KnownField) -> Vec<KnownField> {
    let own = FIELDS.iter().map(|field| known(field, field.name));
    let foreign = ALIASES.iter().filter_map(|(alias, name)| {
        let field = FIELDS.iter().find(|field| field.name == *name)?;
        Some(known(field, alias))
    });
    own.chain(foreign).collect()
}

/// What templates are checked against. HighLevel's names are known: saving replaces them.
pub(crate) fn catalogue(usage: Usage<'_>) -> Catalogue {
    let fields = known_fields(|field, name| KnownField {
        name: name.to_owned(),
        may_be_empty: field.may_be_empty(usage),
        available: field.available(usage),
        private: field.name == LOGIN_URL,
    });
    let replaced = PASSWORDS.iter().map(|name| ReplacedField {
        name: (*name).to_owned(),
        replacement: LOGIN_URL.to_owned(),
        reason: "Passwords are never sent: contacts sign in by a link.".to_owned(),
    });
    Catalogue {
        fields,
        aliases: Vec::new(),
        replaced: replaced.collect(),
    }
}

#[cfg(test)]
mod tests;
