//! Amounts of money: whole minor units of a currency of ISO 4217, and their decimal form.

use iso_currency::Currency as IsoCurrency;

use crate::base::error::{Error, Result};

/// The largest amount in minor units. Sums of many amounts still fit.
const MAX_MINOR: i64 = 1_000_000_000_000_000;

/// A currency that has a minor unit, or none like the yen. Metals and test codes are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Currency {
    currency: IsoCurrency,
    decimals: usize,
}

impl Currency {
    pub(crate) fn find(code: &str) -> Option<Self> {
        let currency = IsoCurrency::from_code(code)?;
        let decimals = currency.exponent()?.into();
        Some(Self { currency, decimals })
    }

    pub(crate) fn parse(field: &str, text: &str) -> Result<Self> {
        let unknown = || {
            let message = "There is no such currency: write its code of ISO 4217, such as EUR or USD.";
            Error::bad_input(field, message)
        };
        Self::find(&text.trim().to_ascii_uppercase()).ok_or_else(unknown)
    }

    pub(crate) fn code(self) -> &'static str {
        self.currency.code()
    }

    /// The minor units of an amount such as `12.50`.
    pub(crate) fn parse_amount(self, field: &str, text: &str) -> Result<i64> {
        let refuse = |message: String| Err(Error::bad_input(field, message));
        let text = text.trim();
        if text.starts_with('-') {
            return refuse("It can't be negative.".to_owned());
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let ends_in_point = text.ends_with('.');
        if whole.is_empty() || ends_in_point || !digits(whole) || !digits(fraction) {
            return refuse("Write digits with a point before the decimals, such as 12.50.".to_owned());
        }
        if fraction.len() > self.decimals {
            let (code, decimals) = (self.code(), self.decimals);
            return refuse(format!("An amount in {code} has at most {decimals} decimals."));
        }
        let minor = format!("{whole}{fraction:0<width$}", width = self.decimals);
        match minor.parse() {
            Ok(minor) if minor <= MAX_MINOR => Ok(minor),
            _ => refuse(format!("It can be at most {}.", self.decimal(MAX_MINOR.into()))),
        }
    }

    /// The amount with as many decimals as the currency has.
    pub(crate) fn decimal(self, minor: i128) -> String {
        let digits = format!("{minor:0>width$}", width = self.decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.decimals);
        match fraction {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::find(code).expect("a currency")
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (code, text, minor, shown) in [
            ("USD", "12.5", 1_250, "12.50"),
            ("USD", "0.07", 7, "0.07"),
            ("USD", "007", 700, "7.00"),
            ("JPY", "1250", 1_250, "1250"),
            ("JPY", "0", 0, "0"),
            ("KWD", "1.005", 1_005, "1.005"),
            ("KWD", "0.005", 5, "0.005"),
            ("CLF", "1.0001", 10_001, "1.0001"),
        ] {
            let parsed = currency(code).parse_amount("input.amount", text);
            assert_eq!(parsed.ok(), Some(minor), "{code} {text}");
            assert_eq!(currency(code).decimal(minor.into()), shown);
        }
    }

    #[test]
    fn other_texts_are_no_amounts() {
        for (code, text) in [
            ("USD", "1.005"),
            ("USD", "1.000"),
            ("JPY", "1.0"),
            ("KWD", "1.0005"),
            ("USD", "-1"),
            ("USD", "-0"),
            ("USD", "+1"),
            ("USD", "1e3"),
            ("USD", "1,50"),
            ("USD", "1."),
            ("USD", ".5"),
            ("USD", ""),
            ("USD", "1.2.3"),
            ("USD", "١"),
            ("USD", "10000000000000.01"),
            ("USD", "99999999999999999999999999"),
        ] {
            let refused = currency(code).parse_amount("input.amount", text);
            let field = refused.err().and_then(|error| error.field.clone());
            assert_eq!(field.as_deref(), Some("input.amount"), "{code} {text}");
        }
        let largest = currency("USD").parse_amount("input.amount", "10000000000000.00");
        assert_eq!(largest.ok(), Some(MAX_MINOR));
    }

    #[test]
    fn a_currency_has_a_code_of_iso_4217() {
        assert_eq!(
            Currency::parse("c", " eur ").ok().map(Currency::code),
            Some("EUR")
        );
        for code in ["", "EURO", "XAU", "XXX", "XTS", "ABC", "€", "978"] {
            assert!(Currency::parse("c", code).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_reads_back(minor in 0..=MAX_MINOR, code in 0..3_usize) {
            let currency = currency(["USD", "JPY", "KWD"][code]);
            let text = currency.decimal(minor.into());
            prop_assert_eq!(currency.parse_amount("input.amount", &text).ok(), Some(minor));
        }
    }
}
