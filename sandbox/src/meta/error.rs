//! Meta's errors as JSON, with the texts Meta uses where they are known.
//! <https://developers.facebook.com/docs/graph-api/guides/error-handling>,
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>

use crate::http::Reply;
use crate::world::random_alphanumeric;
use serde_json::{Value, json};

/// The error of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    pub http_status: u16,
    pub code: i64,
    pub subcode: Option<i64>,
    /// `OAuthException` or `GraphMethodException`.
    pub error_type: &'static str,
    pub message: String,
    /// `error_data.details`, where the Cloud API gives the reason.
    pub details: Option<String>,
    /// Sent as `is_transient` when it is true.
    pub transient: bool,
}

impl GraphError {
    /// An `OAuthException` without subcode and details.
    pub fn new(http_status: u16, code: i64, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            http_status,
            code,
            subcode: None,
            error_type: OAUTH_EXCEPTION,
            message,
            details: None,
            transient: false,
        }
    }

    /// An error of the Cloud API: the message `(#133005) …`, with the reason in `error_data.details`.
    pub fn cloud_api(code: i64, title: &str, details: impl Into<String>) -> Self {
        let mut error = Self::new(http_status_for(code), code, format!("(#{code}) {title}"));
        error.details = Some(details.into());
        error
    }

    /// 100: a parameter is missing or wrong.
    pub fn invalid_parameter(text: impl std::fmt::Display) -> Self {
        Self::new(400, 100, format!("(#100) {text}"))
    }

    pub fn with_subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// The app requires `appsecret_proof` and the request has none.
    pub fn proof_missing() -> Self {
        Self::new(
            400,
            100,
            "API calls from the server require an appsecret_proof argument",
        )
        .into_method_exception()
    }

    pub fn proof_wrong() -> Self {
        Self::new(
            400,
            100,
            "Invalid appsecret_proof provided in the API argument",
        )
        .into_method_exception()
    }

    pub fn token_missing() -> Self {
        Self::new(
            400,
            104,
            "An access token is required to request this resource.",
        )
    }

    pub fn token_unknown() -> Self {
        Self::new(
            401,
            190,
            "Invalid OAuth access token - Cannot parse access token",
        )
    }

    pub fn token_expired() -> Self {
        Self::new(
            401,
            190,
            "Error validating access token: Session has expired.",
        )
        .with_subcode(463)
    }

    pub fn token_revoked() -> Self {
        Self::new(
            401,
            190,
            "The session has been invalidated because the user has not authorized the application.",
        )
        .with_subcode(458)
    }

    /// 200: the token lacks a permission that the call needs.
    pub fn permission(text: &str) -> Self {
        Self::new(403, 200, format!("(#200) {text}"))
    }

    /// 10: the app may not do that.
    pub fn not_permitted() -> Self {
        Self::new(
            403,
            10,
            "(#10) Application does not have permission for this action",
        )
    }

    /// 100/33: the object does not exist, or is not accessible; Meta does not say which.
    pub fn unsupported(method: &str, id: &str) -> Self {
        let method = method.to_ascii_lowercase();
        Self::new(
            400,
            100,
            format!(
                "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to \
                 missing permissions, or does not support this operation. Please read the Graph API \
                 documentation at https://developers.facebook.com/docs/graph-api"
            ),
        )
        .with_subcode(33)
        .into_method_exception()
    }

    pub fn unknown_path(path: &str) -> Self {
        Self::new(400, 2500, format!("Unknown path components: {path}"))
    }

    fn into_method_exception(mut self) -> Self {
        self.error_type = "GraphMethodException";
        self
    }

    /// The response.
    pub fn to_reply(&self) -> Reply {
        let mut reply = Reply::json(self.http_status, &self.body());
        reply.error_code = Some(self.code);
        reply.error_subcode = self.subcode;
        match self.www_authenticate() {
            Some(challenge) => reply.with_header("www-authenticate", &challenge),
            None => reply,
        }
    }

    fn body(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.error_type,
            "code": self.code,
            "fbtrace_id": format!("A{}", random_alphanumeric(22)),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if self.transient {
            error["is_transient"] = true.into();
        }
        json!({ "error": error })
    }

    /// The header `WWW-Authenticate`; `None` for errors that are not OAuth errors.
    fn www_authenticate(&self) -> Option<String> {
        let error = match (self.code, self.subcode) {
            (190, _) => "invalid_token",
            (100, Some(36007..=36009)) => "invalid_code",
            (1 | 101, _) => "invalid_client",
            (10 | 200..=299, _) => "insufficient_scope",
            _ => "invalid_request",
        };
        // The header has the text in quotes: only visible ASCII, without quotes.
        let text: String = self
            .message
            .chars()
            .filter(|c| matches!(c, ' '..='~') && *c != '"')
            .collect();
        (self.error_type == OAUTH_EXCEPTION)
            .then(|| format!("OAuth \"Facebook Platform\" \"{error}\" \"{text}\""))
    }
}

/// HTTP status of an error code, from Meta's table of error codes.
fn http_status_for(code: i64) -> u16 {
    match code {
        0 | 190 => 401,
        10 | 200..=299 | 368 | 130497 | 131005 | 131031 => 403,
        132001 => 404,
        2 | 133004 => 503,
        3 | 131000 | 131016 | 131045 | 131057 | 133000 | 135000 => 500,
        _ => 400,
    }
}

const OAUTH_EXCEPTION: &str = "OAuthException";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_body_has_trace_id_and_details() {
        let body =
            GraphError::cloud_api(133005, "Two step verification PIN Mismatch", "wrong").body();
        assert_eq!(
            body["error"]["message"],
            "(#133005) Two step verification PIN Mismatch"
        );
        assert_eq!(body["error"]["error_data"]["details"], "wrong");
        assert!(
            body["error"]["fbtrace_id"]
                .as_str()
                .is_some_and(|id| id.len() == 23)
        );
        assert!(body["error"].get("error_subcode").is_none());
    }

    #[test]
    fn http_status_follows_metas_table() {
        for (code, http) in [
            (0, 401),
            (2, 503),
            (3, 500),
            (10, 403),
            (100, 400),
            (190, 401),
            (200, 403),
            (131031, 403),
        ] {
            assert_eq!(http_status_for(code), http, "{code}");
        }
        for (code, http) in [
            (133000, 500),
            (133004, 503),
            (133005, 400),
            (133016, 400),
            (136025, 400),
        ] {
            assert_eq!(http_status_for(code), http, "{code}");
        }
    }

    #[test]
    fn www_authenticate_is_sent_with_oauth_errors_only() {
        let expired =
            GraphError::new(400, 100, "This authorization code has expired.").with_subcode(36007);
        assert_eq!(
            expired.www_authenticate().as_deref(),
            Some(
                "OAuth \"Facebook Platform\" \"invalid_code\" \"This authorization code has expired.\""
            )
        );
        assert_eq!(GraphError::proof_wrong().www_authenticate(), None);
    }
}
