//! WhatsApp Business Accounts and their phone numbers.

use super::limits::number_is_registered_once;
use super::response::{graph_error, ok, success};
use super::state::{APP_ID, AcceptedRegistration, Caller, Meta, Number};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::meta::Method;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;

impl Meta {
    /// A call for an account that the token reaches.
    pub(super) fn handle_waba(
        &mut self,
        index: usize,
        request: &GraphRequest,
        now: UnixMillis,
    ) -> ApiResult {
        let waba = &mut self.wabas[index];
        match (request.name, request.method) {
            ("waba", _) => {
                let funding = waba.funding.as_ref().filter(|(_, from)| *from <= now);
                let funding = funding.map_or(String::new(), |(id, _)| {
                    format!(r#","primary_funding_id":"{id}""#)
                });
                ok(format!(
                    r#"{{"id":"{}","name":"Lucky Shrub","owner_business_info":{{"id":"{}"}}{funding}}}"#,
                    waba.id, waba.business_id
                ))
            }
            ("phone_numbers", _) => {
                let numbers = self.numbers.iter().filter(|number| number.waba == index);
                let numbers: Vec<String> = numbers.map(Number::to_json).collect();
                ok(format!(r#"{{"data":[{}]}}"#, numbers.join(",")))
            }
            ("subscribed_apps", Method::Get) if waba.subscribed => {
                let url = waba.messages_url.as_deref().unwrap_or_default();
                ok(format!(
                    r#"{{"data":[{{"whatsapp_business_api_data":{{"id":"{APP_ID}"}},"override_callback_uri":"{url}"}}]}}"#
                ))
            }
            ("subscribed_apps", Method::Get) => ok(r#"{"data":[]}"#.into()),
            ("subscribe" | "clear_account_override", Method::Post) => {
                waba.subscribed = true;
                waba.messages_url = None;
                success()
            }
            ("set_account_override", _) if waba.subscribed => {
                let body = request.body.as_ref();
                waba.messages_url = body.and_then(|body| url_in(body.text.expose_secret()));
                success()
            }
            _ => graph_error(400, 100, None, None),
        }
    }

    /// A call for a number that the token reaches.
    pub(super) fn handle_number(
        &mut self,
        index: usize,
        call: &str,
        body: &str,
        caller: &Caller,
    ) -> ApiResult {
        let number = &mut self.numbers[index];
        let six_digits_after = |key: &str| {
            let (_, rest) = body.split_once(key)?;
            rest.get(..6)
        };
        match call {
            "phone" => ok(number.to_json()),
            "number_override" => {
                let url = number.messages_url.as_deref().unwrap_or_default();
                ok(format!(
                    r#"{{"webhook_configuration":{{"phone_number":"{url}"}}}}"#
                ))
            }
            "set_number_override" | "clear_number_override" => {
                number.messages_url = url_in(body);
                success()
            }
            "request_code" if number.verified => graph_error(400, 136_024, None, None),
            "request_code" => {
                let code = (index as u64 + 1) * 137_911 % 1_000_000;
                number.verification_code = Some(format!("{code:06}"));
                success()
            }
            "verify_code"
                if six_digits_after(r#""code":""#) == number.verification_code.as_deref() =>
            {
                number.verified = true;
                number.verification_code = None;
                success()
            }
            "verify_code" => graph_error(400, 136_025, None, None),
            "smb_app_data" if !number.coexistence => graph_error(400, 100, None, None),
            "smb_app_data" if number.synchronisations.iter().any(|sent| sent == body) => {
                graph_error(400, 2_593_107, None, None)
            }
            "smb_app_data" => {
                number.synchronisations.push(body.to_owned());
                ok(r#"{"messaging_product":"whatsapp","request_id":"r"}"#.into())
            }
            "register" => {
                let pin = six_digits_after(r#""pin":""#)
                    .unwrap_or_default()
                    .to_owned();
                let check = number_is_registered_once(number, caller);
                let response = number.register(pin, caller);
                self.enforce(check);
                response
            }
            _ => graph_error(400, 100, None, None),
        }
    }
}

/// The address that a body sets. `None`: it clears it.
fn url_in(body: &str) -> Option<String> {
    let (_, rest) = body.split_once(r#""override_callback_uri":""#)?;
    let (url, _) = rest.split_once('"')?;
    (!url.is_empty()).then(|| url.to_owned())
}

impl Number {
    /// `POST /{phone}/register`.
    fn register(&mut self, pin: String, caller: &Caller) -> ApiResult {
        if !self.verified {
            return graph_error(400, 133_006, None, None);
        }
        if self.pin.as_ref().is_some_and(|current| *current != pin) {
            self.wrong_pins += 1;
            if self.wrong_pins > 4 {
                self.wrong_pins = 0;
                let details = "Please try again after 1 hours";
                return graph_error(400, 133_008, None, Some(details));
            }
            return graph_error(400, 133_005, None, None);
        }
        self.pin = Some(pin);
        self.connected = true;
        self.accepted_registrations.push(AcceptedRegistration {
            signup: caller.signup.clone(),
            after_deadline: caller.has_given_up,
        });
        success()
    }

    /// Somebody deregisters the number.
    pub fn deregister(&mut self, now: UnixMillis) {
        self.connected = false;
        self.deregistered_at = now;
        self.accepted_registrations.clear();
    }

    fn to_json(&self) -> String {
        let platform_type = if self.connected || self.coexistence {
            "CLOUD_API"
        } else {
            "NOT_APPLICABLE"
        };
        let status = if self.connected {
            "CONNECTED"
        } else {
            "PENDING"
        };
        let verification = if self.verified {
            "VERIFIED"
        } else {
            "NOT_VERIFIED"
        };
        format!(
            r#"{{"id":"{}","display_phone_number":"+1 631-555-0101","code_verification_status":"{verification}","platform_type":"{platform_type}","status":"{status}","is_pin_enabled":{},"is_on_biz_app":{}}}"#,
            self.id,
            self.pin.is_some(),
            self.coexistence
        )
    }
}
