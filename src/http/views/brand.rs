use std::fmt;
use std::str::FromStr;

use thiserror::Error;

const WHITE: [u8; 3] = [255, 255, 255];
const BLACK: [u8; 3] = [0, 0, 0];
/// The cards' backgrounds in `app.css`, which accent-coloured text must be readable on.
const DARK_SURFACE: [u8; 3] = [0x17, 0x1b, 0x22];

/// An account's colour. It can only be made from `#rgb` or `#rrggbb`, so that it is safe inside a style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("a colour is written #rrggbb or #rgb")]
pub struct InvalidAccent;

impl Accent {
    pub const DEFAULT: Self = Self([0x1f, 0x5f, 0x5b]);

    /// The style sheet that carries the colour: of buttons, of the text on them, and of accented text, per scheme.
    pub(super) fn style(self) -> String {
        let light = Self::variables(self.0, readable(self.0, WHITE, 4.5));
        // A dark brand colour would vanish on a dark page.
        let dark = Self::variables(
            readable(self.0, DARK_SURFACE, 3.0),
            readable(self.0, DARK_SURFACE, 4.5),
        );
        format!(":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}")
    }

    fn variables(fill: [u8; 3], text: [u8; 3]) -> String {
        let on = if contrast(fill, WHITE) >= contrast(fill, BLACK).min(4.5) {
            WHITE
        } else {
            BLACK
        };
        format!(
            "--accent:{};--on-accent:{};--accent-text:{}",
            Self(fill),
            Self(on),
            Self(text)
        )
    }
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
            "#000", "#fff", "#ff0", "#00f", "#f00", "#0f0", "#808080", "#1f5f5b", "#8a2be2",
        ] {
            let Accent(rgb) = colour.parse().expect("a colour");
            for (background, ratio) in [(WHITE, 4.5), (DARK_SURFACE, 4.5), (DARK_SURFACE, 3.0)] {
                assert!(
                    contrast(readable(rgb, background, ratio), background) >= ratio,
                    "{colour}"
                );
            }
            let fill = readable(rgb, DARK_SURFACE, 3.0);
            assert!(
                contrast(fill, WHITE).max(contrast(fill, BLACK)) >= 4.5,
                "{colour}"
            );
        }
    }
}
