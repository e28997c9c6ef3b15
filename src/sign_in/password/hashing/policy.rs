//! Which passwords are allowed: long enough, not common, not the name of the portal or the person. There are no rules about
//! kinds of characters (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1 to 6.2.12).

use zxcvbn::{Score, zxcvbn};

use super::PlainPassword;
use crate::accounts::model::Account;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::Reason;

/// Characters that are checked for commonness: a longer password is not easier to guess than its beginning, and the check
/// takes longer with each character.
const CHECKED_CHARS: usize = 64;

/// Shorter names are part of too many other words to be searched for inside a password.
const MIN_NAME_CHARS: usize = 3;

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

    /// Each text as a whole, each of its words, and the part before the `@`; the longest first.
    fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Vec::new();
        for text in texts {
            names.push(alphanumeric(text));
            names.push(alphanumeric(text.split('@').next().unwrap_or_default()));
            names.extend(text.split(|c: char| !c.is_alphanumeric()).map(alphanumeric));
        }
        names.retain(|name| !name.is_empty());
        names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
        names.dedup();
        Self(names)
    }

    /// Whether the password consists of names, digits and punctuation only, in any order and any number.
    fn only_names(&self, password: &str) -> bool {
        let letter_names = self.0.iter().map(|name| letters(name));
        let letter_names: Vec<String> = letter_names.filter(|name| !name.is_empty()).collect();
        consists_of(&alphanumeric(password), &self.0) || consists_of(&letters(password), &letter_names)
    }
}

fn consists_of(text: &str, names: &[String]) -> bool {
    if names.iter().any(|name| text == name) {
        return true;
    }
    let mut rest = text.to_owned();
    for name in names.iter().filter(|name| name.chars().count() >= MIN_NAME_CHARS) {
        // A gap stays, so that the rest on both sides does not form a new word.
        rest = rest.replace(&name[..], " ");
    }
    rest != text && !rest.contains(char::is_alphabetic)
}

/// Letters and digits in lower case: `Acme-Academy 2026` is `acmeacademy2026`.
fn alphanumeric(text: &str) -> String {
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

/// Why the password is refused; `None` if it is allowed.
pub(crate) fn refusal(password: &PlainPassword, min_chars: i16, names: &Names) -> Option<Reason> {
    let text = &password.0;
    if text.chars().count() < usize::try_from(min_chars).unwrap_or_default() {
        return Some(Reason::PasswordTooShort);
    }
    if names.only_names(text) {
        return Some(Reason::PasswordNamesAccount);
    }
    let start: String = text.chars().take(CHECKED_CHARS).collect();
    let words: Vec<&str> = names.0.iter().map(String::as_str).collect();
    // At least a million guesses: more than an attacker gets, who is stopped after a hundred, and more than the lists of
    // common passwords contain. A higher score would refuse eight random characters, which an account may allow.
    (zxcvbn(&start, &words).score() < Score::Two).then_some(Reason::PasswordTooCommon)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn password(text: &str) -> PlainPassword {
        PlainPassword::parse("password", text).expect("it is short enough")
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
            refusal(&password(fourteen), 15, &names()),
            Some(Reason::PasswordTooShort)
        );
        assert_eq!(refusal(&password(&format!("{fourteen}z")), 15, &names()), None);
        assert_eq!(refusal(&password("q7#Lw2!v"), 8, &names()), None);
        assert_eq!(
            refusal(&password("q7#Lw2!"), 8, &names()),
            Some(Reason::PasswordTooShort)
        );
    }

    #[test]
    fn common_and_simple_passwords_are_refused() {
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
                refusal(&password(text), 15, &names()),
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
                refusal(&password(text), 15, &names()),
                Some(Reason::PasswordNamesAccount),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_next_to_other_words_is_allowed() {
        for text in [
            "annas purple giraffe",
            "acme makes loud anvils",
            "landing academic 7 kites",
        ] {
            assert_eq!(refusal(&password(text), 15, &names()), None, "{text}");
        }
        let short = Names::new(["Al", "al"]);
        assert_eq!(refusal(&password("always also alpine gales"), 15, &short), None);
        assert_eq!(
            refusal(&password("al 123 456 789 !!"), 15, &short),
            Some(Reason::PasswordNamesAccount)
        );
    }

    proptest! {
        #[test]
        fn only_passwords_below_the_minimum_are_too_short(text in any::<String>(), min_chars in 8i16..=15) {
            let short = text.nfc().count() < usize::try_from(min_chars).expect("it is positive");
            let refused = refusal(&password(&text), min_chars, &names());
            prop_assert_eq!(refused == Some(Reason::PasswordTooShort), short);
        }

        #[test]
        fn both_normal_forms_of_the_same_letters_get_the_same_result(text in "[a-zà-ÿ ]{0,40}") {
            let (one, two): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(password(&one), password(&two));
            prop_assert_eq!(refusal(&password(&one), 15, &names()), refusal(&password(&two), 15, &names()));
        }

        #[test]
        fn names_in_any_order_and_case_with_digits_and_punctuation_between_are_refused(
            parts in vec((select(["acme", "Academy", "ANNA", "lind", "Studio54"].as_slice()), "[0-9 !.@-]{0,4}"), 4..12)
        ) {
            let text: String = parts.iter().map(|(name, between)| format!("{name}{between}")).collect();
            prop_assert_eq!(refusal(&password(&text), 8, &names()), Some(Reason::PasswordNamesAccount));
        }
    }

    #[test]
    fn long_passwords_of_any_characters_are_allowed() {
        for text in [
            "correct horse battery staple",
            "три зелёных слона идут",
            "🐘🌵🎈🐢🌋🎻🦀🍋🚲🪁🧦🫧🪗🥁🧂",
            "8402 9175 3361 7420",
        ] {
            assert_eq!(refusal(&password(text), 15, &names()), None, "{text}");
        }
        let sentence: String = (0..100).map(|word| format!("w{}k ", word * 7_919)).collect();
        assert_eq!(
            refusal(&password(&sentence), 15, &names()),
            None,
            "{} characters",
            sentence.len()
        );
        assert!(PlainPassword::parse("password", &"x".repeat(1024)).is_ok());
        assert!(PlainPassword::parse("password", &"x".repeat(1025)).is_err());
    }
}
