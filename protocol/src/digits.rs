//! Digits as people type them: in any script, with spaces and dashes, and with the invisible marks that keyboards and
//! clipboards add. Worker and widget fold them by the same rule.

use std::string::String;

/// The text with every decimal digit of any script (Unicode category Nd) as an ASCII digit, and without white space,
/// dashes and invisible characters. Every other character stays, so that a caller can refuse it.
pub fn fold_digits(text: &str) -> String {
    text.chars()
        .filter(|c| !is_separator(*c))
        .map(fold_digit)
        .collect()
}

/// A decimal digit of any script as an ASCII digit; any other character unchanged.
fn fold_digit(c: char) -> char {
    let code = u32::from(c);
    // The digits of a script follow each other, the zero first.
    let following = ZEROS.partition_point(|zero| *zero <= code);
    let zero = following.checked_sub(1).and_then(|at| ZEROS.get(at));
    zero.and_then(|zero| char::from_digit(code - zero, 10))
        .unwrap_or(c)
}

/// White space, dashes (category Pd and what keyboards offer as one), and characters without a glyph: marks of
/// direction, joiners, variation selectors, the soft hyphen, the enclosing keycap.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '\u{58A}' | '\u{5BE}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2043}'
                    | '\u{207B}'
                    | '\u{208B}'
                    | '\u{2212}'
                    | '\u{2E17}'
                    | '\u{2E1A}'
                    | '\u{2E3A}'
                    | '\u{2E3B}'
                    | '\u{2E40}'
                    | '\u{301C}'
                    | '\u{3030}'
                    | '\u{30A0}'
                    | '\u{30FC}'
                    | '\u{FE31}'
                    | '\u{FE32}'
                    | '\u{FE58}'
                    | '\u{FE63}'
                    | '\u{FF0D}'
        )
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{20E3}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The zeros of all scripts, in order: each begins ten code points of category Nd
/// (<https://www.unicode.org/Public/UCD/latest/ucd/extracted/DerivedGeneralCategory.txt>).
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0,
    0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130,
    0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140,
    0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_are_ascii_digits() {
        for pair in ZEROS.windows(2) {
            assert!(pair[0] + 10 <= pair[1], "{pair:X?}");
        }
        for zero in ZEROS {
            let digits: String = (0..10).filter_map(|n| char::from_u32(zero + n)).collect();
            assert_eq!(fold_digits(&digits), "0123456789", "U+{zero:04X}");
        }
    }

    #[test]
    fn separators_and_invisible_marks_are_dropped() {
        for text in [
            "123456",
            "123 456",
            " 123-456\n",
            "123\u{a0}456",
            "123\u{202f}456",
            "123\u{2013}456",
            "\u{200e}123456",
            "\u{202d}123456\u{202c}",
            "\u{2066}123456\u{2069}",
            "\u{feff}123\u{200b}456",
            "12\u{ad}3456",
            "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
            "\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}",
            "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}",
            "\u{967}\u{968}\u{969}\u{96a}\u{96b}\u{96c}",
            "1\u{fe0f}\u{20e3}23456",
            "\u{661}2\u{6f3}\u{ff14}\u{2212}56",
        ] {
            assert_eq!(fold_digits(text), "123456", "{text:?}");
        }
    }

    #[test]
    fn other_characters_stay() {
        for text in [
            "12345a", "1.5", "\u{2460}", "\u{b2}", "\u{4e00}", "\u{2163}", "+1",
        ] {
            assert_eq!(fold_digits(text), text);
        }
        assert_eq!(fold_digits(""), "");
    }
}
