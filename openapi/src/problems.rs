//! Problem codes: the answers of a route that have one, and all of them.

use crate::content::reference;
use embark_protocol::{Problem, ProblemCode};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::schema::{AllOfBuilder, SchemaType};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type};

/// The responses of a route that have a problem, by their status. Those that many routes have alike are references to
/// [`shared`].
pub fn responses(problems: &[(u16, ProblemCode)]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for (status, code) in problems {
        by_status.entry(*status).or_default().push(*code);
    }
    let response = |(status, codes): (u16, Vec<ProblemCode>)| {
        let shared = SHARED.iter().find(|shared| shared.codes == codes);
        let response = match shared {
            Some(shared) => Ref::from_response_name(shared.name).into(),
            None => response(&codes).into(),
        };
        (status.to_string(), response)
    };
    by_status.into_iter().map(response).collect()
}

/// The responses that routes refer to, by their name.
pub fn shared() -> BTreeMap<String, RefOr<Response>> {
    let shared = SHARED.iter();
    shared
        .map(|shared| (shared.name.to_owned(), response(shared.codes).into()))
        .collect()
}

fn response(codes: &[ProblemCode]) -> Response {
    let lines = codes.iter().map(|code| {
        let (wire, title) = (code.as_str(), code.title());
        format!("- `{wire}`: {title}.")
    });
    let any_code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes.iter().map(|code| code.as_str())));
    let with_code = ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .property("code", any_code);
    let problem = AllOfBuilder::new()
        .item(reference::<Problem>())
        .item(with_code)
        .build();
    let content = ContentBuilder::new()
        .schema(Some(Schema::AllOf(problem)))
        .build();
    ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join("\n"))
        .content(MEDIA_TYPE, content)
        .build()
}

/// The schema of all codes: with a table of what they mean, for people, and as a list, for programs.
///
/// # Errors
/// None: the list is JSON.
pub fn schema_of_codes() -> serde_json::Result<Value> {
    let codes = ProblemCode::ALL.iter().map(|code| ListedCode {
        code: code.as_str(),
        title: code.title(),
        status: code.http_status(),
        remedy: code.remedy().as_str(),
    });
    let codes: Vec<_> = codes.collect();
    let mut table = vec!["| code | status | remedy | meaning |".to_owned()];
    table.push("|---|---|---|---|".to_owned());
    table.extend(codes.iter().map(|listed| {
        let ListedCode {
            code,
            title,
            status,
            remedy,
        } = listed;
        format!("| `{code}` | {status} | {remedy} | {title} |")
    }));
    let about = [ABOUT, &table.join("\n")].concat();
    let words: Vec<_> = codes.iter().map(|listed| listed.code).collect();
    Ok(json!({
        "type": "string",
        "enum": words,
        "description": about,
        "x-problems": serde_json::to_value(&codes)?,
    }))
}

/// A code in the extension `x-problems`.
#[derive(Serialize)]
struct ListedCode {
    code: &'static str,
    title: &'static str,
    /// The HTTP status of a response with it.
    status: u16,
    /// Who must act, unless the problem document says otherwise.
    remedy: &'static str,
}

/// Problems that many routes have alike.
struct SharedResponse {
    name: &'static str,
    codes: &'static [ProblemCode],
}

const SHARED: &[SharedResponse] = &[
    SharedResponse {
        name: "Unauthorized",
        codes: &[ProblemCode::Unauthorized],
    },
    SharedResponse {
        name: "MethodNotAllowed",
        codes: &[ProblemCode::MethodNotAllowed],
    },
    SharedResponse {
        name: "BodyTooLarge",
        codes: &[ProblemCode::BodyTooLarge],
    },
    SharedResponse {
        name: "TooManyRequests",
        codes: &[ProblemCode::TooManyRequests],
    },
    SharedResponse {
        name: "Internal",
        codes: &[ProblemCode::AppMisconfigured, ProblemCode::Internal],
    },
];

const ABOUT: &str = "What went wrong. No code is ever renamed or given another meaning; more may be added. \
    The remedy is who must act: `retry` the client, by the same request, later; `relaunch` the customer, by Meta's window \
    again; `customer` the customer, usually at Meta; `operator` the partner's operator; `contact` nobody whom this service \
    knows: the partner is to be asked. A code of a signup comes as the `problem` of a snapshot or an event, most of them \
    never as a response.\n\n";

const MEDIA_TYPE: &str = "application/problem+json";
