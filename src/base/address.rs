//! Email addresses as Vestibule accepts and compares them.

use email_address::{EmailAddress as Syntax, Options};

/// An address that can receive mail, and the key by which it is compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    /// For sending: trimmed, the domain in its ASCII form.
    pub text: String,
    /// For comparing: the same in lower case.
    pub key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("it is empty: write an address such as anna@example.com")]
    Empty,
    #[error("it is longer than 254 characters (RFC 5321 section 4.5.3.1.3)")]
    TooLong,
    #[error("it is not an email address: write one such as anna@example.com")]
    NotAnAddress,
    #[error("its domain is not a valid internet domain such as example.com")]
    Domain,
    #[error("the part before the @ may hold ASCII characters only: mail servers refuse others")]
    LocalPart,
}

impl EmailAddress {
    /// Trims the text, converts the domain to its ASCII form (IDNA), and derives the key.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > 1_000 {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NotAnAddress)?;
        if !local.is_ascii() {
            return Err(AddressError::LocalPart);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::Domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > 254 {
            return Err(AddressError::TooLong);
        }
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        Syntax::parse_with_options(&text, options).map_err(|_| AddressError::NotAnAddress)?;
        if local.starts_with('"') {
            return Err(AddressError::LocalPart);
        }
        Ok(Self {
            key: text.to_ascii_lowercase(),
            text,
        })
    }
}

/// An address as users type it, optionally with a name: `Anna Smith <anna@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mailbox {
    pub name: Option<String>,
    pub email: EmailAddress,
}

impl Mailbox {
    /// A mailbox of RFC 5322: an address alone, or in angle brackets after a name, quoted or not.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if !text.ends_with('>') {
            return EmailAddress::parse(text).map(|email| Self { name: None, email });
        }
        if text.len() > 1_000 {
            return Err(AddressError::TooLong);
        }
        let parsed: mailer::Mailbox = text.parse().map_err(|_| AddressError::NotAnAddress)?;
        let email = EmailAddress::parse(&parsed.address)?;
        // Some programs write the address as the name.
        let name = parsed.name.filter(|name| !name.contains('@'));
        Ok(Self { name, email })
    }

    /// First and last name: split at the comma of `Smith, Anna`, otherwise the last word is the last name.
    pub(crate) fn names(&self) -> (Option<&str>, Option<&str>) {
        let Some(name) = self
            .name
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty())
        else {
            return (None, None);
        };
        let (first, last) = match (name.split_once(','), name.rsplit_once(' ')) {
            (Some((last, first)), _) => (first.trim(), last.trim()),
            (None, Some((first, last))) => (first.trim(), last),
            (None, None) => (name, ""),
        };
        (non_empty(first), non_empty(last))
    }
}

fn non_empty(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty())
}

impl std::fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_case_spaces_and_the_form_of_the_domain() {
        let one = EmailAddress::parse(" Anna@Bücher.example ").expect("a good address");
        let two = EmailAddress::parse("anna@xn--bcher-kva.EXAMPLE").expect("a good address");
        assert_eq!(one.key, two.key);
        assert_eq!(one.text, "Anna@xn--bcher-kva.example");
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        for text in [
            "plain",
            "@example.com",
            "a@",
            "a@localhost",
            "a b@example.com",
            "a..b@example.com",
            "a@exa mple.com",
            "a@example.com\r\nBcc: b@example.com",
            "a\0@example.com",
            "a@[127.0.0.1]",
            "Anna <a@example.com>",
            "a@b@example.com",
            "a@-example.com",
            "a,b@example.com",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(EmailAddress::parse("  "), Err(AddressError::Empty));
        assert_eq!(
            EmailAddress::parse("ünï@example.com"),
            Err(AddressError::LocalPart)
        );
        assert_eq!(
            EmailAddress::parse(&format!("{}@example.com", "a".repeat(250))),
            Err(AddressError::TooLong)
        );
    }

    #[test]
    fn an_address_with_a_name_is_read_as_mail_programs_write_it() {
        for (text, email, names) in [
            ("anna@x.example", "anna@x.example", (None, None)),
            ("<anna@x.example>", "anna@x.example", (None, None)),
            (" Anna <Anna@X.example> ", "anna@x.example", (Some("Anna"), None)),
            (
                "Anna Smith<anna@x.example>",
                "anna@x.example",
                (Some("Anna"), Some("Smith")),
            ),
            (
                "\"Smith, Anna\" <anna@x.example>",
                "anna@x.example",
                (Some("Anna"), Some("Smith")),
            ),
            (
                "\"Anna \\\"Ann\\\" Smith\" <anna@x.example>",
                "anna@x.example",
                (Some("Anna \"Ann\""), Some("Smith")),
            ),
            (
                "Dr. Zoë O'Brien <zoe@bücher.example>",
                "zoe@xn--bcher-kva.example",
                (Some("Dr. Zoë"), Some("O'Brien")),
            ),
            (
                "\"anna@x.example\" <anna@x.example>",
                "anna@x.example",
                (None, None),
            ),
        ] {
            let mailbox = Mailbox::parse(text).expect(text);
            assert_eq!(
                (&mailbox.email.key[..], mailbox.names()),
                (email, names),
                "{text}"
            );
        }
    }

    #[test]
    fn an_invalid_mailbox_is_refused() {
        for text in [
            "",
            "Anna",
            "Anna <>",
            "Anna <anna>",
            "Anna <anna@x.example",
            "anna@x.example>",
            "Anna <anna@x.example> <ben@x.example>",
            "Smith, Anna <anna@x.example>",
            "\"Anna <anna@x.example>",
            "Team: anna@x.example, ben@x.example;",
            "anna@x.example, ben@x.example",
            "Anna <anna@x.example\r\nBcc: ben@x.example>",
            "Anna\r\nBcc: x <anna@x.example>",
        ] {
            assert!(Mailbox::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn common_addresses_are_accepted() {
        for text in [
            "a@example.com",
            "first.last+tag@sub.example.co.uk",
            "o'brien@example.ie",
            "1@2.example",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text:?}");
        }
    }
}
