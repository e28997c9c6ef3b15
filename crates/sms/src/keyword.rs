//! Words that recipients send to stop messages, to receive them again, or to ask for help.

/// What a reply of one word asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    Stop,
    Start,
    Help,
}

/// The words of Twilio's default handling, and their usual translations.
const WORDS: [(Keyword, &[&str]); 3] = [
    (
        Keyword::Stop,
        &[
            "STOP",
            "STOPALL",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "STOPP",
            "ABMELDEN",
            "ARRET",
            "ARRÊT",
            "DESABONNER",
            "ALTO",
            "BAJA",
            "PARAR",
        ],
    ),
    (Keyword::Start, &["START", "YES", "UNSTOP"]),
    (Keyword::Help, &["HELP", "INFO", "HILFE", "AIDE", "AYUDA"]),
];

impl Keyword {
    /// The keyword that a text consists of, whatever its case and the punctuation around it. A sentence is no keyword.
    pub fn of(text: &str) -> Option<Self> {
        let word = text.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word.to_uppercase();
        let found = WORDS.iter().find(|(_, words)| words.contains(&word.as_str()));
        found.map(|(keyword, _)| *keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::Keyword;

    #[test]
    fn a_word_alone_is_a_keyword() {
        for (text, expected) in [
            ("STOP", Some(Keyword::Stop)),
            (" stop. ", Some(Keyword::Stop)),
            ("“Stop!”\n", Some(Keyword::Stop)),
            ("arrêt", Some(Keyword::Stop)),
            ("Start", Some(Keyword::Start)),
            ("help?", Some(Keyword::Help)),
            ("please stop", None),
            ("stopping", None),
            ("", None),
            ("!", None),
        ] {
            assert_eq!(Keyword::of(text), expected, "{text:?}");
        }
    }
}
