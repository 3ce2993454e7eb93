//! The search for signups of a site: by what an operator has at hand of one.

use super::site::SignupIndexRow;

/// What a signup is found by, a line for each, in lower case: its name, the reference, the account, Meta's id of the number, the
/// number's digits, and its own id.
pub fn searchable_text(row: &SignupIndexRow) -> String {
    let connected = row.connected.as_ref();
    let display_number = connected.and_then(|connected| connected.display_phone_number.as_deref());
    let name = row.name.as_deref();
    let lines = [
        name.or(connected.and_then(|connected| connected.verified_name.as_deref()))
            .map(clipped),
        row.reference
            .as_ref()
            .map(|reference| reference.id.to_string()),
        connected.and_then(|connected| connected.waba_id.as_ref().map(ToString::to_string)),
        connected.and_then(|connected| connected.phone_number_id.as_ref().map(ToString::to_string)),
        display_number.map(digits),
        Some(row.signup.to_string()),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    lines.join("\n").to_lowercase()
}

/// What is searched for: a part of a line of [`searchable_text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// As it was entered, in lower case.
    pub text: String,
    /// Its digits, if it may be a number as people write it: `+49 30 1234`. Otherwise the same as `text`.
    pub digits: String,
}

impl SearchTerm {
    /// Reads what a person entered. `None`: less than two characters, or more than a hundred.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace(char::is_control, " ").to_lowercase();
        if !(2..=LONGEST).contains(&text.chars().count()) {
            return None;
        }
        let only_digits = digits(&text);
        let is_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        let digits = match is_number && only_digits.len() >= 4 {
            true => only_digits,
            false => text.clone(),
        };
        Some(Self { text, digits })
    }

    /// Whether a signup is found by it.
    pub fn finds(&self, searchable: &str) -> bool {
        searchable.contains(&self.text) || searchable.contains(&self.digits)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Without line breaks, and no longer than Meta's names are.
fn clipped(name: &str) -> String {
    let name = name.replace(char::is_control, " ");
    name.chars().take(200).collect()
}

const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row() -> SignupIndexRow {
        serde_json::from_value(json!({
            "run": "0123456789abcdef0123456789abcdef", "seq": 4, "status": "connected", "at": 2, "reason": null,
            "name": "Glücksstrauch\nGmbH", "reference": {"id": "2024-001/A", "verified": true},
            "connected": {"waba_id": "5000000000000001", "phone_number_id": "6000000000000007",
                "display_phone_number": "+49 30 1234567", "verified_name": "Glücksstrauch",
                "coexistence": false, "renewed": false},
        }))
        .unwrap()
    }

    #[test]
    fn signup_is_found_by_what_it_has_and_by_nothing_else() {
        let text = searchable_text(&row());
        for (entered, found) in [
            ("glücks", true),
            ("GLÜCKSSTRAUCH", true),
            ("strauch gmbh", true),
            (" 2024-001 ", true),
            ("2024-001/a", true),
            ("5000000000000001", true),
            ("6000000000000007", true),
            ("+49 30 1234567", true),
            ("+49 (30) 123-4567", true),
            ("301234567", true),
            ("0123456789abcdef", true),
            ("0123456789ABCDEF0123456789abcdef", true),
            ("rival", false),
            ("+49 40 1234567", false),
            // Not over the end of a line.
            ("gmbh 2024", false),
            ("gmbh\n2024", false),
            ("%", false),
            ("gl_cks", false),
        ] {
            let term = SearchTerm::parse(entered);
            let finds = term.is_some_and(|term| term.finds(&text));
            assert_eq!(finds, found, "{entered}");
        }
    }

    #[test]
    fn row_that_has_nothing_yet_is_found_by_its_id() {
        let row: SignupIndexRow = serde_json::from_value(json!({
            "run": "0123456789abcdef0123456789abcdef", "seq": 1, "status": "launched", "at": 2, "reason": null,
        }))
        .unwrap();
        assert_eq!(searchable_text(&row), "0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn term_that_is_too_short_or_too_long_is_none() {
        for text in ["", " ", "a", " a ", &"a".repeat(101)] {
            assert_eq!(SearchTerm::parse(text), None, "{text}");
        }
        assert!(SearchTerm::parse(&"ü".repeat(100)).is_some());
        // Three digits may be anything.
        let short = SearchTerm::parse("1-2-3").unwrap();
        assert_eq!(short.digits, "1-2-3");
    }
}
