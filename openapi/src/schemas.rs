//! The schemas of types, as the documents have them. What `utoipa` makes of a type is changed where the type says more:
//! members that are absent are never `null`, and flattened types are one object.

use crate::content::PATCH;
use crate::text::plain;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Schemas by their name.
pub type Schemas = Map<String, Value>;

/// Changes the schemas of types into those of the documents.
pub fn finish(schemas: &mut Schemas) {
    let all = schemas.clone();
    for schema in schemas.values_mut() {
        flatten(schema, &all);
        without_null(schema);
    }
}

/// Adds the schema of each merge patch that the document refers to.
pub fn add_patches(schemas: &mut Schemas, document: &Value) {
    for name in references(document) {
        let Some(whole) = name.strip_suffix(PATCH).and_then(|name| schemas.get(name)) else {
            continue;
        };
        let patch = patch_of(whole);
        schemas.insert(name, patch);
    }
}

/// A patch names what changes, and `null` for what is reset.
fn patch_of(whole: &Value) -> Value {
    let mut patch = whole.clone();
    let Some(members) = patch.as_object_mut() else {
        return patch;
    };
    members.remove("required");
    members.insert("description".to_owned(), json!(ABOUT_PATCH));
    let properties = members.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if name != "key" {
            *property = json!({"anyOf": [property.take(), {"type": "null"}]});
        }
    }
    patch
}

/// The schemas that the document refers to, and those that these refer to.
pub fn retain_used(schemas: &mut Schemas, document: &Value) {
    let mut used = BTreeSet::new();
    let mut open = references(document);
    while let Some(name) = open.pop_first() {
        if let Some(schema) = schemas.get(&name).filter(|_| used.insert(name)) {
            open.extend(references(schema));
        }
    }
    schemas.retain(|name, _| used.contains(name));
}

/// Changes every comment of the code into a description.
pub fn tidy_descriptions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => {
                        *text = plain(text);
                    }
                    member => tidy_descriptions(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy_descriptions),
        _ => {}
    }
}

/// The names of the schemas that a part of a document refers to.
pub fn references(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect_references(value, &mut names);
    names
}

fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|text| text.strip_prefix(SCHEMAS));
            names.extend(name.map(str::to_owned));
            let members = members.values();
            members.for_each(|member| collect_references(member, names));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, names)),
        _ => {}
    }
}

/// A type with flattened fields is `allOf` its parts; here it becomes one object. The parts of such a type do not refuse
/// each other's members.
fn flatten(schema: &mut Value, all: &Schemas) {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else {
        return;
    };
    let (mut properties, mut required) = (Map::new(), vec![]);
    for part in &parts {
        let mut part = resolve(part, all).clone();
        flatten(&mut part, all);
        let members = part.get("properties").and_then(Value::as_object).cloned();
        properties.extend(members.unwrap_or_default());
        let names = part.get("required").and_then(Value::as_array).cloned();
        required.extend(names.unwrap_or_default());
    }
    let description = schema.get("description").cloned();
    *schema = json!({"type": "object", "properties": properties, "required": required});
    if let (Some(description), Some(members)) = (description, schema.as_object_mut()) {
        members.insert("description".to_owned(), description);
    }
}

fn resolve<'a>(schema: &'a Value, all: &'a Schemas) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let name = reference.and_then(|text| text.strip_prefix(SCHEMAS));
    name.and_then(|name| all.get(name)).unwrap_or(schema)
}

/// An `Option` that is `None` is left out: what may be absent is not `null`.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let required = members.get("required").and_then(Value::as_array).cloned();
            let required = required.unwrap_or_default();
            let properties = members.get_mut("properties").and_then(Value::as_object_mut);
            for (name, property) in properties.into_iter().flatten() {
                if !required.iter().any(|known| known == name) {
                    not_null(property);
                }
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn not_null(property: &mut Value) {
    let Some(members) = property.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = members.get_mut("oneOf") {
        choices.retain(|choice| *choice != json!({"type": "null"}));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            members.remove("oneOf");
            for (name, member) in only {
                members.entry(name).or_insert(member);
            }
        }
    }
}

const SCHEMAS: &str = "#/components/schemas/";
const ABOUT_PATCH: &str = "A JSON merge patch (<https://www.rfc-editor.org/rfc/rfc7396>): settings that are not named stay, \
    `null` resets one to its default, and an object is merged in the same way. Where there are no settings yet, those without \
    a default are required.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_members_are_not_null_and_required_ones_may_be() {
        let mut schema = json!({"type": "object", "required": ["b"], "properties": {
            "a": {"type": ["string", "null"]},
            "b": {"type": ["integer", "null"]},
            "c": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/C"}], "description": "x"},
        }});
        without_null(&mut schema);
        let want = json!({"type": "object", "required": ["b"], "properties": {
            "a": {"type": "string"},
            "b": {"type": ["integer", "null"]},
            "c": {"$ref": "#/components/schemas/C", "description": "x"},
        }});
        assert_eq!(schema, want);
    }

    #[test]
    fn flattened_type_is_one_object() {
        let part = json!({"type": "object", "required": ["a"], "properties": {"a": {}},
            "additionalProperties": false});
        let mut schemas = Map::from_iter([
            ("Part".to_owned(), part),
            (
                "Whole".to_owned(),
                json!({"description": "x", "allOf": [
                    {"$ref": "#/components/schemas/Part"},
                    {"type": "object", "required": ["b"], "properties": {"b": {}}},
                ]}),
            ),
        ]);
        finish(&mut schemas);
        let want = json!({"type": "object", "description": "x", "required": ["a", "b"],
            "properties": {"a": {}, "b": {}}});
        assert_eq!(schemas["Whole"], want);
    }

    #[test]
    fn unused_schemas_are_left_out() {
        let reference = |name: &str| json!({"$ref": format!("{SCHEMAS}{name}")});
        let mut schemas = Map::from_iter([
            ("A".to_owned(), reference("B")),
            ("B".to_owned(), json!({})),
            ("C".to_owned(), reference("A")),
        ]);
        retain_used(&mut schemas, &reference("A"));
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "B"]);
    }
}
