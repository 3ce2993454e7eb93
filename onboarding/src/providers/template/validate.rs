//! The validation of a template, before it is ever used.

use super::placeholder::{PLACEHOLDERS, is_header_value, placeholder_names, substitute};
use crate::providers::destination::is_allowed_destination;
use crate::providers::header_value::{HeaderValue, is_secret_name};
use crate::settings_error::SettingsErrors;
use embark_protocol::handoff::{HandoffStatusPoll, HandoffTemplate};
use serde_json::Value;

/// Validates a template: adds each field that is not valid.
pub fn check(template: &HandoffTemplate, errors: &mut SettingsErrors) {
    let is_known = |name: &str| is_known_placeholder(template, name);
    check_placeholders("url", &template.url, &is_known, errors);
    check_url("url", &template.url, errors);
    check_headers(template, errors);
    check_body(template, errors);
    if let Some(success) = &template.success {
        check_pointer("success", &success.pointer, errors);
    }
    let attempts = template.max_attempts.unwrap_or(1);
    errors.require((1..=20).contains(&attempts), "handoff: tries", "1 to 20");
    if let Some(status) = &template.status {
        check_status(template, status, errors);
    }
}

fn check_headers(template: &HandoffTemplate, errors: &mut SettingsErrors) {
    let is_known = |name: &str| match name.split_once(':') {
        Some(("secret" | "secret_base64", name)) => is_secret_name(name),
        _ => is_known_placeholder(template, name),
    };
    for (name, value) in &template.headers {
        if !is_header_name(name) || value.len() > 1_000 || !is_header_value(value) {
            errors.add(
                ["handoff: headers: ", name].concat(),
                "a header's name, and a value of at most 1000 printable characters",
            );
        }
        check_placeholders("headers", value, &is_known, errors);
        // Templates are stored and shown in clear.
        let has_secret = HeaderValue::parse(value).secret_names().next().is_some();
        errors.require(
            has_secret || !is_credential(name),
            "handoff: headers",
            "credentials belong into a secret of the site: {secret:name}",
        );
    }
}

fn check_body(template: &HandoffTemplate, errors: &mut SettingsErrors) {
    let is_known = |name: &str| is_known_placeholder(template, name);
    errors.require(
        template.json.is_none() || template.form.is_empty(),
        "handoff",
        "json or form, not both",
    );
    if let Some(json) = &template.json {
        errors.require(
            json.to_string().len() <= 8_000,
            "handoff: json",
            "at most 8000 characters",
        );
        check_json(json, &is_known, errors);
    }
    for value in template.form.values() {
        check_placeholders("form", value, &is_known, errors);
    }
}

fn check_status(
    template: &HandoffTemplate,
    status: &HandoffStatusPoll,
    errors: &mut SettingsErrors,
) {
    let is_known =
        |name: &str| name.starts_with("answer:/") || is_known_placeholder(template, name);
    check_placeholders("status: url", &status.url, &is_known, errors);
    check_url("status: url", &status.url, errors);
    check_pointer("status", &status.pointer, errors);
    errors.require(
        !status.done.is_empty(),
        "handoff: status: done",
        "the words that end it",
    );
    let interval = status.every_s.unwrap_or(15);
    let deadline = status.deadline_s.unwrap_or(3_600);
    errors.require(
        (5..=3_600).contains(&interval) && (60..=13 * 86_400).contains(&deadline),
        "handoff: status",
        "every_s 5 to 3600, deadline_s 60 to 1123200",
    );
}

fn is_known_placeholder(template: &HandoffTemplate, name: &str) -> bool {
    match name.split_once(':') {
        Some(("const", name)) => template.constants.contains_key(name),
        _ => PLACEHOLDERS.contains(&name),
    }
}

fn check_placeholders(
    field: &str,
    text: &str,
    is_known: &dyn Fn(&str) -> bool,
    errors: &mut SettingsErrors,
) {
    for unknown in placeholder_names(text).filter(|name| !is_known(name)) {
        let message = ["there is no {", unknown, "}"].concat();
        errors.add(["handoff: ", field].concat(), message);
    }
}

/// Validates the placeholders in every string of a JSON value.
fn check_json(json: &Value, is_known: &dyn Fn(&str) -> bool, errors: &mut SettingsErrors) {
    match json {
        Value::String(text) => check_placeholders("json", text, is_known, errors),
        Value::Array(items) => {
            for item in items {
                check_json(item, is_known, errors);
            }
        }
        Value::Object(members) => {
            for member in members.values() {
                check_json(member, is_known, errors);
            }
        }
        _ => {}
    }
}

/// Validates a URL with its placeholders, none of which may be in the host.
fn check_url(field: &str, url: &str, errors: &mut SettingsErrors) {
    let sample = substitute(url, &|_| Ok("0".to_owned())).unwrap_or_default();
    let authority = |url: &str| url.split('/').nth(2).map(str::to_owned);
    errors.require(
        authority(url) == authority(&sample) && is_allowed_destination(&sample),
        &["handoff: ", field].concat(),
        "https and a public host name",
    );
}

fn check_pointer(field: &str, pointer: &str, errors: &mut SettingsErrors) {
    errors.require(
        pointer.starts_with('/') && pointer.len() <= 200,
        &["handoff: ", field, ": pointer"].concat(),
        "like /status",
    );
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
