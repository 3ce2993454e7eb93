//! How the site owner wants the widget to look: a bounded, validated set. Whatever is not valid is not
//! there.

use crate::doc::Doc;
use alloc::string::String;

/// Longest label, in bytes.
const LONGEST_LABEL: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks {
    /// One word each; what it does is the style sheet's.
    pub size: String,
    pub shape: String,
    pub label: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    /// CSS pixels, in digits.
    pub radius: Option<String>,
}

impl Looks {
    /// Reads the looks from whatever holds them by name: query parameters or attributes.
    pub fn read(wishes: &Doc) -> Self {
        let word = |name| {
            wishes
                .text_of(name)
                .filter(|word| is_word(word))
                .unwrap_or_default()
        };
        Self {
            size: word("size"),
            shape: word("shape"),
            label: wishes.text_of("label").filter(|label| is_label(label)),
            accent: wishes
                .text_of("accent")
                .filter(|accent| rgb(accent).is_some()),
            radius: wishes.text_of("radius").filter(|radius| is_radius(radius)),
        }
    }

    /// The text colour that reads best on the accent.
    pub fn ink(&self) -> Option<&'static str> {
        let [r, g, b] = rgb(self.accent.as_deref()?)?;
        // Relative luminance (WCAG) with the square in place of the exact curve, 0 to 650,250,000.
        let luminance = 2126 * r * r + 7152 * g * g + 722 * b * b;
        Some(if luminance < 117_000_000 {
            "#ffffff"
        } else {
            "#0b1f17"
        })
    }
}

fn is_word(word: &str) -> bool {
    word.len() <= 8 && word.bytes().all(|b| b.is_ascii_lowercase())
}

fn is_label(label: &str) -> bool {
    label.len() <= LONGEST_LABEL && label.bytes().any(|b| b > b' ')
}

/// Up to 32 pixels.
fn is_radius(radius: &str) -> bool {
    matches!(
        radius.as_bytes(),
        [b'0'..=b'9'] | [b'1' | b'2', b'0'..=b'9'] | [b'3', b'0'..=b'2']
    )
}

fn rgb(text: &str) -> Option<[u32; 3]> {
    let [b'#', digits @ ..] = text.as_bytes() else {
        return None;
    };
    let mut value = 0;
    for digit in digits {
        value = value << 4
            | match digit {
                b'0'..=b'9' => u32::from(digit - b'0'),
                b'a'..=b'f' => u32::from(digit - b'a' + 10),
                b'A'..=b'F' => u32::from(digit - b'A' + 10),
                _ => return None,
            };
    }
    (digits.len() == 6).then_some([value >> 16, value >> 8 & 255, value & 255])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Looks {
        let wishes: serde_json::Map<_, _> = pairs
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        Looks::read(&Doc(wishes.into()))
    }

    #[test]
    fn what_is_not_valid_is_not_there() {
        for (name, value) in [
            ("size", "9"),
            ("size", "Large"),
            ("shape", "round;"),
            ("accent", "red"),
            ("accent", "#12"),
            ("accent", "#12345g"),
            ("accent", "#1234567"),
            ("accent", "url(x)"),
            ("radius", "-1"),
            ("radius", "33"),
            ("radius", "1e1"),
            ("label", "  "),
            ("label", &"x".repeat(121)),
        ] {
            assert_eq!(read(&[(name, value)]), Looks::default(), "{name}={value}");
        }
    }

    #[test]
    fn what_is_valid_is_kept() {
        let looks = read(&[
            ("size", "large"),
            ("accent", "#128C7E"),
            ("radius", "0"),
            ("label", "Verbinden"),
        ]);
        assert_eq!(
            (
                looks.size.as_str(),
                looks.radius.as_deref(),
                looks.label.as_deref()
            ),
            ("large", Some("0"), Some("Verbinden"))
        );
        for (accent, ink) in [
            ("#25d366", "#0b1f17"),
            ("#075e54", "#ffffff"),
            ("#ffffff", "#0b1f17"),
            ("#0000ff", "#ffffff"),
        ] {
            assert_eq!(read(&[("accent", accent)]).ink(), Some(ink), "{accent}");
        }
    }
}
