//! Tokens: the one that an exchange issues, and the inspection of a token.

use super::decode::decode;
use super::id_text::TextOrNumber;
use super::lenient;
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
    #[serde(default, deserialize_with = "lenient::unsigned")]
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
    /// Meta's id, for this app, of the person or system user who granted it. `None`: Meta did not say, or it was read before
    /// this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
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

#[derive(Deserialize)]
struct TokenInfoData {
    #[serde(default, deserialize_with = "lenient::flag")]
    is_valid: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    app_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    scopes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    granular_scopes: Vec<GranularScope>,
    #[serde(default, deserialize_with = "lenient::unsigned")]
    expires_at: Option<u64>,
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct GranularScope {
    #[serde(default, deserialize_with = "lenient::text")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    target_ids: Vec<TextOrNumber>,
}

impl GranularScope {
    fn is(&self, scope: &str) -> bool {
        let own = self.scope.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(scope))
    }

    /// Whether the scope is about WhatsApp accounts: that of portfolios lists other ids.
    fn is_of_accounts(&self) -> bool {
        let prefix = |scope: &str| {
            scope
                .get(..ACCOUNT_SCOPES.len())
                .map(str::to_ascii_lowercase)
        };
        self.scope.as_deref().and_then(prefix).as_deref() == Some(ACCOUNT_SCOPES)
    }
}

impl From<TokenInfoData> for TokenInfo {
    /// The accounts are those of the management scope; if it lists none, those of any other scope of accounts.
    fn from(data: TokenInfoData) -> Self {
        let mut wabas = vec![];
        let granular = &data.granular_scopes;
        let first = granular.iter().filter(|scope| scope.is(MANAGEMENT));
        let others = granular.iter().filter(|scope| scope.is_of_accounts());
        collect_accounts(&mut wabas, first);
        if wabas.is_empty() {
            collect_accounts(&mut wabas, others);
        }
        let mut scopes = data.scopes;
        for scope in granular
            .iter()
            .filter_map(|granular| granular.scope.clone())
        {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Self {
            is_valid: data.is_valid == Some(true),
            app_id: data.app_id,
            scopes,
            wabas,
            expires_at: data.expires_at,
            kind: data.kind,
            user_id: data.user_id.filter(|id| is_user_id(id)),
        }
    }
}

/// Whether text may be Meta's id of a person or system user: digits, as of all its ids.
pub fn is_user_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds the accounts of these scopes, each once.
fn collect_accounts<'a>(wabas: &mut Vec<WabaId>, scopes: impl Iterator<Item = &'a GranularScope>) {
    for target in scopes.flat_map(|granular| &granular.target_ids) {
        let Ok(waba) = WabaId::parse(&target.0) else {
            continue;
        };
        if wabas.len() < MAX_TARGETS && !wabas.contains(&waba) {
            wabas.push(waba);
        }
    }
}

/// The permission to manage accounts, which every policy needs.
pub const MANAGEMENT: &str = "whatsapp_business_management";
/// The permission to register numbers and to send messages.
pub const MESSAGING: &str = "whatsapp_business_messaging";

/// What the names of all scopes of WhatsApp accounts begin with.
const ACCOUNT_SCOPES: &str = "whatsapp_business_";
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
    fn access_token_is_kept_whatever_the_other_members_are() {
        for (member, want) in [
            (r#""expires_in":"5183944""#, Some(5_183_944)),
            (r#""expires_in":5183944.0"#, Some(5_183_944)),
            (r#""expires_in":null"#, None),
            (r#""expires_in":-1"#, None),
            (r#""expires_in":{}"#, None),
            (r#""expires_in":"never""#, None),
            (r#""token_type":7"#, None),
        ] {
            let body = format!(r#"{{"access_token":"EAAx",{member}}}"#);
            let issued = decode::<IssuedToken>(ok(body.as_bytes())).unwrap();
            assert_eq!(issued.expires_in, want, "{member}");
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

    #[test]
    fn accounts_are_found_under_any_scope_of_accounts_each_once() {
        let wabas = |granular: &str| {
            let body = format!(r#"{{"data":{{"is_valid":true,"granular_scopes":{granular}}}}}"#);
            let info = decode_token_info(ok(body.as_bytes())).unwrap();
            let ids: Vec<String> = info.wabas.iter().map(ToString::to_string).collect();
            ids.join(" ")
        };
        let portfolio = r#"{"scope":"business_management","target_ids":["40000"]}"#;
        for (granular, want) in [
            (
                r#"[{"scope":"whatsapp_business_messaging","target_ids":["50000"]}]"#.to_owned(),
                "50000",
            ),
            (
                format!(
                    r#"[{portfolio},{{"scope":"whatsapp_business_manage_events","target_ids":[50000]}}]"#
                ),
                "50000",
            ),
            (
                r#"[{"scope":"whatsapp_business_messaging","target_ids":["50001"]},
                    {"scope":"WhatsApp_Business_Management","target_ids":["50000","50000"]}]"#
                    .to_owned(),
                "50000",
            ),
            (format!("[{portfolio}]"), ""),
            (
                r#"[{"scope":"whatsapp_business_management","target_ids":null}]"#.to_owned(),
                "",
            ),
            (
                r#"[{"scope":"whatsapp_business_management"},null,7,{"scope":null}]"#.to_owned(),
                "",
            ),
            (
                r#"[{"scope":"whatsapp_business_management","target_ids":["x",1.5,null,"50000"]}]"#
                    .to_owned(),
                "50000",
            ),
            ("null".to_owned(), ""),
            (r#""none""#.to_owned(), ""),
        ] {
            assert_eq!(wabas(&granular), want, "{granular}");
        }
    }

    #[test]
    fn token_info_members_of_other_types_never_cost_the_rest() {
        let body = br#"{"data":{"app_id":1000000000000001,"is_valid":"true","scopes":null,"expires_at":"0","type":7,
            "granular_scopes":[{"scope":"whatsapp_business_management"}]}}"#;
        let info = decode_token_info(ok(body)).unwrap();
        assert!(info.is_valid);
        assert_eq!(info.app_id.as_deref(), Some("1000000000000001"));
        assert_eq!(
            (info.expires_at, info.kind.as_deref()),
            (Some(0), Some("7"))
        );
        assert_eq!(info.scopes, [MANAGEMENT]);
        for body in ["{}", r#"{"data":null}"#, r#"{"data":"none"}"#, "<html>"] {
            assert!(decode_token_info(ok(body.as_bytes())).is_err(), "{body}");
        }
    }
}
