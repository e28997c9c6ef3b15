//! An account's colours on its pages and in its emails, adjusted so that text stays readable (WCAG 2 contrast).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

const WHITE: [u8; 3] = [255, 255, 255];
const BLACK: [u8; 3] = [0, 0, 0];
/// The background of cards in `app.css` and in emails under a dark colour scheme.
const DARK_SURFACE: [u8; 3] = [0x17, 0x1b, 0x22];

/// An account's colour. It can only be parsed from `#rgb` or `#rrggbb`, so it is safe inside a style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accent([u8; 3]);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("a colour is written #rrggbb or #rgb")]
pub(crate) struct InvalidAccent;

/// An account's colours: of its buttons, and of the bar above the pages of its portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colors {
    pub accent: Accent,
    /// `None`: the bar has no colour of its own.
    pub bar: Option<Accent>,
}

/// The colours that follow from an accent on one background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Palette {
    /// For buttons and marks.
    pub fill: Accent,
    /// For text on a filled element.
    pub on_fill: Accent,
    /// For accented text and links.
    pub text: Accent,
}

impl Accent {
    pub(crate) const DEFAULT: Self = Self([0x1f, 0x5f, 0x5b]);

    /// On white.
    pub(crate) fn on_light(self) -> Palette {
        Palette::new(self.0, readable(self.0, WHITE, 4.5))
    }

    /// On a dark surface, where a dark colour would not be visible.
    pub(crate) fn on_dark(self) -> Palette {
        Palette::new(
            readable(self.0, DARK_SURFACE, 3.0),
            readable(self.0, DARK_SURFACE, 4.5),
        )
    }
}

/// The smallest contrast at which a button stands out from what is behind it (WCAG 2.2, 1.4.11).
pub(crate) const LEAST_CONTRAST: f64 = 3.0;

impl Colors {
    pub(crate) const DEFAULT: Self = Self {
        accent: Accent::DEFAULT,
        bar: None,
    };

    /// The style sheet of a page: the colours per scheme, as variables. The bar looks the same in both.
    pub(crate) fn style(self) -> String {
        let bar = self.bar.map_or_else(String::new, |bar| {
            let text = Palette::new(bar.0, bar.0).on_fill;
            let own = ["page", "surface", "sunken"].map(|name| format!("--{name}:{bar}"));
            let written =
                ["text", "muted", "line", "field", "accent-text"].map(|name| format!("--{name}:{text}"));
            format!(
                ".filled{{{};{};{}}}",
                self.accent.on_light().variables(),
                own.join(";"),
                written.join(";")
            )
        });
        format!(
            ":root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}{bar}",
            self.accent.on_light().variables(),
            self.accent.on_dark().variables()
        )
    }

    /// How much the accent stands out from the bar, 1 to 21, if the bar has a colour.
    pub(crate) fn contrast(self) -> Option<f64> {
        self.bar.map(|bar| contrast(self.accent.0, bar.0))
    }
}

impl Palette {
    fn variables(self) -> String {
        let Self { fill, on_fill, text } = self;
        format!("--accent:{fill};--on-accent:{on_fill};--accent-text:{text}")
    }

    fn new(fill: [u8; 3], text: [u8; 3]) -> Self {
        let on_fill = if contrast(fill, WHITE) >= contrast(fill, BLACK).min(4.5) {
            WHITE
        } else {
            BLACK
        };
        Self {
            fill: Accent(fill),
            on_fill: Accent(on_fill),
            text: Accent(text),
        }
    }
}

/// The letter in the coloured square beside a name.
pub(crate) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(String::new, |c| c.to_uppercase().collect())
}

impl FromStr for Accent {
    type Err = InvalidAccent;

    fn from_str(text: &str) -> Result<Self, InvalidAccent> {
        let digits = text
            .strip_prefix('#')
            .ok_or(InvalidAccent)?
            .chars()
            .map(|c| {
                c.to_digit(16)
                    .and_then(|d| u8::try_from(d).ok())
                    .ok_or(InvalidAccent)
            })
            .collect::<Result<Vec<u8>, _>>()?;
        match *digits.as_slice() {
            [r, g, b] => Ok(Self([r * 17, g * 17, b * 17])),
            [r1, r2, g1, g2, b1, b2] => Ok(Self([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2])),
            _ => Err(InvalidAccent),
        }
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// The colour, moved towards white or black until it stands out from the background by the ratio.
fn readable(colour: [u8; 3], background: [u8; 3], ratio: f64) -> [u8; 3] {
    let target = if luminance(background) > 0.5 { 0 } else { 255 };
    (0..=20u16)
        .map(|step| colour.map(|channel| mix(channel, target, step)))
        .find(|mixed| contrast(*mixed, background) >= ratio)
        .unwrap_or([target; 3])
}

fn mix(from: u8, to: u8, twentieths: u16) -> u8 {
    let mixed = (u16::from(from) * (20 - twentieths) + u16::from(to) * twentieths) / 20;
    u8::try_from(mixed).unwrap_or(to)
}

/// WCAG 2 contrast ratio, 1 to 21.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hex_colours_become_accents() {
        assert_eq!(
            "#0A8".parse::<Accent>().map(|a| a.to_string()),
            Ok("#00aa88".to_owned())
        );
        assert_eq!("#1f5f5b".parse(), Ok(Accent::DEFAULT));
        for bad in [
            "",
            "#",
            "red",
            "#12",
            "#1234",
            "#12345g",
            "1f5f5b",
            "#fff;}</style>",
            "#١٢٣",
        ] {
            assert_eq!(bad.parse::<Accent>(), Err(InvalidAccent), "{bad}");
        }
    }

    #[test]
    fn text_is_readable_on_and_in_any_accent() {
        for colour in [
            "#000", "#fff", "#ff0", "#00f", "#f00", "#0f0", "#808080", "#1f5f5b", "#8a2be2", "#ffe600",
            "#12161c",
        ] {
            let accent: Accent = colour.parse().expect("a colour");
            for (palette, background) in [(accent.on_light(), WHITE), (accent.on_dark(), DARK_SURFACE)] {
                let Palette { fill, on_fill, text } = palette;
                assert!(contrast(fill.0, on_fill.0) >= 4.5, "{colour}: text on {fill}");
                assert!(contrast(text.0, background) >= 4.5, "{colour}: text in {text}");
            }
            assert!(contrast(accent.on_dark().fill.0, DARK_SURFACE) >= 3.0, "{colour}");
        }
    }

    #[test]
    fn text_is_readable_on_a_bar_of_any_colour() {
        let colors = Colors {
            accent: Accent::DEFAULT,
            bar: "#ffe600".parse().ok(),
        };
        assert!(colors.style().contains("--text:#000000"), "{}", colors.style());
        assert!(colors.contrast() > Some(LEAST_CONTRAST));
        let alike = Colors {
            bar: "#2f6f5b".parse().ok(),
            ..colors
        };
        assert!(alike.style().contains("--text:#ffffff"), "{}", alike.style());
        assert!(alike.contrast() < Some(LEAST_CONTRAST));
        assert_eq!(Colors::DEFAULT.contrast(), None);
    }

    #[test]
    fn the_initial_is_the_first_letter_or_digit() {
        for (name, expected) in [
            ("acme", "A"),
            ("\u{201c}\u{fc}ber\u{201d}", "\u{dc}"),
            ("7 seas", "7"),
            ("\u{2026}", ""),
        ] {
            assert_eq!(initial(name), expected);
        }
    }
}
