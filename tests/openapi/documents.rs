//! The documents, as the Worker serves them and as the requests are made by.

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};
use std::fs;

/// One of the two documents.
#[derive(Debug, Clone, Copy)]
pub enum Document {
    /// Of the public origin.
    Public,
    /// Of the operator's origin.
    Operator,
}

/// The document that the Worker serves, which is the committed file.
pub async fn document(deployment: &Deployment, document: Document) -> Result<Value> {
    let path = "/v1/openapi.json";
    let (url, file) = match document {
        Document::Public => (format!("{}{path}", deployment.origin), "openapi.json"),
        Document::Operator => (deployment.operator_url(path), "openapi-admin.json"),
    };
    let response = deployment.client.get(url).send().await?;
    let served = response.error_for_status()?.text().await?;
    let committed = fs::read_to_string(path_from_env("EMBARK_DOCS")?.join(file))?;
    ensure!(served == committed, "{file}");
    Ok(serde_json::from_str(&served)?)
}

/// The document with values that exist for parameters of these names: half of the requests have them, the others any value
/// that the document allows.
pub fn with_known_values(mut document: Value, known: &[(&str, String)]) -> Value {
    for (_, parameter) in parameters(&mut document) {
        let value = known.iter().find(|(name, _)| parameter["name"] == **name);
        if let Some((_, value)) = value {
            let schema = parameter["schema"].take();
            parameter["schema"] = json!({"anyOf": [{"enum": [value]}, schema]});
        }
    }
    document
}

/// Has one operation called with this value of a parameter, but for requests that are wrong on purpose.
pub fn set_value(document: &mut Value, operation: &str, name: &str, value: impl Into<Value>) {
    let value = value.into();
    for (id, parameter) in parameters(document) {
        if id == operation && parameter["name"] == name {
            parameter["schema"] = json!({"enum": [value]});
            parameter["required"] = json!(true);
        }
    }
}

/// Leaves a header out of all operations but one.
pub fn keep_header_of(document: &mut Value, name: &str, operation: &str) {
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flatten();
    let items = items.filter_map(|(_, item)| item.as_object_mut());
    for described in items.flat_map(|item| item.values_mut()) {
        let is_kept = described["operationId"] == operation;
        let parameters = described.get_mut("parameters");
        if let Some(Value::Array(parameters)) = parameters.filter(|_| !is_kept) {
            parameters.retain(|parameter| parameter["name"] != name);
        }
    }
}

/// Every parameter, with the id of its operation.
fn parameters(document: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flatten();
    let items = items.filter_map(|(_, item)| item.as_object_mut());
    let operations = items.flat_map(|item| item.values_mut());
    operations.flat_map(|operation| {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let id = id.to_owned();
        let parameters = operation.get_mut("parameters");
        let parameters = parameters.and_then(Value::as_array_mut);
        let parameters = parameters.into_iter().flatten();
        parameters.map(move |parameter| (id.clone(), parameter))
    })
}
