//! Masks email addresses, for logs, reasons and pages.

const HIDDEN: &str = "***";
/// Longest domain name (RFC 1035, section 2.3.4).
const DOMAIN_MAX: usize = 253;

/// The first letter and the domain of an email address: `a***@example.com`.
///
/// Text that is not an address becomes `***`.
pub fn address(address: &str) -> String {
    let Some((local, domain)) = address.trim().rsplit_once('@') else {
        return HIDDEN.to_owned();
    };
    let domain_shown = !domain.is_empty()
        && domain.len() <= DOMAIN_MAX
        && domain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':'));
    if !domain_shown {
        return HIDDEN.to_owned();
    }
    match local.chars().next() {
        Some(first) if first.is_alphanumeric() => format!("{first}{HIDDEN}@{domain}"),
        _ => format!("{HIDDEN}@{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::address;
    use proptest::prelude::*;

    #[test]
    fn an_address_keeps_its_first_letter_and_domain() {
        assert_eq!(address("alice@example.com"), "a***@example.com");
        assert_eq!(address("  Bob.Smith+x@Mail.Example  "), "B***@Mail.Example");
        assert_eq!(address("élodie@exämple.com"), "é***@exämple.com");
        assert_eq!(address("a@[192.0.2.1]"), "a***@[192.0.2.1]");
    }

    #[test]
    fn invalid_input_is_hidden() {
        for text in [
            "",
            "@",
            "alice",
            "alice@",
            "a@b c",
            "a@b\r\nBcc: x",
            "a@b\0",
            "a@<script>",
        ] {
            assert_eq!(address(text), "***", "{text:?}");
        }
        assert_eq!(address("@example.com"), "***@example.com");
        assert_eq!(address("\"john doe\"@example.com"), "***@example.com");
        assert_eq!(address("a@b@example.com"), "a***@example.com");
        assert_eq!(address(&format!("a@{}", "x".repeat(300))), "***");
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_on_one_line(text in ".*") {
            let masked = address(&text);
            prop_assert!(!masked.chars().any(char::is_control));
        }

        #[test]
        fn the_local_part_is_never_shown(local in "[a-z]{2,20}", domain in "[A-Z]{1,10}\\.COM") {
            let masked = address(&format!("{local}@{domain}"));
            prop_assert!(!masked.contains(&local));
        }
    }
}
