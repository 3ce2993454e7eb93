//! Errors of the control API.

use super::merge_patch::PatchError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// 400 with `{"error": text}`.
pub struct ControlError(pub String);

impl From<String> for ControlError {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<PatchError> for ControlError {
    fn from(error: PatchError) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}
