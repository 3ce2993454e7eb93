//! A small Graph API with a memory: codes that can be exchanged once, a number with a PIN, a subscription.

use super::credit_line::FakeCreditLine;
use super::json::merge;
use super::overrides::FakeOverrides;
use super::response::{graph_error, success};
use super::{APP, PHONE, WABA};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::meta::Method;
use embark_onboarding::transport::{ApiResult, TransportError};
use serde_json::{Value, json};

/// Meta, as far as one signup sees it.
pub struct FakeMeta {
    /// Codes that were not exchanged yet.
    pub unspent_codes: Vec<String>,
    /// Codes that were exchanged.
    pub spent_codes: Vec<String>,
    /// The `redirect_uri` that an exchange must have, URL-encoded. `None`: it must have none.
    pub redirect_uri: Option<String>,
    /// The accounts that the token reaches.
    pub wabas: Vec<&'static str>,
    /// The account's numbers.
    pub phones: Vec<Value>,
    /// The permissions of the token.
    pub scopes: Vec<&'static str>,
    /// Whether our app is subscribed to the account.
    pub subscribed: bool,
    /// The addresses that messages are sent to.
    pub overrides: FakeOverrides,
    /// The number's two-step verification PIN.
    pub pin: Option<String>,
    /// The fields of the app's webhook.
    pub webhook_fields: Vec<&'static str>,
    /// The bodies of the accepted synchronisation requests.
    pub sync_requests: Vec<String>,
    /// The targets of the requests for a verification code.
    pub code_requests: Vec<String>,
    /// The partner's credit line.
    pub credit_line: FakeCreditLine,
    /// Further fields of the account.
    pub account: Value,
    /// An earlier deregistration is half done: the number must be deregistered before it can be registered.
    pub deregistration_incomplete: bool,
    /// How many registrations were accepted.
    pub accepted_registrations: u32,
    /// How many exchanges were accepted.
    pub accepted_exchanges: u32,
    /// Replies in place of the real ones. Each is used once.
    pub scripted: Vec<ScriptedReply>,
    /// The names of the calls received, the provider's among them.
    pub calls: Vec<&'static str>,
}

/// A reply in place of the real one.
#[derive(Debug, Clone)]
pub struct ScriptedReply {
    /// The name of the call.
    pub name: &'static str,
    /// How many calls of that name are answered as usual before.
    pub skip: u32,
    /// Whether Meta acts on the call all the same.
    pub takes_effect: bool,
    /// The reply.
    pub reply: ApiResult,
}

impl ScriptedReply {
    /// To the next call of this name, which takes no effect.
    pub fn new(name: &'static str, reply: ApiResult) -> Self {
        Self {
            name,
            skip: 0,
            takes_effect: false,
            reply,
        }
    }

    /// To the next call of this name, which takes effect.
    pub fn with_effect(name: &'static str, reply: ApiResult) -> Self {
        Self {
            takes_effect: true,
            ..Self::new(name, reply)
        }
    }

    /// The next call of this name is lost.
    pub fn timeout(name: &'static str) -> Self {
        Self::new(name, Err(TransportError::Timeout))
    }
}

impl FakeMeta {
    /// One account with one number that is verified and not registered.
    pub fn new() -> Self {
        Self {
            unspent_codes: vec!["code-1".into(), "code-2".into()],
            spent_codes: vec![],
            redirect_uri: None,
            wabas: vec![WABA],
            phones: vec![phone_number(PHONE)],
            scopes: vec![
                "whatsapp_business_management",
                "whatsapp_business_messaging",
            ],
            subscribed: false,
            overrides: FakeOverrides::default(),
            pin: None,
            webhook_fields: vec![
                "messages",
                "history",
                "smb_app_state_sync",
                "smb_message_echoes",
            ],
            sync_requests: vec![],
            code_requests: vec![],
            credit_line: FakeCreditLine::default(),
            account: json!({}),
            deregistration_incomplete: false,
            accepted_registrations: 0,
            accepted_exchanges: 0,
            scripted: vec![],
            calls: vec![],
        }
    }

    /// The number is registered with the Cloud API and connected.
    pub fn connect_number(&mut self) {
        merge(
            &mut self.phones[0],
            json!({"platform_type": "CLOUD_API", "status": "CONNECTED"}),
        );
    }

    /// Receives a call.
    pub fn reply(&mut self, request: &GraphRequest) -> ApiResult {
        self.calls.push(request.name);
        let mut scripted = self.scripted.iter();
        let Some(nth) = scripted.position(|scripted| scripted.name == request.name) else {
            return self.act(request);
        };
        if self.scripted[nth].skip > 0 {
            self.scripted[nth].skip -= 1;
            return self.act(request);
        }
        let scripted = self.scripted.remove(nth);
        if scripted.takes_effect {
            let _unreceived = self.act(request);
        }
        scripted.reply
    }

    fn act(&mut self, request: &GraphRequest) -> ApiResult {
        let body = request.body.as_ref();
        let body = body.map_or("", |body| body.text.expose_secret());
        match (request.name, request.method) {
            ("exchange", _) => self.exchange(body),
            ("system_user_token", _) => success(json!({"access_token": "EAAhosted"})),
            ("debug_token", _) => success(json!({"data": {"app_id": APP, "is_valid": true,
                "scopes": self.scopes, "granular_scopes": [
                    {"scope": "whatsapp_business_management", "target_ids": self.wabas},
                    {"target_ids": ["7000000000000001"]}]}})),
            ("waba", _) => self.read_account(&request.target),
            ("phone_numbers", _) => success(json!({"data": self.phones})),
            ("phone", _) => success(self.phones[0].clone()),
            ("subscribed_apps", Method::Get) => {
                let app = json!({"whatsapp_business_api_data": {"id": APP},
                    "override_callback_uri": self.overrides.account});
                success(json!({"data": Vec::from_iter(self.subscribed.then_some(app))}))
            }
            ("subscribe" | "clear_account_override", _) => {
                self.subscribed = true;
                self.overrides.account = None;
                success(json!({"success": true}))
            }
            ("set_account_override", _) if !self.subscribed => graph_error(400, 100, None),
            (
                "set_account_override"
                | "number_override"
                | "set_number_override"
                | "clear_number_override",
                _,
            ) => self.overrides.reply(request.name, body),
            ("register", _) if self.deregistration_incomplete => graph_error(500, 133_000, None),
            ("register", _) => self.register(body),
            ("deregister", _) if !self.deregistration_incomplete => graph_error(400, 133_010, None),
            ("deregister", _) => {
                self.deregistration_incomplete = false;
                success(json!({"success": true}))
            }
            ("solution", _) => success(json!({"id": "7000000000000001", "status": "ACTIVE"})),
            ("subscriptions", _) => {
                let fields = self.webhook_fields.iter().map(|name| json!({"name": name}));
                let fields = Vec::from_iter(fields);
                success(json!({"data": [{"object": "whatsapp_business_account",
                    "callback_url": "https://x.example/", "active": true, "fields": fields}]}))
            }
            ("smb_app_data", _) => {
                if self.sync_requests.iter().any(|earlier| earlier == body) {
                    return graph_error(400, 2_593_107, None);
                }
                self.sync_requests.push(body.to_owned());
                success(json!({"messaging_product": "whatsapp", "request_id": "r"}))
            }
            ("request_code", _) => {
                self.code_requests.push(request.target.clone());
                success(json!({"success": true}))
            }
            ("verify_code", _) => self.verify(body),
            _ => self
                .credit_line
                .reply(request)
                .unwrap_or_else(|| graph_error(404, 803, None)),
        }
    }

    fn exchange(&mut self, body: &str) -> ApiResult {
        let field = |name: &str| {
            body.split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
        };
        if field("redirect_uri") != self.redirect_uri {
            return graph_error(400, 100, Some(36008));
        }
        let code = field("code").unwrap();
        if self.spent_codes.contains(&code) {
            return graph_error(400, 100, Some(36009));
        }
        if !self.unspent_codes.contains(&code) {
            return graph_error(400, 100, Some(36007));
        }
        self.unspent_codes.retain(|unspent| *unspent != code);
        self.spent_codes.push(code);
        self.accepted_exchanges += 1;
        success(json!({"access_token": "EAAtoken", "expires_in": 5_183_944}))
    }

    fn read_account(&mut self, target: &str) -> ApiResult {
        let id = target.split(['/', '?']).nth(2).unwrap_or_default();
        if !self.wabas.contains(&id) {
            return graph_error(400, 100, Some(33));
        }
        self.credit_line.on_account_read();
        let mut account = json!({"id": id, "name": "Lucky Shrub",
            "primary_funding_id": self.credit_line.funding,
            "owner_business_info": {"id": "4000000000000001", "name": "Lucky Shrub"}});
        merge(&mut account, self.account.clone());
        success(account)
    }

    fn register(&mut self, body: &str) -> ApiResult {
        let body: Value = serde_json::from_str(body).unwrap();
        let pin = body["pin"].as_str().unwrap();
        if self.pin.as_deref().is_some_and(|current| current != pin) {
            return graph_error(400, 133_005, None);
        }
        self.pin = Some(pin.to_owned());
        self.accepted_registrations += 1;
        self.connect_number();
        self.phones[0]["is_pin_enabled"] = true.into();
        success(json!({"success": true}))
    }

    /// The right code is 424242. A number that is verified takes none.
    fn verify(&mut self, body: &str) -> ApiResult {
        let verification = &mut self.phones[0]["code_verification_status"];
        if !body.contains("424242") || verification == "VERIFIED" {
            return graph_error(400, 136_025, None);
        }
        *verification = "VERIFIED".into();
        success(json!({"success": true}))
    }
}

/// A number that is verified and not registered, as Meta shows it.
pub fn phone_number(id: &str) -> Value {
    json!({
        "id": id, "display_phone_number": "+1 631-555-0101", "verified_name": "Lucky Shrub",
        "code_verification_status": "VERIFIED", "platform_type": "NOT_APPLICABLE", "status": "PENDING",
        "is_pin_enabled": false
    })
}
