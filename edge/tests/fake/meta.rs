//! A small Meta with memory: codes that work once, a number with a PIN, a subscription. Answers can be
//! scripted by the name of the call.

use super::credit::Credit;
use super::{APP, PHONE, WABA};
use embark_edge::graph::call::Method;
use embark_edge::graph::{Heard, Reply, Request};
use embark_protocol::post::Ids;
use embark_protocol::{PhoneNumberId, WabaId};

/// Meta, as far as one signup sees it.
pub struct Meta {
    pub codes: Vec<(String, bool)>,
    /// The redirect_uri that the exchange wants: `None` is "none at all".
    pub redirect_uri: Option<String>,
    pub wabas: Vec<&'static str>,
    pub phones: Vec<serde_json::Value>,
    pub scopes: Vec<&'static str>,
    pub subscribed: bool,
    pub pin: Option<String>,
    /// What the app's webhook hears.
    pub listens: Vec<&'static str>,
    /// Bodies of the syncs that were asked for.
    pub synced: Vec<String>,
    pub credit: Credit,
    /// More fields of the account.
    pub account: serde_json::Value,
    pub registers_accepted: u32,
    pub exchanges_accepted: u32,
    /// Answers for the next calls of a name, instead of the real ones.
    pub script: Vec<(&'static str, Heard)>,
    /// What becomes of certain calls.
    pub twists: Vec<Twist>,
    pub calls: Vec<&'static str>,
}

/// One call that goes wrong.
#[derive(Debug, Clone)]
pub struct Twist {
    pub name: &'static str,
    /// Calls of that name that go well before.
    pub skip: u32,
    /// It is done all the same.
    pub lands: bool,
    pub heard: Heard,
}

pub fn phone_json(id: &str) -> serde_json::Value {
    serde_json::json!({
        "id": id, "display_phone_number": "+1 631-555-0101", "verified_name": "Lucky Shrub",
        "code_verification_status": "VERIFIED", "platform_type": "NOT_APPLICABLE", "status": "PENDING",
        "is_pin_enabled": false
    })
}

impl Meta {
    pub fn new() -> Self {
        Self {
            codes: vec![("code-1".into(), false), ("code-2".into(), false)],
            redirect_uri: None,
            wabas: vec![WABA],
            phones: vec![phone_json(PHONE)],
            scopes: vec![
                "whatsapp_business_management",
                "whatsapp_business_messaging",
            ],
            subscribed: false,
            pin: None,
            registers_accepted: 0,
            listens: vec![
                "messages",
                "history",
                "smb_app_state_sync",
                "smb_message_echoes",
            ],
            synced: vec![],
            credit: Credit::default(),
            account: serde_json::json!({}),
            exchanges_accepted: 0,
            script: vec![],
            twists: vec![],
            calls: vec![],
        }
    }

    pub fn answer(&mut self, request: &Request) -> Heard {
        self.calls.push(request.name);
        let twisted = self
            .twists
            .iter()
            .position(|twist| twist.name == request.name);
        match twisted {
            Some(at) if self.twists[at].skip > 0 => self.twists[at].skip -= 1,
            Some(at) => {
                let twist = self.twists.remove(at);
                if twist.lands {
                    let _ = self.really(request);
                }
                return twist.heard;
            }
            None => {}
        }
        self.really(request)
    }

    fn really(&mut self, request: &Request) -> Heard {
        if let Some(at) = self
            .script
            .iter()
            .position(|(name, _)| *name == request.name)
        {
            return self.script.remove(at).1;
        }
        let body = request
            .body
            .as_ref()
            .map(|body| body.text.secret().to_owned())
            .unwrap_or_default();
        match (request.name, request.method) {
            ("exchange", _) => self.exchange(&body),
            ("debug_token", _) => ok(serde_json::json!({"data": {"app_id": APP, "is_valid": true,
                "scopes": self.scopes, "granular_scopes": [
                    {"scope": "whatsapp_business_management", "target_ids": self.wabas}]}})),
            ("waba", _) => {
                let id = request.target.split(['/', '?']).nth(2).unwrap_or_default();
                if !self.wabas.contains(&id) {
                    return error(400, 100, Some(33));
                }
                self.credit.look();
                let mut waba = serde_json::json!({"id": id, "name": "Lucky Shrub",
                    "primary_funding_id": self.credit.funding,
                    "owner_business_info": {"id": "4000000000000001", "name": "Lucky Shrub"}});
                let more = self.account.as_object().unwrap().clone();
                waba.as_object_mut().unwrap().extend(more);
                ok(waba)
            }
            ("phone_numbers", _) => ok(serde_json::json!({"data": self.phones})),
            ("phone", _) => ok(self.phones[0].clone()),
            ("subscribed_apps", Method::Get) => {
                let apps = if self.subscribed {
                    vec![serde_json::json!({"whatsapp_business_api_data": {"id": APP}})]
                } else {
                    vec![]
                };
                ok(serde_json::json!({"data": apps}))
            }
            ("subscribe", _) => {
                self.subscribed = true;
                ok(serde_json::json!({"success": true}))
            }
            ("register", _) => {
                let sent = body
                    .split("\"pin\":\"")
                    .nth(1)
                    .and_then(|rest| rest.get(..6))
                    .unwrap();
                if self.pin.as_deref().is_some_and(|pin| pin != sent) {
                    return error(400, 133005, None);
                }
                self.pin = Some(sent.to_owned());
                self.registers_accepted += 1;
                self.phones[0]["platform_type"] = "CLOUD_API".into();
                self.phones[0]["status"] = "CONNECTED".into();
                self.phones[0]["is_pin_enabled"] = true.into();
                ok(serde_json::json!({"success": true}))
            }
            ("solution", _) => {
                ok(serde_json::json!({"id": "7000000000000001", "status": "ACTIVE"}))
            }
            ("subscriptions", _) => {
                let field = |name: &&str| serde_json::json!({"name": name});
                let fields: Vec<_> = self.listens.iter().map(field).collect();
                ok(
                    serde_json::json!({"data": [{"object": "whatsapp_business_account",
                    "callback_url": "https://x.example/", "active": true, "fields": fields}]}),
                )
            }
            ("smb_app_data", _) => {
                if self.synced.contains(&body) {
                    return error(400, 2_593_107, None);
                }
                self.synced.push(body);
                ok(serde_json::json!({"messaging_product": "whatsapp", "request_id": "r"}))
            }
            ("request_code", _) => ok(serde_json::json!({"success": true})),
            ("verify_code", _)
                if body.contains("424242")
                    && self.phones[0]["code_verification_status"] != "VERIFIED" =>
            {
                self.phones[0]["code_verification_status"] = "VERIFIED".into();
                ok(serde_json::json!({"success": true}))
            }
            ("verify_code", _) => error(400, 136025, None),
            _ => self
                .credit
                .answer(request)
                .unwrap_or_else(|| error(404, 803, None)),
        }
    }

    fn exchange(&mut self, body: &str) -> Heard {
        let field = |name: &str| {
            body.split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
        };
        if field("redirect_uri") != self.redirect_uri {
            return error(400, 100, Some(36008));
        }
        let sent = field("code").unwrap();
        match self.codes.iter_mut().find(|(code, _)| *code == sent) {
            Some((_, spent @ false)) => {
                *spent = true;
                self.exchanges_accepted += 1;
                ok(serde_json::json!({"access_token": "EAAtoken", "expires_in": 5_183_944}))
            }
            Some(_) => error(400, 100, Some(36009)),
            None => error(400, 100, Some(36007)),
        }
    }
}

pub fn ok(body: serde_json::Value) -> Heard {
    Ok(Reply {
        status: 200,
        retry_after: None,
        body: body.to_string().into_bytes(),
    })
}

pub fn error(status: u16, code: i64, subcode: Option<i64>) -> Heard {
    let body = serde_json::json!({"error": {"message": "no", "type": "OAuthException", "code": code,
        "error_subcode": subcode, "fbtrace_id": "Atrace"}});
    Ok(Reply {
        status,
        retry_after: None,
        body: body.to_string().into_bytes(),
    })
}

pub fn ids() -> Ids {
    Ids {
        waba_id: WabaId::parse(WABA).ok(),
        phone_number_id: PhoneNumberId::parse(PHONE).ok(),
        business_id: None,
    }
}
