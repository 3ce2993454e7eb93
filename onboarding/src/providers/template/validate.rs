//! The validation of a template, before it is ever used.

use super::placeholder::{PLACEHOLDERS, is_header_value, placeholder_names, substitute};
use crate::providers::destination::is_allowed_destination;
use crate::providers::header_value::{HeaderValue, is_secret_name};
use crate::settings_error::SettingsError;
use embark_protocol::handoff::{HandoffStatusPoll, HandoffTemplate};
use serde_json::Value;

/// Validates a template.
///
/// # Errors
/// The first field that is not valid.
pub fn validate(template: &HandoffTemplate) -> Result<(), SettingsError> {
    let is_known = |name: &str| is_known_placeholder(template, name);
    validate_placeholders("url", &template.url, &is_known)?;
    validate_url("url", &template.url)?;
    validate_headers(template)?;
    validate_body(template)?;
    if let Some(success) = &template.success {
        validate_pointer("success", &success.pointer)?;
    }
    let attempts = template.max_attempts.unwrap_or(1);
    SettingsError::require((1..=20).contains(&attempts), "handoff: tries", "1 to 20")?;
    match &template.status {
        Some(status) => validate_status(template, status),
        None => Ok(()),
    }
}

fn validate_headers(template: &HandoffTemplate) -> Result<(), SettingsError> {
    let is_known = |name: &str| match name.split_once(':') {
        Some(("secret" | "secret_base64", name)) => is_secret_name(name),
        _ => is_known_placeholder(template, name),
    };
    for (name, value) in &template.headers {
        if !is_header_name(name) || value.len() > 1_000 || !is_header_value(value) {
            return Err(SettingsError::new("handoff: headers", name));
        }
        validate_placeholders("headers", value, &is_known)?;
        // Templates are stored and shown in clear.
        let has_secret = HeaderValue::parse(value).secret_names().next().is_some();
        SettingsError::require(
            has_secret || !is_credential(name),
            "handoff: headers",
            "credentials belong into a secret of the site: {secret:name}",
        )?;
    }
    Ok(())
}

fn validate_body(template: &HandoffTemplate) -> Result<(), SettingsError> {
    let is_known = |name: &str| is_known_placeholder(template, name);
    SettingsError::require(
        template.json.is_none() || template.form.is_empty(),
        "handoff",
        "json or form, not both",
    )?;
    if let Some(json) = &template.json {
        SettingsError::require(
            json.to_string().len() <= 8_000,
            "handoff: json",
            "at most 8000 characters",
        )?;
        validate_json(json, &is_known)?;
    }
    template
        .form
        .values()
        .try_for_each(|value| validate_placeholders("form", value, &is_known))
}

fn validate_status(
    template: &HandoffTemplate,
    status: &HandoffStatusPoll,
) -> Result<(), SettingsError> {
    let is_known =
        |name: &str| name.starts_with("answer:/") || is_known_placeholder(template, name);
    validate_placeholders("status: url", &status.url, &is_known)?;
    validate_url("status: url", &status.url)?;
    validate_pointer("status", &status.pointer)?;
    SettingsError::require(
        !status.done.is_empty(),
        "handoff: status: done",
        "the words that end it",
    )?;
    let interval = status.every_s.unwrap_or(15);
    let deadline = status.deadline_s.unwrap_or(3_600);
    SettingsError::require(
        (5..=3_600).contains(&interval) && (60..=13 * 86_400).contains(&deadline),
        "handoff: status",
        "every_s 5 to 3600, deadline_s 60 to 1123200",
    )
}

fn is_known_placeholder(template: &HandoffTemplate, name: &str) -> bool {
    match name.split_once(':') {
        Some(("const", name)) => template.constants.contains_key(name),
        _ => PLACEHOLDERS.contains(&name),
    }
}

fn validate_placeholders(
    field: &str,
    text: &str,
    is_known: &dyn Fn(&str) -> bool,
) -> Result<(), SettingsError> {
    match placeholder_names(text).find(|name| !is_known(name)) {
        None => Ok(()),
        Some(unknown) => Err(SettingsError::new(
            ["handoff: ", field].concat(),
            ["there is no {", unknown, "}"].concat(),
        )),
    }
}

/// Validates the placeholders in every string of a JSON value.
fn validate_json(json: &Value, is_known: &dyn Fn(&str) -> bool) -> Result<(), SettingsError> {
    match json {
        Value::String(text) => validate_placeholders("json", text, is_known),
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| validate_json(item, is_known)),
        Value::Object(members) => members
            .values()
            .try_for_each(|member| validate_json(member, is_known)),
        _ => Ok(()),
    }
}

/// Validates a URL with its placeholders, none of which may be in the host.
fn validate_url(field: &str, url: &str) -> Result<(), SettingsError> {
    let sample = substitute(url, &|_| Ok("0".to_owned())).unwrap_or_default();
    let authority = |url: &str| url.split('/').nth(2).map(str::to_owned);
    SettingsError::require(
        authority(url) == authority(&sample) && is_allowed_destination(&sample),
        &["handoff: ", field].concat(),
        "https and a public host name",
    )
}

fn validate_pointer(field: &str, pointer: &str) -> Result<(), SettingsError> {
    SettingsError::require(
        pointer.starts_with('/') && pointer.len() <= 200,
        &["handoff: ", field, ": pointer"].concat(),
        "like /status",
    )
}

/// Whether a template may set this header: a short name, and none that the HTTP client sets.
fn is_header_name(name: &str) -> bool {
    const RESERVED: &[&str] = &["host", "content-length", "connection", "transfer-encoding"];
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&name.len())
        && name.bytes().all(is_allowed)
        && !RESERVED
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether a header carries credentials, by the words of its name.
fn is_credential(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "authorization",
        "authentication",
        "auth",
        "token",
        "secret",
        "password",
        "key",
        "apikey",
        "cookie",
        "credential",
        "credentials",
    ];
    let name = name.to_ascii_lowercase();
    !name.contains("idempotency") && name.split('-').any(|word| WORDS.contains(&word))
}
