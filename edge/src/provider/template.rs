//! A hand-off that a site describes itself: an address, headers, a body, and what counts as success. The
//! template is checked when it is put, so that a run meets no surprise in it.

use super::{Facts, Far, Taken};
use crate::graph::{Failure, Heard, Reply, error};
use crate::outbound::{DEADLINE_MS, Request, is_allowed, is_secret_name};
use crate::run::Ms;
use embark_protocol::partner::{Expect, Handoff, Method, StatusCheck};
use serde_json::Value;

/// The order, filled in. `None`: it speaks of something this account does not have.
pub fn order(template: &Handoff, facts: &Facts<'_>) -> Option<Request> {
    let fill = |text: &str| fill(text, &|name| value(template, facts, name));
    let headers = template.headers.iter();
    let headers = headers.map(|(name, text)| Some((name.clone(), header(fill(text)?)?)));
    let body = match (&template.json, template.form.is_empty()) {
        (Some(json), _) => Some(("application/json", filled(json, &fill)?.to_string())),
        (None, true) => None,
        (None, false) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, text) in &template.form {
                form.append_pair(name, &fill(text)?);
            }
            Some(("application/x-www-form-urlencoded", form.finish()))
        }
    };
    Some(Request {
        name: "handoff",
        site: facts.site.clone(),
        method: match template.method {
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        },
        url: address(&template.url, &|name| value(template, facts, name))?,
        headers: headers.collect::<Option<_>>()?,
        body,
        deadline_ms: DEADLINE_MS,
    })
}

/// What the answer to the order means.
pub fn taken(template: &Handoff, heard: Heard, facts: &Facts<'_>) -> Result<Taken, Failure> {
    let reply = match heard {
        Ok(reply) if template.already.contains(&reply.status) => reply,
        heard => {
            let reply = error::check_provider(heard)?;
            match &template.success {
                Some(expect) if !says(&reply.body, expect) => return Err(refused(&reply)),
                _ => reply,
            }
        }
    };
    let Some(status) = &template.status else {
        return Ok(Taken::Done);
    };
    let said: Value = crate::json::from_slice(&reply.body).unwrap_or_default();
    let known = |name: &str| match name.strip_prefix("answer:") {
        Some(pointer) => word_at(&said, pointer),
        None => value(template, facts, name),
    };
    match address(&status.url, &known) {
        Some(watch) => Ok(Taken::Pending(Some(watch))),
        // Told before, and this answer does not say where to ask.
        None if template.already.contains(&reply.status) => Ok(Taken::Done),
        None => Err(refused(&reply)),
    }
}

/// The question how far it is.
pub fn watch(template: &Handoff, url: &str, facts: &Facts<'_>) -> Option<Request> {
    let fill = |text: &str| fill(text, &|name| value(template, facts, name));
    let of_body = |name: &str| name.eq_ignore_ascii_case("content-type");
    let headers = template.headers.iter().filter(|(name, _)| !of_body(name));
    let headers = headers.map(|(name, text)| Some((name.clone(), header(fill(text)?)?)));
    Some(Request {
        name: "handoff_status",
        site: facts.site.clone(),
        method: "GET",
        url: url.to_owned(),
        headers: headers.collect::<Option<_>>()?,
        body: None,
        deadline_ms: DEADLINE_MS,
    })
}

/// What the answer to it means.
pub fn far(status: &StatusCheck, heard: Heard) -> Result<Far, Failure> {
    let reply = error::check_provider(heard)?;
    let said: Value = crate::json::from_slice(&reply.body).map_err(|_| error::unreadable())?;
    let word = word_at(&said, &status.pointer).ok_or_else(error::unreadable)?;
    Ok(if status.done.contains(&word) {
        Far::Done
    } else if status.failed.contains(&word) {
        Far::Failed(word)
    } else {
        Far::Pending(word)
    })
}

pub fn first_look_ms(template: &Handoff) -> Ms {
    let every = template.status.as_ref().and_then(|status| status.every_s);
    Ms::from(every.unwrap_or(15)) * 1_000
}

pub fn deadline_ms(template: &Handoff) -> Ms {
    let last = template
        .status
        .as_ref()
        .and_then(|status| status.deadline_s);
    Ms::from(last.unwrap_or(24 * 3_600)) * 1_000
}

/// Whether the template makes sense, before it is ever used.
pub fn check(template: &Handoff) -> Result<(), String> {
    let known = |name: &str| match name.split_once(':') {
        Some(("const", name)) => template.constants.contains_key(name),
        _ => PLACEHOLDERS.contains(&name),
    };
    let place = |what: &str, text: &str, known: &dyn Fn(&str) -> bool| {
        let stranger = names(text).find(|name| !known(name));
        stranger.map_or(Ok(()), |name| {
            Err(["handoff: ", what, ": there is no {", name, "}"].concat())
        })
    };
    place("url", &template.url, &known)?;
    check_address("url", &template.url)?;
    for (name, text) in &template.headers {
        if !is_header_name(name) || text.len() > 1_000 || header(text.clone()).is_none() {
            return Err(["handoff: headers: ", name].concat());
        }
        let may = |name: &str| match name.split_once(':') {
            Some(("secret" | "secret_base64", name)) => is_secret_name(name),
            _ => known(name),
        };
        place("headers", text, &may)?;
    }
    if template.json.is_some() && !template.form.is_empty() {
        return Err("handoff: json or form, not both".to_owned());
    }
    let json = template.json.as_ref().map(Value::to_string);
    if json.as_ref().is_some_and(|text| text.len() > 8_000) {
        return Err("handoff: json: at most 8000 characters".to_owned());
    }
    if let Some(json) = &template.json {
        texts(json, &mut |text| place("json", text, &known))?;
    }
    for text in template.form.values() {
        place("form", text, &known)?;
    }
    if let Some(expect) = &template.success {
        check_pointer("success", &expect.pointer)?;
    }
    if template
        .tries
        .is_some_and(|tries| !(1..=20).contains(&tries))
    {
        return Err("handoff: tries: 1 to 20".to_owned());
    }
    let Some(status) = &template.status else {
        return Ok(());
    };
    let answered = |name: &str| name.starts_with("answer:/") || known(name);
    place("status: url", &status.url, &answered)?;
    check_address("status: url", &status.url)?;
    check_pointer("status", &status.pointer)?;
    if status.done.is_empty() {
        return Err("handoff: status: done: the words that end it".to_owned());
    }
    let every = status.every_s.unwrap_or(15);
    let deadline = status.deadline_s.unwrap_or(3_600);
    if !(5..=3_600).contains(&every) || !(60..=13 * 86_400).contains(&deadline) {
        return Err("handoff: status: every_s 5 to 3600, deadline_s 60 to 1123200".to_owned());
    }
    Ok(())
}

/// A placeholder may not choose the host.
fn check_address(what: &str, url: &str) -> Result<(), String> {
    let sample = fill(url, &|_| Some("0".to_owned())).unwrap_or_default();
    let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
    if host(url) == host(&sample) && is_allowed(&sample) {
        Ok(())
    } else {
        Err(["handoff: ", what, ": https and a public host name"].concat())
    }
}

fn check_pointer(what: &str, pointer: &str) -> Result<(), String> {
    if pointer.starts_with('/') && pointer.len() <= 200 {
        Ok(())
    } else {
        Err(["handoff: ", what, ": pointer: like /status"].concat())
    }
}

const PLACEHOLDERS: &[&str] = &[
    "waba_id",
    "phone_number_id",
    "business_id",
    "phone_e164",
    "display_name",
    "signup_id",
];

fn value(template: &Handoff, facts: &Facts<'_>, name: &str) -> Option<String> {
    if let Some(name) = name.strip_prefix("const:") {
        return template.constants.get(name).cloned();
    }
    match name {
        "waba_id" => Some(facts.waba.to_string()),
        "phone_number_id" => facts.phone.map(ToString::to_string),
        "business_id" => facts.business.map(ToString::to_string),
        "phone_e164" => facts.number.map(e164),
        "display_name" => facts.name.map(str::to_owned),
        "signup_id" => Some(facts.signup.to_string()),
        _ => None,
    }
}

/// `+16315550101` from what Meta displays.
pub fn e164(displayed: &str) -> String {
    let digits = displayed.chars().filter(char::is_ascii_digit);
    core::iter::once('+').chain(digits).collect()
}

type Known<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Fills the placeholders. Secrets stay as they are: they are put in by whoever sends.
fn fill(text: &str, known: &Known<'_>) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if is_placeholder(name) => {
                if name.starts_with("secret") {
                    whole.extend(["{", name, "}"]);
                } else {
                    whole.push_str(&known(name)?);
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
    Some(whole)
}

/// Fills an address, each value percent-encoded.
fn address(url: &str, known: &Known<'_>) -> Option<String> {
    let encode = |name: &str| {
        let bytes = known(name)?;
        Some(
            form_urlencoded::byte_serialize(bytes.as_bytes())
                .collect::<String>()
                .replace('+', "%20"),
        )
    };
    fill(url, &encode).filter(|url| is_allowed(url))
}

fn filled(json: &Value, fill: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    Some(match json {
        Value::String(text) => Value::String(fill(text)?),
        Value::Array(list) => Value::Array(
            list.iter()
                .map(|one| filled(one, fill))
                .collect::<Option<_>>()?,
        ),
        Value::Object(map) => {
            let each = map
                .iter()
                .map(|(name, one)| Some((name.clone(), filled(one, fill)?)));
            Value::Object(each.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

fn texts(json: &Value, look: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    match json {
        Value::String(text) => look(text),
        Value::Array(list) => list.iter().try_for_each(|one| texts(one, look)),
        Value::Object(map) => map.values().try_for_each(|one| texts(one, look)),
        _ => Ok(()),
    }
}

/// The names of the placeholders in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0))
        .filter(|name| is_placeholder(name))
}

/// JSON texts hold braces of other meaning too.
fn is_placeholder(name: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'/' | b'-');
    !name.is_empty() && name.bytes().all(is_part)
}

fn is_header_name(name: &str) -> bool {
    let taken = ["host", "content-length", "connection", "transfer-encoding"];
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&name.len())
        && name.bytes().all(is_part)
        && !taken.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// One line of printable characters.
fn header(text: String) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    text.bytes().all(is_plain).then_some(text)
}

fn says(body: &[u8], expect: &Expect) -> bool {
    let said: Option<Value> = crate::json::from_slice(body).ok();
    let word = said.and_then(|said| word_at(&said, &expect.pointer));
    word.is_some_and(|word| expect.values.contains(&word))
}

/// A text, a number or a truth value, as text.
fn word_at(said: &Value, pointer: &str) -> Option<String> {
    match said.pointer(pointer)? {
        Value::String(text) => Some(text.chars().take(200).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A 2xx that does not say what it should.
fn refused(reply: &Reply) -> Failure {
    error::refused(reply.status)
}
