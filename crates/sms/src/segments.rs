//! How many messages a network makes of a text (3GPP TS 23.038 and 23.040).

/// How a text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The 7-bit alphabet of GSM 03.38: 160 units in one message, 153 in each of several.
    Gsm7,
    /// UTF-16: 70 units in one message, 67 in each of several.
    Ucs2,
}

impl Encoding {
    /// Units of a message that stands alone.
    pub fn single_units(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units of each of several messages: a header says where it belongs.
    pub fn part_units(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Units of a character; none if the encoding lacks it.
    fn units(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 if BASIC.contains(c) => Some(1),
            Self::Gsm7 => EXTENSION.contains(c).then_some(2),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }
}

/// The size of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// Septets, or UTF-16 units.
    pub units: usize,
    /// Messages that are sent and paid for; none for an empty text.
    pub segments: usize,
}

/// The basic character set, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
     abcdefghijklmnopqrstuvwxyzäöñüà";

/// Characters after an escape.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The size of a text: GSM 03.38 if all of its characters are in it, else UCS-2.
pub fn segments(text: &str) -> Segments {
    let gsm = text.chars().all(|c| Encoding::Gsm7.units(c).is_some());
    let encoding = if gsm { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let sizes = || text.chars().filter_map(|c| encoding.units(c));
    let units = sizes().sum();
    let segments = match units {
        0 => 0,
        units if units <= encoding.single_units() => 1,
        _ => parts(sizes(), encoding.part_units()),
    };
    Segments {
        encoding,
        units,
        segments,
    }
}

/// A character that does not fit goes into the next part as a whole.
fn parts(sizes: impl Iterator<Item = usize>, capacity: usize) -> usize {
    let (mut parts, mut used) = (1, 0);
    for size in sizes {
        if used + size > capacity {
            parts += 1;
            used = 0;
        }
        used += size;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(text: &str) -> (Encoding, usize, usize) {
        let counted = segments(text);
        (counted.encoding, counted.units, counted.segments)
    }

    #[test]
    fn the_alphabet_has_its_127_characters_and_10_more() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        let all: std::collections::HashSet<char> = BASIC.chars().chain(EXTENSION.chars()).collect();
        assert_eq!(all.len(), 137);
    }

    #[test]
    fn gsm_texts() {
        use Encoding::Gsm7;
        assert_eq!(counted(""), (Gsm7, 0, 0));
        assert_eq!(counted("Grüße an Ødegård: 5 £"), (Gsm7, 21, 1));
        assert_eq!(counted(&"a".repeat(160)), (Gsm7, 160, 1));
        assert_eq!(counted(&"a".repeat(161)), (Gsm7, 161, 2));
        assert_eq!(counted(&"a".repeat(306)), (Gsm7, 306, 2));
        assert_eq!(counted(&"a".repeat(307)), (Gsm7, 307, 3));
        assert_eq!(counted(&"€".repeat(80)), (Gsm7, 160, 1));
        assert_eq!(counted(&"€".repeat(81)), (Gsm7, 162, 2));
    }

    #[test]
    fn an_escaped_character_is_not_split() {
        // 76 euros fill 152 of 153 units: the next one begins the next part.
        assert_eq!(counted(&"€".repeat(152)), (Encoding::Gsm7, 304, 2));
        assert_eq!(counted(&"€".repeat(153)), (Encoding::Gsm7, 306, 3));
    }

    #[test]
    fn other_texts_are_utf_16() {
        use Encoding::Ucs2;
        assert_eq!(counted("ç"), (Ucs2, 1, 1));
        assert_eq!(counted("`"), (Ucs2, 1, 1));
        assert_eq!(counted("👋"), (Ucs2, 2, 1));
        assert_eq!(counted(&"ы".repeat(70)), (Ucs2, 70, 1));
        assert_eq!(counted(&"ы".repeat(71)), (Ucs2, 71, 2));
        assert_eq!(counted(&"ы".repeat(134)), (Ucs2, 134, 2));
        assert_eq!(counted(&"ы".repeat(135)), (Ucs2, 135, 3));
    }

    #[test]
    fn an_emoji_is_not_split() {
        // 33 emojis fill 66 of 67 units.
        assert_eq!(counted(&"👋".repeat(66)), (Encoding::Ucs2, 132, 2));
        assert_eq!(counted(&"👋".repeat(67)), (Encoding::Ucs2, 134, 3));
    }

    proptest! {
        #[test]
        fn the_parts_hold_the_units(text in "[a-z€ы👋]{0,500}") {
            let Segments { encoding, units, segments } = segments(&text);
            let fits = segments * if segments > 1 { encoding.part_units() } else { encoding.single_units() };
            prop_assert!(units <= fits);
            prop_assert_eq!(segments == 0, text.is_empty());
        }
    }
}
