//! Meta, as far as signups see it: authorization codes, tokens, WhatsApp Business Accounts and phone numbers. It
//! keeps what it did, which the invariants compare with what signups believe.

mod assets;
mod oauth;
pub mod response;

pub use assets::{Number, Waba};
pub use oauth::{AuthorizationCode, BusinessToken, Grants};

use crate::invariants::{Check, Violation};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_protocol::SignupId;
use response::{graph_error, ok};

/// The id of the Meta app.
pub const APP_ID: &str = "1000000000000001";

/// Everything that Meta stores.
#[derive(Default)]
pub struct Meta {
    pub codes: Vec<AuthorizationCode>,
    pub tokens: Vec<BusinessToken>,
    pub wabas: Vec<Waba>,
    pub numbers: Vec<Number>,
    /// The app secret in force.
    pub app_secret: String,
    /// The last call that a correct Worker never makes.
    pub violation: Option<Violation>,
}

/// What Meta does not see of a call's sender.
pub struct Caller {
    /// The signup that a register call is for.
    pub signup: Option<SignupId>,
    /// The call's deadline has passed.
    pub has_given_up: bool,
}

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
            (Some(waba), _) if reaches(waba) => self.handle_waba(waba, request),
            (None, Some(number)) if reaches(self.numbers[number].waba) => {
                self.handle_number(number, request.name, body, caller)
            }
            _ => graph_error(400, 100, Some(33), None),
        }
    }

    /// Keeps a violation for the end of the event.
    fn enforce(&mut self, check: Check) {
        if let Err(violation) = check {
            self.violation = Some(violation);
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
