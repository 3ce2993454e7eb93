//! Authorization codes and business tokens. A code lives 30 seconds and is exchanged once.

use super::limits::spent_code_is_repeated_once;
use super::response::{graph_error, ok};
use super::state::{APP_ID, AuthorizationCode, BusinessToken, Grants, Meta};
use core::time::Duration;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;

impl Meta {
    /// Issues an authorization code.
    pub fn issue_code(
        &mut self,
        now: UnixMillis,
        redirect_uri: Option<String>,
        grants: Grants,
    ) -> String {
        let text = format!("AQcode{}x{}", self.codes.len(), now.0 % SHORT_TIME);
        self.codes.push(AuthorizationCode {
            text: text.clone(),
            issued_at: now,
            spent: false,
            repetitions: 0,
            redirect_uri,
            grants,
        });
        text
    }

    /// `POST /oauth/access_token`.
    pub(super) fn exchange(&mut self, form: &str, now: UnixMillis) -> ApiResult {
        let field = |name: &str| {
            form.split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        if field("client_secret") != Some(self.app_secret.as_str()) {
            return graph_error(400, 1, None, None);
        }
        let sent = field("code").unwrap_or("");
        let Some(code) = self.codes.iter_mut().find(|code| code.text == sent) else {
            return graph_error(400, 100, Some(36_007), None);
        };
        if code.spent {
            code.repetitions += 1;
            let check = spent_code_is_repeated_once(code);
            self.enforce(check);
            return graph_error(400, 100, Some(36_009), None);
        }
        if now > code.issued_at + CODE_LIFETIME {
            return graph_error(400, 100, Some(36_007), None);
        }
        if field("redirect_uri") != code.redirect_uri.as_deref() {
            return graph_error(400, 100, Some(36_008), None);
        }
        code.spent = true;
        let text = format!("EAAtoken{}x{}", self.tokens.len(), now.0 % SHORT_TIME);
        let body =
            format!(r#"{{"access_token":"{text}","token_type":"bearer","expires_in":5183944}}"#);
        self.tokens.push(BusinessToken {
            text,
            valid: true,
            grants: code.grants.clone(),
        });
        ok(body)
    }

    /// `GET /debug_token`.
    pub(super) fn debug_token(&self, target: &str) -> ApiResult {
        let input = target.split_once("input_token=").map_or("", |at| at.1);
        let Some(token) = self.tokens.iter().find(|token| token.text == input) else {
            return ok(r#"{"data":{"is_valid":false}}"#.into());
        };
        let grants = &token.grants;
        let listed = grants.wabas.iter().filter(|_| grants.wabas_listed);
        let ids: Vec<String> = listed
            .map(|waba| format!("\"{}\"", self.wabas[*waba].id))
            .collect();
        let messaging = if grants.messaging {
            r#","whatsapp_business_messaging""#
        } else {
            ""
        };
        ok(format!(
            r#"{{"data":{{"app_id":"{APP_ID}","is_valid":{},"scopes":["whatsapp_business_management"{messaging}],"granular_scopes":[{{"scope":"whatsapp_business_management","target_ids":[{}]}}]}}}}"#,
            token.valid,
            ids.join(",")
        ))
    }
}

const CODE_LIFETIME: Duration = Duration::from_secs(30);
/// Codes and tokens end with the time of their issue, in milliseconds, reduced by this modulus.
const SHORT_TIME: u64 = 1_000_000_007;
