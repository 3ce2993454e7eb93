//! The bodies of webhooks.

use rand::seq::SliceRandom;
use serde::Deserialize;
use serde_json::{Value, json};

/// One change, and the entry that it stands in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Id of the entry: a WABA, or the partner's portfolio.
    pub entry_id: Value,
    /// Unix seconds; `None`: the entry has no time.
    #[serde(default)]
    pub time: Option<u64>,
    /// `None`: the change has no field.
    #[serde(default)]
    pub field: Option<String>,
    pub value: Value,
}

/// Bodies with `size` changes each. Changes of the same entry that follow each other share it.
pub fn batches(mut changes: Vec<Change>, size: usize, shuffle: bool, pad_to: usize) -> Vec<String> {
    if shuffle {
        changes.shuffle(&mut rand::rng());
    }
    let chunks = changes.chunks(size.clamp(1, MAX_BATCH));
    chunks.map(|chunk| body(chunk, pad_to)).collect()
}

/// `pad_to`: the least length in bytes, reached by a member that nobody knows.
fn body(changes: &[Change], pad_to: usize) -> String {
    let mut entries: Vec<Value> = Vec::new();
    for change in changes {
        let mut json = json!({"value": change.value});
        if let Some(field) = &change.field {
            json["field"] = field.as_str().into();
        }
        let mut entry = json!({"id": change.entry_id, "changes": []});
        if let Some(time) = change.time {
            entry["time"] = time.into();
        }
        let is_same =
            |last: &&mut Value| last["id"] == entry["id"] && last["time"] == entry["time"];
        match entries.last_mut().filter(is_same) {
            Some(last) => push(last, json),
            None => {
                push(&mut entry, json);
                entries.push(entry);
            }
        }
    }
    let mut body = json!({"object": "whatsapp_business_account", "entry": entries});
    let length = escaped(&body).len();
    if pad_to > length + PADDING.len() {
        body["padding"] = "x".repeat(pad_to - length - PADDING.len()).into();
    }
    escaped(&body)
}

fn push(entry: &mut Value, change: Value) {
    if let Some(changes) = entry["changes"].as_array_mut() {
        changes.push(change);
    }
}

/// JSON in ASCII: Meta escapes all other characters.
fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

/// Meta's largest batch.
const MAX_BATCH: usize = 1_000;
const PADDING: &str = ",\"padding\":\"\"";
