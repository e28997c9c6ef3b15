//! The details of a contact as staff or a file give them, validated field by field.

use sms::{PhoneNumber, PhoneNumberError};

use crate::base::address::EmailAddress;
use crate::base::error::{Error, Result};
use crate::base::plain_text;
use crate::contacts::model::{Contact, ContactDetails};

/// The most characters of a first or last name.
const MAX_NAME_CHARS: usize = 100;
pub(crate) const MAX_TAG_CHARS: usize = 50;
/// The most tags of a contact.
pub(crate) const MAX_TAGS: usize = 50;

/// The details of a contact as received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RawDetails {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub tags: Vec<String>,
    pub timezone: Option<String>,
    pub locale: Option<String>,
}

impl RawDetails {
    /// What a contact has, to change a part of it.
    pub(crate) fn of(contact: &Contact) -> Self {
        Self {
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            tags: contact.tags.clone(),
            timezone: contact.timezone.clone(),
            locale: contact.locale.clone(),
        }
    }

    /// Validates and normalises the details. The error names the first invalid field, such as `{field_prefix}.firstName`. An
    /// empty text counts as absent, except for the address.
    pub(crate) fn parse(self, field_prefix: &str) -> Result<ContactDetails> {
        let field = |name: &str| format!("{field_prefix}.{name}");
        let name = |at: &str, text: Option<String>| {
            optional(text, |text| plain_text::line(&field(at), text, MAX_NAME_CHARS))
        };
        Ok(ContactDetails {
            email: self.email.map(|text| email(&field("email"), &text)).transpose()?,
            phone: optional(self.phone, |text| phone(&field("phone"), text))?,
            first_name: name("firstName", self.first_name)?,
            last_name: name("lastName", self.last_name)?,
            tags: tags(&field("tags"), &self.tags)?,
            timezone: optional(self.timezone, |text| timezone(&field("timezone"), text))?,
            locale: optional(self.locale, |text| locale(&field("locale"), text))?,
        })
    }

    /// As [`Self::parse`], for changes of a contact. A phone number that stays is not checked again: it may be older than the check.
    pub(crate) fn parse_changes(mut self, contact: &Contact, field_prefix: &str) -> Result<ContactDetails> {
        let kept = self.phone.take_if(|phone| contact.phone.as_ref() == Some(phone));
        let details = self.parse(field_prefix)?;
        Ok(ContactDetails {
            phone: kept.or(details.phone),
            ..details
        })
    }
}

fn optional(
    text: Option<String>,
    parse: impl FnOnce(&str) -> Result<Option<String>>,
) -> Result<Option<String>> {
    text.map_or(Ok(None), |text| parse(&text))
}

fn email(field: &str, text: &str) -> Result<EmailAddress> {
    EmailAddress::parse(text).map_err(|error| {
        let mut message = error.to_string();
        if let Some(first) = message.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Error::bad_input(field, format!("{message}."))
    })
}

/// E.164, from a number that can exist. Accounts have no country, so it must have its country code.
fn phone(field: &str, text: &str) -> Result<Option<String>> {
    let plain = |c: char| match c {
        '\u{2010}'..='\u{2013}' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let text: String = text.chars().map(plain).collect();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let number = PhoneNumber::parse(&text, None).map_err(|error| {
        let problem = match error {
            PhoneNumberError::NotANumber
            | PhoneNumberError::NoCountry
            | PhoneNumberError::UnknownCountry
            | PhoneNumberError::UnknownRegion => "It is not a phone number with its country code",
            PhoneNumberError::TooShort | PhoneNumberError::TooLong | PhoneNumberError::Impossible => {
                "No phone number of this country has this form"
            }
        };
        Error::bad_input(field, format!("{problem}: write one such as +4915112345678."))
    })?;
    Ok(Some(number.as_str().to_owned()))
}

fn tags(field: &str, texts: &[String]) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        if let Some(tag) = plain_text::line(&format!("{field}.{index}"), text, MAX_TAG_CHARS)?
            && !tags.contains(&tag)
        {
            if tags.len() == MAX_TAGS {
                return Err(Error::bad_input(
                    field,
                    format!("There are more than {MAX_TAGS} tags."),
                ));
            }
            tags.push(tag);
        }
    }
    Ok(tags)
}

/// `Area/City` as in the IANA time zone database, or `UTC`.
pub(crate) fn timezone(field: &str, text: &str) -> Result<Option<String>> {
    let Some(text) = plain_text::line(field, text, 64)? else {
        return Ok(None);
    };
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
    };
    if text == "UTC" || (text.contains('/') && text.split('/').all(part)) {
        Ok(Some(text))
    } else {
        Err(Error::bad_input(
            field,
            "It is not a time zone: write one such as Europe/Berlin, or UTC.",
        ))
    }
}

/// A language tag (BCP 47): `en`, `pt-BR`, `zh-Hant-TW`.
fn locale(field: &str, text: &str) -> Result<Option<String>> {
    let Some(text) = plain_text::line(field, text, 35)? else {
        return Ok(None);
    };
    let text = text.replace('_', "-");
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let valid = matches!(language.len(), 2 | 3)
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if valid {
        Ok(Some(text))
    } else {
        Err(Error::bad_input(
            field,
            "It is not a language: write one such as en or pt-BR.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid_field(raw: RawDetails) -> Option<String> {
        raw.parse("input").expect_err("refused").field.clone()
    }

    #[test]
    fn valid_details_are_normalized() {
        let raw = RawDetails {
            email: Some(" Anna@Example.com ".into()),
            phone: Some("+44 (0)20 7946-0958".into()),
            first_name: Some(" Zoë ".into()),
            last_name: Some("  ".into()),
            tags: vec![" VIP ".into(), String::new(), "new".into(), "VIP".into()],
            timezone: Some("America/Argentina/Buenos_Aires".into()),
            locale: Some("pt_BR".into()),
        };
        let details = raw.parse("input").expect("valid details");
        assert_eq!(details.email.expect("an address").key, "anna@example.com");
        assert_eq!(details.phone.as_deref(), Some("+442079460958"));
        assert_eq!(details.first_name.as_deref(), Some("Zoë"));
        assert_eq!(details.last_name, None);
        assert_eq!(details.tags, ["VIP", "new"]);
        assert_eq!(
            details.timezone.as_deref(),
            Some("America/Argentina/Buenos_Aires")
        );
        assert_eq!(details.locale.as_deref(), Some("pt-BR"));
        assert_eq!(
            RawDetails::default()
                .parse("input")
                .expect("no details are valid"),
            ContactDetails::default()
        );
    }

    #[test]
    fn an_error_names_its_field() {
        let line_break = || Some("a\r\nBcc: b".to_owned());
        let raw = RawDetails::default;
        let invalid = [
            (
                RawDetails {
                    email: Some(String::new()),
                    ..raw()
                },
                "input.email",
            ),
            (
                RawDetails {
                    email: line_break(),
                    ..raw()
                },
                "input.email",
            ),
            (
                RawDetails {
                    first_name: line_break(),
                    ..raw()
                },
                "input.firstName",
            ),
            (
                RawDetails {
                    last_name: Some("a".repeat(101)),
                    ..raw()
                },
                "input.lastName",
            ),
            (
                RawDetails {
                    tags: vec!["a".into(), "\0".into()],
                    ..raw()
                },
                "input.tags.1",
            ),
            (
                RawDetails {
                    tags: (0..51).map(|n| n.to_string()).collect(),
                    ..raw()
                },
                "input.tags",
            ),
            (
                RawDetails {
                    timezone: Some("Berlin".into()),
                    ..raw()
                },
                "input.timezone",
            ),
            (
                RawDetails {
                    timezone: Some("Europe/".into()),
                    ..raw()
                },
                "input.timezone",
            ),
            (
                RawDetails {
                    locale: Some("english".into()),
                    ..raw()
                },
                "input.locale",
            ),
        ];
        for (raw, field) in invalid {
            assert_eq!(invalid_field(raw).as_deref(), Some(field));
        }
        for phone in [
            "02079460958",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "+49 call me",
            "0049 151 12345678",
            "+1 123 456 7890",
        ] {
            let raw = RawDetails {
                phone: Some(phone.into()),
                ..raw()
            };
            assert_eq!(invalid_field(raw).as_deref(), Some("input.phone"), "{phone}");
        }
    }
}
