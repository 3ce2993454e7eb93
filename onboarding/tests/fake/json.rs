//! JSON objects.

use serde_json::Value;

/// Adds the fields of one JSON object to another.
pub(super) fn merge(object: &mut Value, fields: Value) {
    let object = object.as_object_mut().unwrap();
    object.extend(fields.as_object().unwrap().clone());
}
