//! Documents as text, and doc comments as text of documents.

use regex_lite::{Captures, Regex};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// A document as indented JSON that ends with a line break. Its order does not depend on anything but the document.
///
/// # Errors
/// None: every document is JSON.
pub fn to_json(document: &Value) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&Ordered(document))?;
    text.push('\n');
    Ok(text)
}

/// A document whose members are written in the order in which people read them.
struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| (rank(name), *name));
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            other => other.serialize(serializer),
        }
    }
}

fn rank(name: &str) -> usize {
    let position = FIRST.iter().position(|first| *first == name);
    position.unwrap_or(FIRST.len())
}

const FIRST: &[&str] = &[
    "openapi",
    "info",
    "title",
    "version",
    "tags",
    "paths",
    "operationId",
    "$ref",
    "name",
    "in",
    "type",
    "summary",
    "description",
    "security",
    "parameters",
    "requestBody",
    "responses",
];

/// A doc comment as a description: its lines joined to paragraphs, and without links to items of the code.
pub fn plain(comment: &str) -> String {
    let paragraphs = comment.split("\n\n").map(|paragraph| {
        let lines = paragraph.lines().map(str::trim);
        let is_block = paragraph.trim_start().starts_with(['|', '-']);
        let separator = if is_block { "\n" } else { " " };
        lines.collect::<Vec<_>>().join(separator).trim().to_owned()
    });
    without_code_links(&paragraphs.collect::<Vec<_>>().join("\n\n"))
}

/// A link to an item of the code becomes its name; links to addresses stay.
fn without_code_links(text: &str) -> String {
    let Ok(link) = Regex::new(r"\[(`[^`]+`)\](\([^)]*\))?") else {
        return text.to_owned();
    };
    let shown = |found: &Captures<'_>| {
        let is_address = found
            .get(2)
            .is_some_and(|to| to.as_str().starts_with("(http"));
        found[if is_address { 0 } else { 1 }].to_owned()
    };
    link.replace_all(text, shown).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_loses_line_breaks_and_links_to_code() {
        for (comment, want) in [
            ("One\nline.", "One line."),
            ("Two.\n\nParagraphs\nhere.", "Two.\n\nParagraphs here."),
            (
                "As [`Other`] and\n[`This`](crate::this::This) say.",
                "As `Other` and `This` say.",
            ),
            ("See <https://a.example/b>.", "See <https://a.example/b>."),
            (
                "A [`b`](https://a.example) c",
                "A [`b`](https://a.example) c",
            ),
        ] {
            assert_eq!(plain(comment), want);
        }
    }
}
