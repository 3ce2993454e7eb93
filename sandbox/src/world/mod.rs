//! What the sandbox remembers of Meta: apps, portfolios, WABAs, numbers, codes and tokens, as plain values.
//! Secrets stand here in the clear: this is a test tool, and `GET /_sandbox/world` is meant to show them.

mod partners;

use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

pub use partners::{Allocation, Credit, Message, Registration, Sender, Solution, SystemUser};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct World {
    pub apps: BTreeMap<String, App>,
    pub businesses: BTreeMap<String, Business>,
    pub wabas: BTreeMap<String, Waba>,
    pub phones: BTreeMap<String, Phone>,
    /// By [`digest`] of the code.
    pub codes: BTreeMap<String, Code>,
    /// By [`digest`] of the token.
    pub tokens: BTreeMap<String, Token>,
    pub system_users: BTreeMap<String, SystemUser>,
    pub credits: BTreeMap<String, Credit>,
    pub allocations: BTreeMap<String, Allocation>,
    pub solutions: BTreeMap<String, Solution>,
    /// Accounts shared with Infobip, by WABA id.
    pub registrations: BTreeMap<String, Registration>,
    /// Messages sent through Infobip.
    pub messages: BTreeMap<String, Message>,
    /// Senders of other providers.
    pub senders: BTreeMap<String, Sender>,
    /// How many ids were drawn since the seed; makes new ids repeatable.
    pub drawn: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    pub id: String,
    pub name: String,
    pub secret: String,
    pub system_token: String,
    pub system_user_id: String,
    /// The partner's own portfolio.
    pub business_id: String,
    pub config_ids: Vec<String>,
    /// Exact origins, e.g. `https://shop.example`. `http://localhost:*` is let in by development mode.
    pub domains: Vec<String>,
    /// Strict mode: exact URIs.
    pub redirect_uris: Vec<String>,
    /// Where the app's webhook for WhatsApp accounts goes; empty: nowhere.
    pub webhook_url: String,
    /// What it hears.
    pub webhook_fields: BTreeSet<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Business {
    pub id: String,
    pub name: String,
    /// Shown to the person in the popup.
    pub owned_by_person: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Waba {
    pub id: String,
    pub name: String,
    pub business_id: String,
    pub currency: String,
    pub timezone_id: String,
    pub country: String,
    pub message_template_namespace: String,
    pub account_review_status: String,
    pub business_verification_status: String,
    pub ownership_type: String,
    pub status: String,
    pub primary_funding_id: Option<String>,
    /// Until then a read does not show the funding yet.
    pub funding_shows_ms: u64,
    /// Answered in place of the computed one.
    pub health_status: Option<Value>,
    /// The partner solution it was shared through.
    pub solution_id: Option<String>,
    /// Apps a person gave this WABA to. Without it, it does not exist for them.
    pub shared_with: BTreeSet<String>,
    /// App id → its subscription.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// System users with tasks on this WABA.
    pub assigned_users: BTreeMap<String, Vec<String>>,
    /// Creation order, newest is largest.
    pub born: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    pub override_callback_uri: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    pub id: String,
    pub waba_id: String,
    pub display_phone_number: String,
    pub verified_name: String,
    pub code_verification_status: String,
    pub quality_rating: String,
    pub platform_type: String,
    pub status: String,
    pub name_status: String,
    pub account_mode: String,
    pub throughput: String,
    pub messaging_limit: String,
    pub is_on_biz_app: bool,
    pub is_official_business_account: bool,
    /// Two-step verification is on. With `pin: null` nobody knows the PIN.
    pub is_pin_enabled: bool,
    pub pin: Option<String>,
    /// The verification code on its way to the number.
    pub otp: Option<String>,
    pub otp_requests: u32,
    /// Milliseconds of each register request of the last 72 h.
    pub registers: Vec<u64>,
    pub deregisters: Vec<u64>,
    pub register_blocked_until: u64,
    pub wrong_pins: u32,
    pub last_wrong_pin: u64,
    pub pin_locked_until: u64,
    pub last_onboarded_ms: Option<u64>,
    pub override_callback_uri: Option<String>,
    /// Coexistence syncs already asked for.
    pub synced: BTreeSet<String>,
    /// Answered in place of the computed one.
    pub health_status: Option<Value>,
}

/// One authorization code: 30 seconds, one use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    pub id: String,
    pub code: String,
    pub grant: Grant,
    pub bound_to: BoundTo,
    pub issued_ms: u64,
    pub used: bool,
}

/// What a person gave to an app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    pub app_id: String,
    pub business_id: String,
    pub waba_ids: Vec<String>,
    pub scopes: Vec<String>,
    /// Whether `debug_token` lists target ids for this token.
    pub granular: bool,
    /// The partner solution it goes through.
    #[serde(default)]
    pub solution_id: Option<String>,
}

/// What the exchange's `redirect_uri` is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case")]
pub enum BoundTo {
    /// FB.login's popup: the SDK's own redirect_uri and the page that launched it.
    Sdk { captured: String, page: String },
    /// The redirect dialog: exactly this one.
    Redirect { uri: String },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    pub id: String,
    pub token: String,
    pub grant: Grant,
    pub issued_s: u64,
    /// 0 = never.
    pub expires_at: u64,
    pub is_valid: bool,
    pub user_id: String,
}

impl World {
    /// A new Meta-like id: the kind's digit, then 1 and the count, sixteen digits in all.
    pub fn draw_id(&mut self, kind: Kind) -> String {
        self.drawn += 1;
        (kind as u64 * 1_000_000_000_000_000 + 100_000_000_000_000 + self.drawn).to_string()
    }

    /// A portfolio of the person at the popup.
    pub fn add_business(&mut self, name: Option<&str>) -> String {
        let id = self.draw_id(Kind::Business);
        let name = name.map_or_else(|| format!("Fresh Business {}", self.drawn), str::to_owned);
        let business = Business {
            id: id.clone(),
            name,
            owned_by_person: true,
        };
        self.businesses.insert(id.clone(), business);
        id
    }

    pub fn add_waba(&mut self, business: &str, name: &str) -> String {
        let id = self.draw_id(Kind::Waba);
        let waba = Waba {
            id: id.clone(),
            name: name.to_owned(),
            business_id: business.to_owned(),
            ..Waba::default()
        };
        self.wabas.insert(id.clone(), waba);
        self.give_birth_order();
        id
    }

    /// Registered by somebody else, with a PIN only they know.
    pub fn connect(&mut self, phone: &str, now_ms: u64) {
        let Some(phone) = self
            .phones
            .get_mut(phone)
            .filter(|phone| !phone.is_on_biz_app)
        else {
            return;
        };
        phone.platform_type = "CLOUD_API".into();
        phone.status = "CONNECTED".into();
        phone.throughput = "STANDARD".into();
        phone.last_onboarded_ms = Some(now_ms);
        (phone.is_pin_enabled, phone.pin) = (true, None);
    }

    pub fn phones_of<'a>(&'a self, waba: &'a str) -> impl Iterator<Item = &'a Phone> {
        self.phones
            .values()
            .filter(move |phone| phone.waba_id == waba)
    }

    /// WABAs that came without a birth order are newer than all before them.
    pub fn give_birth_order(&mut self) {
        let mut newest = self.wabas.values().map(|waba| waba.born).max().unwrap_or(0);
        for waba in self.wabas.values_mut().filter(|waba| waba.born == 0) {
            newest += 1;
            waba.born = newest;
        }
    }

    /// Newest first, as Meta lists target ids.
    pub fn newest_first(&self, mut wabas: Vec<String>) -> Vec<String> {
        let born = |id: &String| self.wabas.get(id).map_or(0, |waba| waba.born);
        wabas.sort_by_key(|id| std::cmp::Reverse(born(id)));
        wabas
    }

    /// A person finished the dialog: the app gets the WABAs, the page gets a code.
    pub fn mint_code(&mut self, grant: Grant, bound_to: BoundTo, now_ms: u64) -> String {
        for id in &grant.waba_ids {
            if let Some(waba) = self.wabas.get_mut(id) {
                waba.shared_with.insert(grant.app_id.clone());
                if grant.solution_id.is_some() {
                    waba.solution_id.clone_from(&grant.solution_id);
                }
            }
        }
        let code = format!("AQ{}", random_word(46));
        let id = digest(&code);
        let entry = Code {
            id: id.clone(),
            code: code.clone(),
            grant,
            bound_to,
            issued_ms: now_ms,
            used: false,
        };
        self.codes.insert(id, entry);
        code
    }

    pub fn mint_token(&mut self, grant: Grant, now_ms: u64, lives_s: Option<u64>) -> String {
        let token = format!("EAA{}", random_word(60));
        let id = digest(&token);
        let issued_s = now_ms / 1000;
        let expires_at = lives_s.map_or(0, |s| issued_s + s);
        let user_id = self.draw_id(Kind::User);
        let entry = Token {
            id: id.clone(),
            token: token.clone(),
            grant,
            issued_s,
            expires_at,
            is_valid: true,
            user_id,
        };
        self.tokens.insert(id, entry);
        token
    }
}

/// Leading digit of the ids of each kind.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Business = 4,
    Waba = 5,
    Phone = 6,
    User = 8,
    /// Allocations of a credit line, and their credentials.
    Allocation = 9,
}

/// First 8 hex digits of SHA-256: how the log and the world name a secret.
pub fn digest(secret: &str) -> String {
    hex(Sha256::digest(secret.as_bytes()).as_slice())
        .chars()
        .take(8)
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn random_word(len: usize) -> String {
    rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(len)
        .map(char::from)
        .collect()
}

pub fn default_scopes() -> Vec<String> {
    vec![
        "whatsapp_business_management".into(),
        "whatsapp_business_messaging".into(),
    ]
}
