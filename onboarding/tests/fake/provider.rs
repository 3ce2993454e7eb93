//! A messaging provider other than Meta, as far as one signup sees it.

use super::meta::FakeMeta;
use super::response::http_response;
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::transport::{ApiResult, TransportError};
use serde_json::json;

/// A provider that accepts every order, or replies as the test scripted.
#[derive(Default)]
pub struct FakeProvider {
    /// Replies to the next requests, in order. After them each order is accepted.
    pub script: Vec<ApiResult>,
    /// What the status URL returns, one by one; the last one for ever. Empty: `ONLINE`.
    pub statuses: Vec<&'static str>,
    /// Whether an accepted order connects the number at Meta, as Infobip's does.
    pub connects_number: bool,
    /// The requests received.
    pub requests: Vec<ProviderRequest>,
}

impl FakeProvider {
    /// Receives a request. An order whose connection breaks off takes effect.
    pub fn reply(&mut self, request: &ProviderRequest, meta: &mut FakeMeta) -> ApiResult {
        meta.calls.push(request.name);
        self.requests.push(request.clone());
        let is_order = matches!(request.name, "share_waba" | "handoff");
        let scripted = (!self.script.is_empty()).then(|| self.script.remove(0));
        let accepted = matches!(scripted, None | Some(Err(TransportError::Connection)));
        if is_order && accepted && self.connects_number {
            meta.connect_number();
        }
        if let Some(scripted) = scripted {
            return scripted;
        }
        if is_order {
            return http_response(201, r#"{"sid":"XE1","status":"CREATING"}"#);
        }
        let status = match self.statuses.as_slice() {
            [last] => last,
            [_, ..] => self.statuses.remove(0),
            [] => "ONLINE",
        };
        http_response(200, &json!({"sid": "XE1", "status": status}).to_string())
    }
}
