//! How the site owner wants the widget to look: a fixed set of options. Invalid values are ignored.

/// Longest label, in bytes.
const MAX_LABEL: usize = 120;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appearance {
    /// A word of the style sheet, e.g. `large`. Empty if not set.
    pub size: String,
    /// A word of the style sheet, e.g. `pill`. Empty if not set.
    pub shape: String,
    /// Where the widget stands in its place, a word of the style sheet, e.g. `center`. Empty if not set.
    pub align: String,
    /// Text of the button, instead of the locale file's.
    pub label: Option<String>,
    /// Colour of the button, `#rrggbb`.
    pub accent: Option<String>,
    /// Corner radius in CSS pixels, "0" to "32".
    pub radius: Option<String>,
}

impl Appearance {
    /// Reads the options from query parameters or `data-*` attributes; `attribute` returns one by its name.
    pub fn read(attribute: impl Fn(&str) -> Option<String>) -> Self {
        let word = |name| {
            let word = attribute(name).filter(|word| is_word(word));
            word.unwrap_or_default()
        };
        Self {
            size: word("size"),
            shape: word("shape"),
            align: word("align"),
            label: attribute("label").filter(|label| is_label(label)),
            accent: attribute("accent").filter(|accent| rgb(accent).is_some()),
            radius: attribute("radius").filter(|radius| is_radius(radius)),
        }
    }

    /// The CSS custom properties for colours and corner radius, with their values.
    pub fn custom_properties(&self) -> Vec<(&'static str, String)> {
        let text_color = self.text_color().map(str::to_owned);
        let radius = self.radius.as_deref();
        [
            ("--embark-accent", self.accent.clone()),
            ("--embark-ink", text_color),
            (
                "--embark-radius",
                radius.map(|radius| [radius, "px"].concat()),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The text colour with the better contrast on the accent. `None` without an accent.
    pub fn text_color(&self) -> Option<&'static str> {
        let [r, g, b] = rgb(self.accent.as_deref()?)?;
        // Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance), with a square instead
        // of the exact curve and scaled to 0 to 650,250,000.
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
    label.len() <= MAX_LABEL && label.bytes().any(|b| b > b' ')
}

/// 0 to 32, without leading zeros.
fn is_radius(radius: &str) -> bool {
    matches!(
        radius.as_bytes(),
        [b'0'..=b'9'] | [b'1' | b'2', b'0'..=b'9'] | [b'3', b'0'..=b'2']
    )
}

/// Parses `#rrggbb`. `None` for anything else.
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

    fn read(pairs: &[(&str, &str)]) -> Appearance {
        Appearance::read(|name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn invalid_option_is_ignored() {
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
            assert_eq!(
                read(&[(name, value)]),
                Appearance::default(),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn valid_option_is_kept() {
        let appearance = read(&[
            ("size", "large"),
            ("align", "center"),
            ("accent", "#128C7E"),
            ("radius", "0"),
            ("label", "Verbinden"),
        ]);
        assert_eq!(
            (
                appearance.size.as_str(),
                appearance.align.as_str(),
                appearance.radius.as_deref(),
                appearance.label.as_deref()
            ),
            ("large", "center", Some("0"), Some("Verbinden"))
        );
        for (accent, text_color) in [
            ("#25d366", "#0b1f17"),
            ("#075e54", "#ffffff"),
            ("#ffffff", "#0b1f17"),
            ("#0000ff", "#ffffff"),
        ] {
            assert_eq!(
                read(&[("accent", accent)]).text_color(),
                Some(text_color),
                "{accent}"
            );
        }
    }
}
