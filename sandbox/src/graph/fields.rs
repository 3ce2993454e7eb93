//! `fields=id,name,owner_business_info{id,name}`: which parts of a node an answer has.

use super::error::GraphError;
use serde_json::{Map, Value, json};

/// Cuts `node` down to the asked fields, or to `default` where none were asked. `id` is always there,
/// null is never sent, and a field the node does not have is refused as Meta refuses it.
pub fn pick(
    node: &Value,
    asked: Option<&str>,
    default: &[&str],
    node_type: &str,
) -> Result<Value, GraphError> {
    let asked = asked.map(str::trim).filter(|text| !text.is_empty());
    let wanted = match asked {
        Some(text) => parse(text),
        None => default
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect(),
    };
    let mut out = Map::new();
    for (name, inner) in wanted.into_iter().chain([("id".to_owned(), None)]) {
        let Some(value) = node.get(&name) else {
            return Err(GraphError::parameter(format_args!(
                "Tried accessing nonexisting field ({name}) on node type ({node_type})"
            )));
        };
        let value = match (value, inner) {
            (Value::Null, _) => continue,
            (Value::Object(_), Some(inner)) => pick_inner(value, &inner, node_type)?,
            _ => value.clone(),
        };
        out.insert(name, value);
    }
    Ok(Value::Object(out))
}

/// Of a node, or of every row where the field is a list (`{"data": […]}`).
fn pick_inner(value: &Value, inner: &str, node_type: &str) -> Result<Value, GraphError> {
    if let Some(rows) = value["data"].as_array() {
        let rows = rows.iter().map(|row| pick_inner(row, inner, node_type));
        return Ok(json!({"data": rows.collect::<Result<Vec<_>, _>>()?}));
    }
    let mut node = value.clone();
    let has_id = value.get("id").is_some();
    if !has_id {
        node["id"] = Value::Null;
    }
    pick(&node, Some(inner), &[], node_type)
}

/// Splits at commas outside braces; `name{a,b}` and `name.limit(1){a}` keep what stands in the braces.
fn parse(text: &str) -> Vec<(String, Option<String>)> {
    let (mut depth, mut start, mut parts) = (0usize, 0usize, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(one)
        .collect()
}

fn one(part: &str) -> (String, Option<String>) {
    let (name, inner) = match part.split_once('{') {
        Some((name, inner)) => (name, Some(inner.trim_end_matches('}').to_owned())),
        None => (part, None),
    };
    (
        name.split('.').next().unwrap_or(name).trim().to_owned(),
        inner,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_fields_come_back_and_nothing_else_but_the_id() {
        let node = json!({"id": "5", "name": "N", "owner": {"id": "4", "name": "B"}, "funding": null, "x": 1,
            "rows": {"data": [{"id": "1", "a": 2, "b": 3}]}});
        for (asked, want) in [
            (Some("name"), json!({"id": "5", "name": "N"})),
            (
                Some("owner{name},x"),
                json!({"id": "5", "owner": {"id": "4", "name": "B"}, "x": 1}),
            ),
            (Some("funding"), json!({"id": "5"})),
            (
                Some("rows{a}"),
                json!({"id": "5", "rows": {"data": [{"id": "1", "a": 2}]}}),
            ),
            (None, json!({"id": "5", "x": 1})),
            (Some(""), json!({"id": "5", "x": 1})),
        ] {
            assert_eq!(
                pick(&node, asked, &["id", "x"], "T").expect("fields"),
                want,
                "{asked:?}"
            );
        }
        let error =
            pick(&node, Some("nope"), &[], "WhatsAppBusinessAccount").expect_err("unknown field");
        assert_eq!(
            error.message,
            "(#100) Tried accessing nonexisting field (nope) on node type (WhatsAppBusinessAccount)"
        );
    }
}
