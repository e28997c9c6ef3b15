//! What may be a password: long enough, not one that everybody tries, not the portal's or the person's own name. No rules
//! about kinds of characters (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1 to 6.2.12).

use zxcvbn::{Score, zxcvbn};

use super::Password;
use crate::accounts::model::Account;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Reason;

/// Characters that are looked at for commonness: a longer password is not easier to guess than its beginning, and the look
/// takes longer with each character.
const LOOKED_AT: usize = 64;

/// Shorter words are part of too many others to be looked for inside of a password.
const SHORTEST_NAME: usize = 3;

/// Words that belong to the portal and the person, which an attacker tries first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(account: &Account, person: &Person) -> Self {
        let name = person.name().unwrap_or_default();
        Self::new([
            &account.name,
            &account.slug,
            person.email().unwrap_or_default(),
            &name,
        ])
    }

    /// Each text as a whole, each of its words, and what stands before the `@`; the longest first.
    fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Vec::new();
        for text in texts {
            names.push(bare(text));
            names.push(bare(text.split('@').next().unwrap_or_default()));
            names.extend(text.split(|c: char| !c.is_alphanumeric()).map(bare));
        }
        names.retain(|name| !name.is_empty());
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
        names.dedup();
        Self(names)
    }

    /// The password is made of names alone, whatever is added in digits and signs, in whatever order and how often.
    fn name(&self, password: &str) -> bool {
        let letters_of = self.0.iter().map(|name| letters(name));
        let letters_of: Vec<String> = letters_of.filter(|name| !name.is_empty()).collect();
        only(&bare(password), &self.0) || only(&letters(password), &letters_of)
    }
}

fn only(text: &str, names: &[String]) -> bool {
    if names.iter().any(|name| text == name) {
        return true;
    }
    let mut rest = text.to_owned();
    for name in names.iter().filter(|name| name.chars().count() >= SHORTEST_NAME) {
        // A gap stays, so that what is left on both sides makes no word.
        rest = rest.replace(&name[..], " ");
    }
    rest != text && !rest.contains(char::is_alphabetic)
}

/// Letters and digits in lower case: `Acme-Academy 2026` is `acmeacademy2026`.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Why it can't be a password here; `None`: it can.
pub(crate) fn refusal(password: &Password, shortest: i16, names: &Names) -> Option<Reason> {
    let text = &password.0;
    if text.chars().count() < usize::try_from(shortest).unwrap_or_default() {
        return Some(Reason::PasswordTooShort);
    }
    if names.name(text) {
        return Some(Reason::PasswordNamesAccount);
    }
    let start: String = text.chars().take(LOOKED_AT).collect();
    let words: Vec<&str> = names.0.iter().map(String::as_str).collect();
    // A million guesses at least: more than a guesser has here, who is stopped after a hundred, and than the lists of the
    // commonest passwords hold. A higher bar would refuse eight random characters, which an account may allow.
    (zxcvbn(&start, &words).score() < Score::Two).then_some(Reason::PasswordTooCommon)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn of(text: &str) -> Password {
        Password::read("password", text).expect("it is short enough")
    }

    fn names() -> Names {
        Names::new([
            "Acme Academy",
            "acme",
            "anna.lind@example.com",
            "Anna Lind",
            "Studio 54",
        ])
    }

    #[test]
    fn length_is_counted_in_characters() {
        let fourteen = "räuber hören ✓";
        assert_eq!(fourteen.chars().count(), 14);
        assert_eq!(
            refusal(&of(fourteen), 15, &names()),
            Some(Reason::PasswordTooShort)
        );
        assert_eq!(refusal(&of(&format!("{fourteen}z")), 15, &names()), None);
        assert_eq!(refusal(&of("q7#Lw2!v"), 8, &names()), None);
        assert_eq!(
            refusal(&of("q7#Lw2!"), 8, &names()),
            Some(Reason::PasswordTooShort)
        );
    }

    #[test]
    fn common_and_simple_ones_are_refused() {
        for text in [
            "passwordpassword",
            "123456789012345",
            "qwertyuiopasdfg",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "iloveyouiloveyou",
            "letmeinletmeinletmein",
        ] {
            assert_eq!(
                refusal(&of(text), 15, &names()),
                Some(Reason::PasswordTooCommon),
                "{text}"
            );
        }
    }

    #[test]
    fn names_of_the_portal_and_the_person_are_refused() {
        for text in [
            "acme-academy 2026!",
            "AcmeAcademyAcmeAcademy",
            "anna.lind@example.com",
            "Anna Lind 1234567",
            "lind.anna@acme.2026",
            "AcmeAcmeAcmeAcmeAcme",
            "studio54 STUDIO54!!",
            "a1n1n1a1l1i1n1d 999",
        ] {
            assert_eq!(
                refusal(&of(text), 15, &names()),
                Some(Reason::PasswordNamesAccount),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_beside_other_words_is_no_fault() {
        for text in [
            "annas purple giraffe",
            "acme makes loud anvils",
            "landing academic 7 kites",
        ] {
            assert_eq!(refusal(&of(text), 15, &names()), None, "{text}");
        }
        let short = Names::new(["Al", "al"]);
        assert_eq!(refusal(&of("always also alpine gales"), 15, &short), None);
        assert_eq!(
            refusal(&of("al 123 456 789 !!"), 15, &short),
            Some(Reason::PasswordNamesAccount)
        );
    }

    proptest! {
        #[test]
        fn what_is_shorter_is_refused_for_that_and_what_is_longer_never(text in any::<String>(), shortest in 8i16..=15) {
            let short = text.nfc().count() < usize::try_from(shortest).expect("it is positive");
            let said = refusal(&of(&text), shortest, &names());
            prop_assert_eq!(said == Some(Reason::PasswordTooShort), short);
        }

        #[test]
        fn both_forms_of_the_same_letters_are_judged_the_same(text in "[a-zà-ÿ ]{0,40}") {
            let (one, two): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(of(&one), of(&two));
            prop_assert_eq!(refusal(&of(&one), 15, &names()), refusal(&of(&two), 15, &names()));
        }

        #[test]
        fn names_in_any_order_and_case_with_digits_and_signs_between_are_refused(
            parts in vec((select(["acme", "Academy", "ANNA", "lind", "Studio54"].as_slice()), "[0-9 !.@-]{0,4}"), 4..12)
        ) {
            let text: String = parts.iter().map(|(name, between)| format!("{name}{between}")).collect();
            prop_assert_eq!(refusal(&of(&text), 8, &names()), Some(Reason::PasswordNamesAccount));
        }
    }

    #[test]
    fn long_ones_of_any_characters_are_taken() {
        for text in [
            "correct horse battery staple",
            "три зелёных слона идут",
            "🐘🌵🎈🐢🌋🎻🦀🍋🚲🪁🧦🫧🪗🥁🧂",
            "8402 9175 3361 7420",
        ] {
            assert_eq!(refusal(&of(text), 15, &names()), None, "{text}");
        }
        let sentence: String = (0..100).map(|word| format!("w{}k ", word * 7_919)).collect();
        assert_eq!(
            refusal(&of(&sentence), 15, &names()),
            None,
            "{} characters",
            sentence.len()
        );
        assert!(Password::read("password", &"x".repeat(1024)).is_ok());
        assert!(Password::read("password", &"x".repeat(1025)).is_err());
    }
}
