//! Phone numbers in E.164, such as `+4915123456789`.

use std::fmt;
use std::str::FromStr;

use phonenumber::{Mode, country};

/// Longer texts are no numbers.
const MAX_LENGTH: usize = 40;
/// A plus and the seven digits of the shortest numbers; emergency numbers are shorter.
const MIN_LENGTH: usize = 8;

/// A number that can exist, as digits after a plus. `Debug` shows only its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no phone number. Never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    #[error("not a phone number; write it with the country code, such as +44 20 7946 0018")]
    NotANumber,
    #[error("the country code is missing; write the number with it, such as +44 20 7946 0018")]
    NoCountry,
    #[error("there is no such country code")]
    UnknownCountry,
    #[error("the number is too short")]
    TooShort,
    #[error("the number is too long")]
    TooLong,
    #[error("no number of this country has this form")]
    Impossible,
    #[error("the region must be a country's two letters, such as DE")]
    UnknownRegion,
}

impl PhoneNumber {
    /// Reads a number as people write it. `region` (ISO 3166, two letters) is the country of a number without a country code.
    pub fn parse(text: &str, region: Option<&str>) -> Result<Self, PhoneNumberError> {
        let text = text.trim();
        let allowed =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}');
        if text.is_empty() || text.len() > MAX_LENGTH || !text.chars().all(allowed) {
            return Err(PhoneNumberError::NotANumber);
        }
        let region = region.map(|region| country::Id::from_str(&region.to_ascii_uppercase()));
        let region = region.transpose().map_err(|_| PhoneNumberError::UnknownRegion)?;
        if region.is_none() && !text.starts_with('+') {
            return Err(PhoneNumberError::NoCountry);
        }
        let number = phonenumber::parse(region, text).map_err(|error| match error {
            phonenumber::ParseError::InvalidCountryCode => PhoneNumberError::UnknownCountry,
            phonenumber::ParseError::TooShortAfterIdd | phonenumber::ParseError::TooShortNsn => {
                PhoneNumberError::TooShort
            }
            phonenumber::ParseError::TooLong => PhoneNumberError::TooLong,
            phonenumber::ParseError::NoNumber | phonenumber::ParseError::MalformedInteger(_) => {
                PhoneNumberError::NotANumber
            }
        })?;
        if !phonenumber::is_valid(&number) {
            return Err(PhoneNumberError::Impossible);
        }
        let digits = number.format().mode(Mode::E164).to_string();
        if digits.len() < MIN_LENGTH {
            return Err(PhoneNumberError::TooShort);
        }
        Ok(Self(digits))
    }

    /// `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last two digits, for logs, reasons and pages.
    pub fn masked(&self) -> String {
        format!("***{}", &self.0[self.0.len().saturating_sub(2)..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str, region: Option<&str>) -> Result<String, PhoneNumberError> {
        PhoneNumber::parse(text, region).map(|number| number.0)
    }

    #[test]
    fn numbers_become_e164() {
        for (text, region, expected) in [
            ("+49 151 23456789", None, "+4915123456789"),
            ("+49 (0)151-23456789", None, "+4915123456789"),
            ("0151 / 234 567 89", Some("DE"), "+4915123456789"),
            ("0049 151 23456789", Some("de"), "+4915123456789"),
            ("(415) 867-5309", Some("US"), "+14158675309"),
            ("1.415.867.5309", Some("US"), "+14158675309"),
            ("+44 20 7946 0018", Some("DE"), "+442079460018"),
            ("06 12 34 56 78", Some("FR"), "+33612345678"),
            ("612 34 56 78", Some("ES"), "+34612345678"),
            ("+39 06 6982 1234", None, "+390669821234"),
        ] {
            assert_eq!(parse(text, region).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, region, expected) in [
            ("", None, PhoneNumberError::NotANumber),
            ("hello", Some("DE"), PhoneNumberError::NotANumber),
            ("1-800-FLOWERS", Some("US"), PhoneNumberError::NotANumber),
            ("+49 151 23456789 ext. 3", None, PhoneNumberError::NotANumber),
            (
                "+49151234567890123456789012345678901234567",
                None,
                PhoneNumberError::NotANumber,
            ),
            ("0151 23456789", None, PhoneNumberError::NoCountry),
            ("0151 23456789", Some("Germany"), PhoneNumberError::UnknownRegion),
            ("+999 123456", None, PhoneNumberError::UnknownCountry),
            ("+49 1", None, PhoneNumberError::TooShort),
            ("+49 151 234567890123456", None, PhoneNumberError::TooLong),
            ("+1 123 456 7890", None, PhoneNumberError::Impossible),
        ] {
            assert_eq!(parse(text, region), Err(expected), "{text}");
        }
    }

    #[test]
    fn debug_shows_the_end() {
        let number = PhoneNumber::parse("+49 151 23456789", None).expect("a number");
        assert_eq!(format!("{number:?}"), "***89");
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_an_error(text in "\\PC{0,45}", region in prop::option::of("[A-Z]{2}")) {
            drop(parse(&text, region.as_deref()));
        }

        #[test]
        fn what_looks_like_a_number_is_e164_or_an_error(text in "\\+?[0-9 ()./-]{0,25}") {
            for region in [None, Some("US"), Some("DE"), Some("IT")] {
                if let Ok(number) = PhoneNumber::parse(&text, region) {
                    let digits = number.as_str().strip_prefix('+').expect("a plus");
                    prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
                    prop_assert_eq!(PhoneNumber::parse(number.as_str(), None), Ok(number));
                }
            }
        }
    }
}
