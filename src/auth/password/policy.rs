//! What may be a password: long enough, not one that everybody tries, not the portal's or the person's own name. No rules
//! about kinds of characters (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1 to 6.2.12).

use zxcvbn::{Score, zxcvbn};

use super::Password;
use crate::auth::refusal::Reason;
use crate::models::account::Account;
use crate::models::person::Person;

/// Characters that are looked at for commonness: a longer password is not easier to guess than its beginning, and the look
/// takes longer with each character.
const LOOKED_AT: usize = 64;

/// Words that belong to the portal and the person: whoever guesses tries them first.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<String>);

impl Names {
    pub fn of(account: &Account, person: &Person) -> Self {
        let email = person.email().unwrap_or_default();
        let mut names = vec![account.name.clone(), account.slug.clone(), email.to_owned()];
        names.extend(email.split_once('@').map(|(local, _)| local.to_owned()));
        names.extend(person.name());
        Self(
            names
                .iter()
                .map(|name| bare(name))
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }

    /// The password is one of them, whatever is added in digits and signs, or twice the same.
    fn name(&self, password: &str) -> bool {
        let (password, letters) = (bare(password), letters(password));
        self.0.iter().any(|name| {
            let twice = format!("{name}{name}");
            password == *name || password == twice || letters == *name || letters == twice
        })
    }
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
pub fn refusal(password: &Password, shortest: i16, names: &Names) -> Option<Reason> {
    let text = &password.0;
    if text.chars().count() < usize::try_from(shortest).unwrap_or_default() {
        return Some(Reason::PasswordTooShort);
    }
    if names.name(text) {
        return Some(Reason::PasswordNamesAccount);
    }
    let start: String = text.chars().take(LOOKED_AT).collect();
    let words: Vec<&str> = names.0.iter().map(String::as_str).collect();
    // Ten million guesses and more: every list of common and breached passwords is shorter, and a guesser has a hundred.
    (zxcvbn(&start, &words).score() < Score::Two).then_some(Reason::PasswordTooCommon)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Password {
        Password::read("password", text).expect("it is short enough")
    }

    fn names() -> Names {
        Names(
            [
                "acme academy",
                "acme",
                "anna.lind@example.com",
                "anna.lind",
                "Anna Lind",
            ]
            .map(bare)
            .to_vec(),
        )
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
        ] {
            assert_eq!(
                refusal(&of(text), 15, &names()),
                Some(Reason::PasswordNamesAccount),
                "{text}"
            );
        }
    }

    #[test]
    fn long_ones_of_any_characters_are_taken() {
        for text in [
            "correct horse battery staple",
            "три зелёных слона идут",
            "🐘🌵🎈🐢🌋🎻🦀🍋🚲🪁🧦🫧🪗🥁🧂",
        ] {
            assert_eq!(refusal(&of(text), 15, &names()), None, "{text}");
        }
        let long = "a b7 ".repeat(200);
        assert!(refusal(&of(&long), 15, &names()).is_none() || long.len() == 1000);
        assert!(Password::read("password", &"x".repeat(1024)).is_ok());
        assert!(Password::read("password", &"x".repeat(1025)).is_err());
    }
}
