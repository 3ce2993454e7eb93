//! Meta, as far as signups see it: codes that live 30 s and work once, tokens, accounts, numbers with
//! PINs. It remembers what it did, which is what the invariants are checked against.

use embark_edge::graph::call::Method;
use embark_edge::graph::{Heard, Reply, Request};
use embark_edge::run::Ms;

pub const APP: &str = "1000000000000001";

#[derive(Default)]
pub struct Meta {
    pub codes: Vec<Code>,
    pub tokens: Vec<Token>,
    pub accounts: Vec<Account>,
    pub numbers: Vec<Number>,
    /// The app secret that Meta takes now.
    pub secret: String,
    /// What must not have happened.
    pub wrong: Option<String>,
}

#[derive(Clone, Default)]
pub struct Grants {
    /// The accounts the person shared, newest first.
    pub accounts: Vec<usize>,
    /// Whether debug_token lists them (since June 2026 not always).
    pub listed: bool,
    pub messaging: bool,
}

pub struct Code {
    pub text: String,
    pub minted: Ms,
    pub spent: bool,
    /// Times it was sent again once it was spent.
    pub again: u32,
    pub redirect_uri: Option<String>,
    pub grants: Grants,
}

pub struct Token {
    pub text: String,
    pub valid: bool,
    pub grants: Grants,
}

pub struct Account {
    pub id: String,
    pub business: String,
    pub subscribed: bool,
}

pub struct Number {
    pub id: String,
    pub account: usize,
    pub connected: bool,
    pub coexistence: bool,
    pub verified: bool,
    pub pin: Option<String>,
    /// The verification code that was sent last.
    pub sms: Option<String>,
    /// Runs whose register was accepted, since the number was last deregistered; and whether the asker
    /// had given up on the call by then.
    pub accepted: Vec<(String, bool)>,
    pub wrong_pins: u32,
    /// Register calls that Meta decided on.
    pub decided: u32,
    /// Bodies of the syncs that were asked for.
    pub synced: Vec<String>,
    /// When somebody deregistered it.
    pub disturbed: Ms,
}

/// Who asks, as far as the request itself does not say.
pub struct Asker {
    /// The run a register call is for.
    pub run: String,
    /// The call's deadline had passed when Meta did it.
    pub late: bool,
}

impl Meta {
    pub fn mint(&mut self, now: Ms, redirect_uri: Option<String>, grants: Grants) -> String {
        let text = format!("AQcode{}x{}", self.codes.len(), now % 1_000_000_007);
        self.codes.push(Code {
            text: text.clone(),
            minted: now,
            spent: false,
            again: 0,
            redirect_uri,
            grants,
        });
        text
    }

    /// Does what is asked, and answers.
    pub fn handle(&mut self, request: &Request, asker: &Asker, now: Ms) -> Heard {
        let body = request.body.as_ref().map_or("", |body| body.text.secret());
        if request.name == "exchange" {
            return self.exchange(body, now);
        }
        if request.name == "subscriptions" {
            let hears = |name: &str| format!(r#"{{"name":"{name}"}}"#);
            let fields = ["history", "smb_app_state_sync", "smb_message_echoes"].map(hears);
            return ok(format!(
                r#"{{"data":[{{"object":"whatsapp_business_account","callback_url":"https://x.example/","active":true,"fields":[{}]}}]}}"#,
                fields.join(",")
            ));
        }
        if request.name == "debug_token" {
            return self.debug(request);
        }
        let id = request.target.split(['/', '?']).nth(2).unwrap_or("");
        let number = self.numbers.iter_mut().find(|number| number.id == id);
        if let (Some(number), "register") = (number, request.name) {
            number.decided += 1;
        }
        let bearer = request.bearer.as_ref().map_or("", |token| token.secret());
        let Some(token) = self.tokens.iter().find(|token| token.text == bearer) else {
            return error(401, 190, None, None);
        };
        if !token.valid {
            return error(401, 190, Some(460), None);
        }
        if let Some(at) = self.accounts.iter().position(|account| account.id == id) {
            if !token.grants.accounts.contains(&at) {
                return error(400, 100, Some(33), None);
            }
            return self.account(at, request.name, request.method);
        }
        match self.numbers.iter().position(|number| number.id == id) {
            Some(at) if token.grants.accounts.contains(&self.numbers[at].account) => {
                self.number(at, request.name, body, asker)
            }
            _ => error(400, 100, Some(33), None),
        }
    }

    fn exchange(&mut self, form: &str, now: Ms) -> Heard {
        let field = |name: &str| {
            form.split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        if field("client_secret") != Some(self.secret.as_str()) {
            return error(400, 1, None, None);
        }
        let sent = field("code").unwrap_or("");
        let Some(code) = self.codes.iter_mut().find(|code| code.text == sent) else {
            return error(400, 100, Some(36007), None);
        };
        if code.spent {
            code.again += 1;
            if code.again > 1 {
                self.wrong = Some(format!("{sent} was sent {} times once spent", code.again));
            }
            return error(400, 100, Some(36009), None);
        }
        if now > code.minted + 30_000 {
            return error(400, 100, Some(36007), None);
        }
        if field("redirect_uri") != code.redirect_uri.as_deref() {
            return error(400, 100, Some(36008), None);
        }
        code.spent = true;
        let text = format!("EAAtoken{}x{}", self.tokens.len(), now % 1_000_000_007);
        let body =
            format!(r#"{{"access_token":"{text}","token_type":"bearer","expires_in":5183944}}"#);
        let grants = code.grants.clone();
        self.tokens.push(Token {
            text,
            valid: true,
            grants,
        });
        ok(body)
    }

    fn debug(&self, request: &Request) -> Heard {
        let input = request
            .target
            .split_once("input_token=")
            .map_or("", |at| at.1);
        let Some(token) = self.tokens.iter().find(|token| token.text == input) else {
            return ok(r#"{"data":{"is_valid":false}}"#.into());
        };
        let ids: Vec<String> = token
            .grants
            .accounts
            .iter()
            .filter(|_| token.grants.listed)
            .map(|at| format!("\"{}\"", self.accounts[*at].id))
            .collect();
        let messaging = if token.grants.messaging {
            r#","whatsapp_business_messaging""#
        } else {
            ""
        };
        ok(format!(
            r#"{{"data":{{"app_id":"{APP}","is_valid":{},"scopes":["whatsapp_business_management"{messaging}],"granular_scopes":[{{"scope":"whatsapp_business_management","target_ids":[{}]}}]}}}}"#,
            token.valid,
            ids.join(",")
        ))
    }

    fn account(&mut self, at: usize, name: &str, method: Method) -> Heard {
        match (name, method) {
            ("waba", _) => {
                let Account { id, business, .. } = &self.accounts[at];
                ok(format!(
                    r#"{{"id":"{id}","name":"Lucky Shrub","owner_business_info":{{"id":"{business}"}}}}"#
                ))
            }
            ("phone_numbers", _) => {
                let all = self.numbers.iter().filter(|number| number.account == at);
                let all: Vec<String> = all.map(Number::json).collect();
                ok(format!(r#"{{"data":[{}]}}"#, all.join(",")))
            }
            ("subscribed_apps", Method::Get) if self.accounts[at].subscribed => ok(format!(
                r#"{{"data":[{{"whatsapp_business_api_data":{{"id":"{APP}"}}}}]}}"#
            )),
            ("subscribed_apps", Method::Get) => ok(r#"{"data":[]}"#.into()),
            ("subscribe", Method::Post) => {
                self.accounts[at].subscribed = true;
                success()
            }
            _ => error(400, 100, None, None),
        }
    }

    fn number(&mut self, at: usize, name: &str, body: &str, asker: &Asker) -> Heard {
        let drawn = format!("{:06}", (at as u64 + 1) * 137_911 % 1_000_000);
        let number = &mut self.numbers[at];
        let sent = |key: &str| {
            let (_, rest) = body.split_once(key)?;
            rest.get(..6)
        };
        match name {
            "phone" => ok(number.json()),
            "request_code" if number.verified => error(400, 136_024, None, None),
            "request_code" => {
                number.sms = Some(drawn);
                success()
            }
            "verify_code" if sent("\"code\":\"") == number.sms.as_deref() => {
                number.verified = true;
                number.sms = None;
                success()
            }
            "verify_code" => error(400, 136_025, None, None),
            "smb_app_data" if !number.coexistence => error(400, 100, None, None),
            "smb_app_data" if number.synced.iter().any(|sent| sent == body) => {
                error(400, 2_593_107, None, None)
            }
            "smb_app_data" => {
                number.synced.push(body.to_owned());
                ok(r#"{"messaging_product":"whatsapp","request_id":"r"}"#.into())
            }
            "register" => {
                let pin = sent("\"pin\":\"").unwrap_or_default().to_owned();
                if let Some(wrong) = number.twice(asker) {
                    self.wrong = Some(wrong);
                }
                self.numbers[at].register(pin, asker)
            }
            _ => error(400, 100, None, None),
        }
    }
}

impl Number {
    fn register(&mut self, pin: String, asker: &Asker) -> Heard {
        if !self.verified {
            return error(400, 133_006, None, None);
        }
        if self.pin.as_ref().is_some_and(|held| *held != pin) {
            self.wrong_pins += 1;
            if self.wrong_pins > 4 {
                self.wrong_pins = 0;
                return error(400, 133_008, None, Some("Please try again after 1 hours"));
            }
            return error(400, 133_005, None, None);
        }
        self.pin = Some(pin);
        self.connected = true;
        self.accepted.push((asker.run.clone(), asker.late));
        success()
    }

    /// A second register of one run that Meta would accept, though nobody deregistered the number.
    fn twice(&self, asker: &Asker) -> Option<String> {
        let (run, late) = self.accepted.last()?;
        let excused = *late || asker.late || *run != asker.run || !self.connected;
        (!excused).then(|| format!("number {} is registered twice by run {run}", self.id))
    }

    fn json(&self) -> String {
        let (platform, status) = match (self.connected || self.coexistence, self.connected) {
            (true, true) => ("CLOUD_API", "CONNECTED"),
            (true, false) => ("CLOUD_API", "PENDING"),
            _ => ("NOT_APPLICABLE", "PENDING"),
        };
        let verified = if self.verified {
            "VERIFIED"
        } else {
            "NOT_VERIFIED"
        };
        format!(
            r#"{{"id":"{}","display_phone_number":"+1 631-555-0101","code_verification_status":"{verified}","platform_type":"{platform}","status":"{status}","is_pin_enabled":{},"is_on_biz_app":{}}}"#,
            self.id,
            self.pin.is_some(),
            self.coexistence
        )
    }
}

pub fn ok(body: String) -> Heard {
    reply(200, None, body)
}

pub fn success() -> Heard {
    ok(r#"{"success":true}"#.into())
}

pub fn reply(status: u16, retry_after: Option<u32>, body: String) -> Heard {
    Ok(Reply {
        status,
        retry_after,
        body: body.into_bytes(),
    })
}

pub fn error(status: u16, code: i64, subcode: Option<i64>, details: Option<&str>) -> Heard {
    let subcode = subcode.map_or(String::new(), |n| format!(r#","error_subcode":{n}"#));
    let details = details.map_or(String::new(), |text| {
        format!(r#","error_data":{{"details":"{text}"}}"#)
    });
    let body = format!(
        r#"{{"error":{{"message":"no","type":"OAuthException","code":{code}{subcode}{details},"fbtrace_id":"A1"}}}}"#
    );
    reply(status, None, body)
}
