//! Finds what a Graph call is for, and whether its token reaches that.

use super::response::{graph_error, ok};
use super::state::{Caller, Meta};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;

impl Meta {
    /// Acts on a call and returns the response.
    pub fn handle(
        &mut self,
        request: &GraphRequest,
        caller: &Caller,
        now: UnixMillis,
    ) -> ApiResult {
        let body = request.body.as_ref();
        let body = body.map_or("", |body| body.text.expose_secret());
        match request.name {
            "exchange" => return self.exchange(body, now),
            "subscriptions" => return app_subscriptions(),
            "debug_token" => return self.debug_token(&request.target),
            _ => {}
        }
        if let Some(response) = self.handle_credit(request, caller, now) {
            return response;
        }
        // /v25.0/<id>/…
        let id = request.target.split(['/', '?']).nth(2).unwrap_or("");
        let waba = self.wabas.iter().position(|waba| waba.id == id);
        let number = self.numbers.iter().position(|number| number.id == id);
        if let (Some(number), "register") = (number, request.name) {
            self.numbers[number].register_calls += 1;
        }
        let bearer = request.bearer.as_ref();
        let bearer = bearer.map_or("", |token| token.expose_secret());
        let Some(token) = self.tokens.iter().find(|token| token.text == bearer) else {
            return graph_error(401, 190, None, None);
        };
        if !token.valid {
            return graph_error(401, 190, Some(460), None);
        }
        let reaches = |waba: usize| token.grants.wabas.contains(&waba);
        match (waba, number) {
            (Some(waba), _) if reaches(waba) => self.handle_waba(waba, request, now),
            (None, Some(number)) if reaches(self.numbers[number].waba) => {
                self.handle_number(number, request.name, body, caller)
            }
            _ => graph_error(400, 100, Some(33), None),
        }
    }
}

/// `GET /{app}/subscriptions`: the webhook fields that a synchronisation needs.
fn app_subscriptions() -> ApiResult {
    let field = |name: &str| format!(r#"{{"name":"{name}"}}"#);
    let fields = ["history", "smb_app_state_sync", "smb_message_echoes"].map(field);
    ok(format!(
        r#"{{"data":[{{"object":"whatsapp_business_account","callback_url":"https://x.example/","active":true,"fields":[{}]}}]}}"#,
        fields.join(",")
    ))
}
