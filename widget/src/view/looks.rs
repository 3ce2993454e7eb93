//! How the site owner wants the widget to look: a bounded, validated set. Whatever is not valid is not
//! there.

/// Longest label, in bytes.
const LONGEST_LABEL: usize = 120;
/// Largest corner radius, in CSS pixels.
const LARGEST_RADIUS: u32 = 32;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looks {
    pub theme: &'static str,
    pub size: &'static str,
    pub shape: &'static str,
    pub label: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    pub radius: Option<u32>,
}

impl Looks {
    /// Reads the looks from whatever holds them: query parameters or attributes.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let one_of = |name: &str, words: &[&'static str]| {
            let value = get(name).unwrap_or_default();
            words.iter().copied().find(|word| *word == value).unwrap_or_default()
        };
        Self {
            theme: one_of("theme", &["light", "dark"]),
            size: one_of("size", &["small", "large"]),
            shape: one_of("shape", &["pill", "square"]),
            label: get("label").filter(|label| is_label(label)),
            accent: get("accent").filter(|accent| rgb(accent).is_some()),
            radius: get("radius").and_then(|radius| radius.parse().ok()).filter(|r| *r <= LARGEST_RADIUS),
        }
    }

    /// The text colour that reads best on the accent.
    pub fn ink(&self) -> Option<&'static str> {
        let [r, g, b] = rgb(self.accent.as_deref()?)?;
        // Relative luminance (WCAG) with the square in place of the exact curve, 0 to 650,250,000.
        let luminance = 2126 * r * r + 7152 * g * g + 722 * b * b;
        Some(if luminance < 117_000_000 { "#ffffff" } else { "#0b1f17" })
    }
}

fn is_label(label: &str) -> bool {
    label.bytes().any(|b| b > b' ')
        && label.len() <= LONGEST_LABEL
        && !label.chars().any(is_unseen)
}

/// Control characters and those that turn the direction of text.
fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

fn rgb(text: &str) -> Option<[u32; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let part = |from: usize| u32::from_str_radix(digits.get(from..from + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Looks {
        Looks::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_is_not_valid_is_not_there() {
        for (name, value) in [
            ("theme", "neon"),
            ("size", "9"),
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
            ("label", "a\nb"),
            ("label", "safe\u{202e}txt"),
            ("label", &"x".repeat(121)),
        ] {
            assert_eq!(read(&[(name, value)]), Looks::default(), "{name}={value}");
        }
    }

    #[test]
    fn what_is_valid_is_kept() {
        let looks = read(&[("theme", "dark"), ("accent", "#128C7E"), ("radius", "0"), ("label", "Verbinden")]);
        assert_eq!((looks.theme, looks.radius, looks.label.as_deref()), ("dark", Some(0), Some("Verbinden")));
        for (accent, ink) in [("#25d366", "#0b1f17"), ("#075e54", "#ffffff"), ("#ffffff", "#0b1f17"), ("#0000ff", "#ffffff")] {
            assert_eq!(read(&[("accent", accent)]).ink(), Some(ink), "{accent}");
        }
    }
}
