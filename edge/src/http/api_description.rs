//! `GET /v1/openapi.json`: the OpenAPI document of an origin, which names no path of the other one.
//!
//! `cargo xtask generate` writes the documents from the types and the route table, and the build copies them to the static
//! files: compiled into the Worker, they would cost its start.

use super::incoming::Incoming;
use super::response::HandlerResponse;
use crate::fetch;
use crate::telemetry;
use embark_onboarding::telemetry::Subject;
use embark_protocol::{Problem, ProblemCode};

/// The document of the public origin.
///
/// # Errors
/// `internal`: the file cannot be read.
pub async fn of_public_origin(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    read(incoming, "/v1/openapi.json").await
}

/// The document of the operator's origin.
///
/// # Errors
/// `internal`: the file cannot be read.
pub async fn of_operator_origin(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    read(incoming, "/v1/openapi-admin.json").await
}

/// Static files below `/v1` are not served by themselves (`run_worker_first` in `wrangler.toml`).
async fn read(incoming: &Incoming<'_>, path: &str) -> Result<HandlerResponse, Problem> {
    let file = fetch::read_asset(incoming.env, path).await;
    if let Err(error) = &file {
        let detail = format!("{path}: {error}");
        telemetry::failure("api_description", &detail, &Subject::default());
    }
    let text = file.ok().flatten().map(String::from_utf8);
    match text {
        Some(Ok(text)) => Ok(HandlerResponse::Json(text)),
        _ => Err(Problem::new(ProblemCode::Internal)),
    }
}
