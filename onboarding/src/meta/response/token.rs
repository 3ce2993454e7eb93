//! Tokens: the one that an exchange issues, and the inspection of a token.

use super::decode::{TextOrNumber, decode};
use crate::crypto::Secret;
use crate::meta::error::ApiError;
use crate::transport::ApiResult;
use embark_protocol::WabaId;
use serde::{Deserialize, Serialize};

/// `POST /oauth/access_token`: the business token
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider>).
#[derive(Deserialize)]
#[serde(try_from = "IssuedTokenWire")]
pub struct IssuedToken {
    /// The token.
    pub token: Secret,
    /// Seconds until it expires. `None`: it does not expire, or Meta did not say.
    pub expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct IssuedTokenWire {
    access_token: String,
    expires_in: Option<u64>,
}

impl TryFrom<IssuedTokenWire> for IssuedToken {
    type Error = &'static str;

    fn try_from(wire: IssuedTokenWire) -> Result<Self, Self::Error> {
        let printable = wire
            .access_token
            .bytes()
            .all(|byte| byte.is_ascii_graphic());
        if !(1..=MAX_TOKEN_LENGTH).contains(&wire.access_token.len()) || !printable {
            return Err("not an access token");
        }
        Ok(Self {
            token: Secret::new(wire.access_token),
            expires_in: wire.expires_in,
        })
    }
}

/// `GET /debug_token`: what a token is valid for
/// (<https://developers.facebook.com/docs/graph-api/reference/debug_token>). Stored in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// Whether Meta accepts the token.
    pub is_valid: bool,
    /// The app that it was issued for.
    pub app_id: Option<String>,
    /// The permissions granted.
    pub scopes: Vec<String>,
    /// The accounts that `whatsapp_business_management` was granted for, newest first. Meta lists none for some
    /// tokens, so an empty list proves nothing.
    pub wabas: Vec<WabaId>,
    /// When the token expires, in Unix seconds; 0: never. `None`: Meta did not say.
    pub expires_at: Option<u64>,
    /// The type of the token, e.g. `SYSTEM_USER`.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Reads the response of `GET /debug_token`.
///
/// # Errors
/// As of [`decode`].
pub fn decode_token_info(result: ApiResult) -> Result<TokenInfo, ApiError> {
    decode::<TokenInfoWire>(result).map(|wire| wire.data.into())
}

#[derive(Deserialize)]
struct TokenInfoWire {
    data: TokenInfoData,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenInfoData {
    is_valid: bool,
    app_id: Option<TextOrNumber>,
    scopes: Vec<String>,
    granular_scopes: Vec<GranularScope>,
    expires_at: Option<u64>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GranularScope {
    scope: String,
    target_ids: Vec<TextOrNumber>,
}

impl From<TokenInfoData> for TokenInfo {
    fn from(data: TokenInfoData) -> Self {
        let wabas = data
            .granular_scopes
            .iter()
            .filter(|granular| granular.scope == MANAGEMENT)
            .flat_map(|granular| &granular.target_ids)
            .filter_map(|id| WabaId::parse(&id.0).ok())
            .take(MAX_TARGETS)
            .collect();
        Self {
            is_valid: data.is_valid,
            app_id: data.app_id.map(|id| id.0),
            scopes: data.scopes,
            wabas,
            expires_at: data.expires_at,
            kind: data.kind,
        }
    }
}

/// The permission to manage accounts, which every policy needs.
pub const MANAGEMENT: &str = "whatsapp_business_management";
/// The permission to register numbers and to send messages.
pub const MESSAGING: &str = "whatsapp_business_messaging";

/// The longest access token that is accepted, in bytes.
const MAX_TOKEN_LENGTH: usize = 4_096;
/// How many accounts of a token are kept; more are not read.
const MAX_TARGETS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::ApiResponse;

    fn ok(body: &[u8]) -> ApiResult {
        Ok(ApiResponse {
            status: 200,
            retry_after: None,
            body: body.to_vec(),
        })
    }

    #[test]
    fn access_token_plausible_is_read() {
        let body = br#"{"access_token":"EAAx","token_type":"bearer","expires_in":5183944}"#;
        let issued = decode::<IssuedToken>(ok(body)).unwrap();
        assert_eq!(
            (issued.token.expose_secret(), issued.expires_in),
            ("EAAx", Some(5_183_944))
        );
    }

    #[test]
    fn access_token_malformed_is_unreadable() {
        let bad: [&[u8]; 6] = [
            b"",
            b"{}",
            b"EAAx",
            br#"{"access_token":""}"#,
            br#"{"access_token":7}"#,
            br#"{"access_"#,
        ];
        for body in bad {
            assert!(decode::<IssuedToken>(ok(body)).is_err());
        }
    }

    #[test]
    fn token_info_with_and_without_targets_is_read() {
        let with = br#"{"data":{"app_id":"1","is_valid":true,"scopes":["a"],"granular_scopes":[
            {"scope":"whatsapp_business_management","target_ids":["50000",60001]},{"scope":"x"}]}}"#;
        let info = decode_token_info(ok(with)).unwrap();
        assert_eq!(
            info.wabas.iter().map(WabaId::as_str).collect::<Vec<_>>(),
            ["50000", "60001"]
        );
        let without = br#"{"data":{"app_id":1,"is_valid":false}}"#;
        let info = decode_token_info(ok(without)).unwrap();
        assert_eq!(
            (info.app_id.as_deref(), info.is_valid, info.wabas.len()),
            (Some("1"), false, 0)
        );
    }
}
