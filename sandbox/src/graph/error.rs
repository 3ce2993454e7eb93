//! Meta's error envelope, and the errors it is known to give, word for word where the words are known
//! (Graph API, "Handle errors"; Cloud API, "Error codes").

use crate::world::random_word;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    pub http: u16,
    pub code: i64,
    pub subcode: Option<i64>,
    pub kind: &'static str,
    pub message: String,
    pub details: Option<String>,
    pub transient: bool,
}

impl GraphError {
    pub fn new(http: u16, code: i64, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            http,
            code,
            subcode: None,
            kind: OAUTH,
            message,
            details: None,
            transient: false,
        }
    }

    /// A code of the Cloud API: `(#133005) …` with the reason in `error_data.details`.
    pub fn cloud(code: i64, title: &str, details: impl Into<String>) -> Self {
        let mut error = Self::new(http_of(code), code, format!("(#{code}) {title}"));
        error.details = Some(details.into());
        error
    }

    pub fn parameter(what: impl std::fmt::Display) -> Self {
        Self::new(400, 100, format!("(#100) {what}"))
    }

    pub fn subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    pub fn proof_missing() -> Self {
        Self::new(
            400,
            100,
            "API calls from the server require an appsecret_proof argument",
        )
        .method()
    }

    pub fn proof_wrong() -> Self {
        Self::new(
            400,
            100,
            "Invalid appsecret_proof provided in the API argument",
        )
        .method()
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
        .subcode(463)
    }

    pub fn token_revoked() -> Self {
        Self::new(
            401,
            190,
            "The session has been invalidated because the user has not authorized the application.",
        )
        .subcode(458)
    }

    /// 200: the token lacks what the call needs.
    pub fn permission(what: &str) -> Self {
        Self::new(403, 200, format!("(#200) {what}"))
    }

    pub fn not_permitted() -> Self {
        Self::new(
            403,
            10,
            "(#10) Application does not have permission for this action",
        )
    }

    /// The one answer for what is not there and for what is somebody else's.
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
        .subcode(33)
        .method()
    }

    pub fn unknown_path(path: &str) -> Self {
        Self::new(400, 2500, format!("Unknown path components: {path}"))
    }

    fn method(mut self) -> Self {
        self.kind = "GraphMethodException";
        self
    }

    pub fn body(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": format!("A{}", random_word(22)),
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

    /// `WWW-Authenticate`, sent with OAuth errors.
    pub fn challenge(&self) -> Option<String> {
        let word = match (self.code, self.subcode) {
            (190, _) => "invalid_token",
            (100, Some(36007..=36009)) => "invalid_code",
            (1 | 101, _) => "invalid_client",
            (10 | 200..=299, _) => "insufficient_scope",
            _ => "invalid_request",
        };
        // A header value: visible ASCII without quotes.
        let text: String = self
            .message
            .chars()
            .filter(|c| matches!(c, ' '..='~') && *c != '"')
            .collect();
        (self.kind == OAUTH).then(|| format!("OAuth \"Facebook Platform\" \"{word}\" \"{text}\""))
    }
}

/// HTTP status of a code, as Meta's table of error codes gives it.
pub fn http_of(code: i64) -> u16 {
    match code {
        0 | 190 => 401,
        10 | 200..=299 | 368 | 130497 | 131005 | 131031 => 403,
        132001 => 404,
        2 | 133004 => 503,
        3 | 131000 | 131016 | 131045 | 131057 | 133000 | 135000 => 500,
        _ => 400,
    }
}

const OAUTH: &str = "OAuthException";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_a_trace_id_and_details_where_they_belong() {
        let body = GraphError::cloud(133005, "Two step verification PIN Mismatch", "wrong").body();
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
    fn statuses_follow_the_table() {
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
            assert_eq!(http_of(code), http, "{code}");
        }
        for (code, http) in [
            (133000, 500),
            (133004, 503),
            (133005, 400),
            (133016, 400),
            (136025, 400),
        ] {
            assert_eq!(http_of(code), http, "{code}");
        }
    }

    #[test]
    fn oauth_errors_carry_a_challenge_and_method_errors_none() {
        let expired =
            GraphError::new(400, 100, "This authorization code has expired.").subcode(36007);
        assert_eq!(
            expired.challenge().as_deref(),
            Some(
                "OAuth \"Facebook Platform\" \"invalid_code\" \"This authorization code has expired.\""
            )
        );
        assert_eq!(GraphError::proof_wrong().challenge(), None);
    }
}
