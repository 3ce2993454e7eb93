//! What a page posts to `/v1/signups/{id}/…`, one type per route. Every request is answered with a
//! [`Snapshot`](crate::snapshot::Snapshot).
//!
//! Ids in these requests are unverified: they come from a browser. The Worker checks them with the customer's
//! business token before it uses them.

use crate::granted::{self, GrantedIds};
use crate::id::{BadId, BusinessId, PhoneNumberId, WabaId};
use core::fmt;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `POST …/launched`: Meta's popup was opened. The body is optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LaunchedRequest {
    /// Number of this launch under this signup: one more than the `attempt` of the last snapshot, or 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// `POST …/outcome`: Meta returned an authorization code. Posted at once, because the code expires after 30
/// seconds, with whatever ids have arrived by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OutcomeRequest {
    /// The authorization code.
    pub code: String,
    /// Which way the code came.
    pub code_source: CodeSource,
    /// The `redirect_uri` of the SDK's dialog. Absent if the page could not read it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_uri: Option<String>,
    /// `event` of Meta's session info message, e.g. `FINISH`. Absent if no message has arrived yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<String>,
    /// Ids of Meta's session info message. Absent if no message has arrived yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ids: Option<SessionInfoIds>,
    /// Other assets that the message names. Anything that is none is ignored.
    #[serde(
        skip_serializing_if = "GrantedIds::is_empty",
        default,
        deserialize_with = "granted::lenient"
    )]
    pub granted: GrantedIds,
    /// Number of the launch that the code belongs to. Absent: the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// Which way an authorization code came. It decides which `redirect_uri` the exchange must repeat
/// (<https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeSource {
    /// From the callback of `FB.login`: the dialog used the SDK's own `redirect_uri`.
    Sdk,
    /// From this service's callback page: the dialog used the URL of that page.
    Redirect,
}

/// `POST …/assets`: the session info message arrived after the code was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssetsRequest {
    /// `event` of the message, e.g. `FINISH`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<String>,
    /// Ids of the message.
    pub ids: SessionInfoIds,
    /// Other assets that the message names. Anything that is none is ignored.
    #[serde(
        skip_serializing_if = "GrantedIds::is_empty",
        default,
        deserialize_with = "granted::lenient"
    )]
    pub granted: GrantedIds,
    /// Number of the launch that the message belongs to. Absent: the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// The ids in the session info message that Meta's popup sends to its opener. See
/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionInfoIds {
    /// The customer's WhatsApp Business Account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    /// The customer's number. Absent if the customer finished without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    /// The customer's business portfolio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
}

/// `POST …/ended`: the launch ended without a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndedRequest {
    /// How it ended.
    pub reason: EndReason,
    /// The screen of Meta's flow on which it ended, as Meta names it, e.g. `PHONE_NUMBER_SETUP`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_step: Option<String>,
    /// Meta's error code, as received.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    /// Meta's error message, as received.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_message: Option<String>,
    /// Meta's session id. Meta's support asks for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_id: Option<String>,
    /// Number of the launch that ended. Absent: the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// How a launch ended without a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Meta's `CANCEL` event with a step, or a callback without a code.
    Cancelled,
    /// Meta's `CANCEL` or `ERROR` event with an error.
    Error,
    /// The popup was closed without an event.
    Closed,
    /// The browser did not open the popup.
    Blocked,
    /// Meta's SDK answered without opening a popup.
    NoWindow,
}

impl EndReason {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Error => "error",
            Self::Closed => "closed",
            Self::Blocked => "blocked",
            Self::NoWindow => "no_window",
        }
    }
}

/// `POST …/input`: the answer to the `input` of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum InputRequest {
    /// Use this WhatsApp Business Account.
    Waba {
        /// One of the prompt's choices.
        waba_id: WabaId,
    },
    /// Use this number.
    Number {
        /// One of the prompt's choices.
        phone_number_id: PhoneNumberId,
    },
    /// The number's two-step verification PIN.
    Pin {
        /// Six decimal digits of any script; spaces and dashes between them are ignored.
        pin: String,
    },
    /// Have Meta send a verification code to the number.
    RequestCode {
        /// `SMS` or `VOICE`, in either case.
        method: String,
        /// The language of the page, a BCP 47 tag, e.g. `ar`. Absent: English.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        language: Option<String>,
    },
    /// The verification code that the number received.
    VerifyCode {
        /// Six digits, likewise; Meta prints them as `123-456`.
        code: String,
    },
}

/// An id in a request that does not have the shape of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId {
    /// The member that holds it, e.g. `waba_id`.
    pub member: &'static str,
    /// What was expected.
    pub error: BadId,
}

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.error)
    }
}

impl core::error::Error for MalformedId {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Checks the ids of a request that could not be read as its type: `serde` reports a malformed id as it does any other
/// mistake.
///
/// # Errors
/// The first id, as text, that does not have the shape of one.
pub fn check_ids(request: &Value) -> Result<(), MalformedId> {
    for document in [request, &request["ids"]] {
        check(document, "waba_id", WabaId::parse)?;
        check(document, "phone_number_id", PhoneNumberId::parse)?;
        check(document, "business_id", BusinessId::parse)?;
    }
    Ok(())
}

fn check<T>(
    document: &Value,
    member: &'static str,
    parse: fn(&str) -> Result<T, BadId>,
) -> Result<(), MalformedId> {
    let Some(text) = document[member].as_str() else {
        return Ok(());
    };
    parse(text)
        .map(|_| ())
        .map_err(|error| MalformedId { member, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn malformed_id_has_its_own_error() {
        for (request, member) in [
            (
                json!({"code": "c", "ids": {"waba_id": "12a45"}}),
                Some("waba_id"),
            ),
            (
                json!({"ids": {"phone_number_id": ""}}),
                Some("phone_number_id"),
            ),
            (json!({"ids": {"business_id": "1"}}), Some("business_id")),
            (json!({"kind": "waba", "waba_id": "ten"}), Some("waba_id")),
            (json!({"ids": {"waba_id": 123_456}}), None),
            (json!({"ids": {"waba_id": "123456"}, "extra": 1}), None),
            (json!({"code": "not an id"}), None),
            (json!([]), None),
            (Value::Null, None),
        ] {
            let found = check_ids(&request).err();
            assert_eq!(found.map(|found| found.member), member, "{request}");
        }
    }
}
