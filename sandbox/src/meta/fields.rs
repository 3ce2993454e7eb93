//! The parameter `fields`, e.g. `id,name,owner_business_info{id,name}`: which fields of a node a response has.
//! <https://developers.facebook.com/docs/graph-api/guides/field-expansion>

use super::error::GraphError;
use serde_json::{Map, Value, json};

/// `node` with the requested fields only, or with those of `default` where none are requested. `id` is always
/// included, and null fields are left out.
///
/// # Errors
/// 100 when the node has no field of that name.
pub fn select_fields(
    node: &Value,
    requested: Option<&str>,
    default: &[&str],
    node_type: &str,
) -> Result<Value, GraphError> {
    let requested = requested.map(str::trim).filter(|text| !text.is_empty());
    let fields = match requested {
        Some(text) => parse_fields(text),
        None => default
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect(),
    };
    let mut selected = Map::new();
    for (name, inner) in fields.into_iter().chain([("id".to_owned(), None)]) {
        let Some(value) = node.get(&name) else {
            return Err(GraphError::invalid_parameter(format_args!(
                "Tried accessing nonexisting field ({name}) on node type ({node_type})"
            )));
        };
        let value = match (value, inner) {
            (Value::Null, _) => continue,
            (Value::Object(_), Some(inner)) => select_inner_fields(value, &inner, node_type)?,
            _ => value.clone(),
        };
        selected.insert(name, value);
    }
    Ok(Value::Object(selected))
}

/// The same inside a field: of the node it holds, or of every row where it is a list (`{"data": […]}`).
fn select_inner_fields(value: &Value, inner: &str, node_type: &str) -> Result<Value, GraphError> {
    if let Some(rows) = value["data"].as_array() {
        let rows = rows
            .iter()
            .map(|row| select_inner_fields(row, inner, node_type));
        return Ok(json!({"data": rows.collect::<Result<Vec<_>, _>>()?}));
    }
    let mut node = value.clone();
    let has_id = value.get("id").is_some();
    if !has_id {
        node["id"] = Value::Null;
    }
    select_fields(&node, Some(inner), &[], node_type)
}

/// Names and, where they have one, their part in braces: `name{a,b}` and `name.limit(1){a}`.
fn parse_fields(text: &str) -> Vec<(String, Option<String>)> {
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
        .map(parse_field)
        .collect()
}

fn parse_field(part: &str) -> (String, Option<String>) {
    let (name, inner) = match part.split_once('{') {
        Some((name, inner)) => (name, Some(inner.trim_end_matches('}').to_owned())),
        None => (part, None),
    };
    (
        name.split('.').next().unwrap_or(name).trim().to_owned(),
        inner,
    )
}

/// `{data, paging}`. The sandbox returns every list as one page.
pub fn page(data: Vec<Value>) -> Value {
    if data.is_empty() {
        return json!({ "data": [] });
    }
    json!({"data": data, "paging": {"cursors": {"before": "QVFIUmJlZm9yZQ", "after": "QVFIUmFmdGVy"}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requested_fields_are_returned_with_the_id_only() {
        let node = json!({"id": "5", "name": "N", "owner": {"id": "4", "name": "B"}, "funding": null, "x": 1,
            "rows": {"data": [{"id": "1", "a": 2, "b": 3}]}});
        for (requested, expected) in [
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
                select_fields(&node, requested, &["id", "x"], "T").expect("fields"),
                expected,
                "{requested:?}"
            );
        }
        let error = select_fields(&node, Some("nope"), &[], "WhatsAppBusinessAccount")
            .expect_err("unknown field");
        assert_eq!(
            error.message,
            "(#100) Tried accessing nonexisting field (nope) on node type (WhatsAppBusinessAccount)"
        );
    }
}
