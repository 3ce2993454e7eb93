//! The placeholders of a template, `{name}`: which there are, and their substitution.

use crate::providers::destination::is_allowed_destination;
use crate::providers::order::{OrderContext, OrderError};
use embark_protocol::handoff::HandoffTemplate;
use serde_json::Value;

/// The value of a placeholder by its name.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Result<String, OrderError> + 'a;

/// The placeholders of every template, besides its own constants.
pub(super) const PLACEHOLDERS: &[&str] = &[
    "waba_id",
    "phone_number_id",
    "business_id",
    "phone_e164",
    "display_name",
    "signup_id",
];

/// The value of a placeholder for this order.
///
/// # Errors
/// The account does not have the value, or there is no such placeholder.
pub(super) fn resolve(
    template: &HandoffTemplate,
    order: &OrderContext<'_>,
    name: &str,
) -> Result<String, OrderError> {
    let missing = || OrderError::MissingValue(name.to_owned());
    if let Some(constant) = name.strip_prefix("const:") {
        let constant = template.constants.get(constant);
        return constant.cloned().ok_or_else(missing);
    }
    let needs_number = matches!(name, "phone_number_id" | "phone_e164" | "display_name");
    if needs_number && order.phone.is_none() {
        return Err(OrderError::NoNumber);
    }
    match name {
        "waba_id" => Some(order.waba.to_string()),
        "phone_number_id" => order.phone.map(ToString::to_string),
        "business_id" => order.business.map(ToString::to_string),
        "phone_e164" => order.display_phone_number.map(to_e164),
        "display_name" => order.verified_name.map(str::to_owned),
        "signup_id" => Some(order.signup.to_string()),
        _ => None,
    }
    .ok_or_else(missing)
}

/// `+16315550101` from a number as Meta formats it (<https://www.itu.int/rec/T-REC-E.164/>).
fn to_e164(displayed: &str) -> String {
    let digits = displayed.chars().filter(char::is_ascii_digit);
    core::iter::once('+').chain(digits).collect()
}

/// Substitutes the placeholders of a text. Those of secrets stay: the sender of the request substitutes them.
///
/// # Errors
/// A placeholder has no value.
pub(super) fn substitute(text: &str, lookup: &Lookup<'_>) -> Result<String, OrderError> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if is_placeholder(name) => {
                if name.starts_with("secret") {
                    whole.extend(["{", name, "}"]);
                } else {
                    whole.push_str(&lookup(name)?);
                }
                rest = tail;
            }
            _ => {
                whole.push('{');
                rest = after;
            }
        }
    }
    whole.push_str(rest);
    Ok(whole)
}

/// Substitutes the placeholders of a URL, each value percent-encoded.
///
/// # Errors
/// A placeholder has no value, or the result is not an allowed destination.
pub(super) fn substitute_in_url(url: &str, lookup: &Lookup<'_>) -> Result<String, OrderError> {
    let encoded = |name: &str| {
        let value = lookup(name)?;
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        Ok(encoded.replace('+', "%20"))
    };
    let url = substitute(url, &encoded)?;
    if is_allowed_destination(&url) {
        Ok(url)
    } else {
        Err(OrderError::ForbiddenDestination)
    }
}

/// Substitutes the placeholders in the text of a header's value. Characters that a header cannot carry are
/// percent-encoded as UTF-8, and then `%` as well; nothing of a value can begin another line.
///
/// # Errors
/// A placeholder has no value.
pub(super) fn substitute_in_header(text: &str, lookup: &Lookup<'_>) -> Result<String, OrderError> {
    let encoded = |name: &str| Ok(encode_in_header(&lookup(name)?));
    substitute(text, &encoded)
}

fn encode_in_header(value: &str) -> String {
    if is_header_value(value) {
        return value.to_owned();
    }
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Substitutes the placeholders in the strings of a JSON value.
///
/// # Errors
/// A placeholder has no value.
pub(super) fn substitute_in_json(json: &Value, lookup: &Lookup<'_>) -> Result<Value, OrderError> {
    Ok(match json {
        Value::String(text) => Value::String(substitute(text, lookup)?),
        Value::Array(items) => {
            let items = items.iter().map(|item| substitute_in_json(item, lookup));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| Ok((name.clone(), substitute_in_json(member, lookup)?)));
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

/// The names of the placeholders in a text.
pub(super) fn placeholder_names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0))
        .filter(|name| is_placeholder(name))
}

/// Whether `{name}` is a placeholder. Other braces in a string are not.
fn is_placeholder(name: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'/' | b'-');
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// Whether text may be the value of a header: printable ASCII on one line.
pub(super) fn is_header_value(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
