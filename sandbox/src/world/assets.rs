//! Meta's business assets: apps, business portfolios, WhatsApp Business Accounts (WABAs) and phone numbers. Fields
//! that only Meta interprets keep Meta's name and its values as text.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A Meta app of a partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    pub id: String,
    pub name: String,
    /// App secret.
    pub secret: String,
    /// Access token of its system user.
    pub system_token: String,
    pub system_user_id: String,
    /// The partner's own portfolio.
    pub business_id: String,
    /// Facebook Login for Business configurations.
    pub config_ids: Vec<String>,
    /// Allowed domains for the JavaScript SDK, as exact origins, e.g. `https://shop.example`. In development mode
    /// `http://localhost` with any port is allowed too.
    pub domains: Vec<String>,
    /// Valid OAuth redirect URIs; strict mode, so they are compared exactly.
    pub redirect_uris: Vec<String>,
    /// The app's webhook for WhatsApp Business Accounts; empty: it has none.
    pub webhook_url: String,
    /// Webhook fields it is subscribed to.
    pub webhook_fields: BTreeSet<String>,
    /// What customers see of it, and what Meta needs to let it go live.
    pub details: AppDetails,
    /// Permissions with advanced access.
    pub permissions: BTreeSet<String>,
}

/// The basic settings of an app, by their names in Graph. Empty: not filled in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct AppDetails {
    pub app_domains: Vec<String>,
    pub privacy_policy_url: String,
    pub terms_of_service_url: String,
    pub contact_email: String,
    pub icon_url: String,
    pub deauth_callback_url: String,
}

/// A business portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Business {
    pub id: String,
    pub name: String,
    /// Whether the person at the dialog owns it, so that the dialog offers it.
    pub owned_by_person: bool,
    /// Meta's verification; empty: `verified`.
    pub verification_status: String,
}

/// A WhatsApp Business Account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Waba {
    pub id: String,
    pub name: String,
    /// The portfolio that owns it.
    pub business_id: String,
    /// Empty until a credit line is attached, where it was created without one.
    pub currency: String,
    pub timezone_id: String,
    pub country: String,
    pub message_template_namespace: String,
    pub account_review_status: String,
    pub business_verification_status: String,
    pub ownership_type: String,
    pub status: String,
    /// Its payment method.
    pub primary_funding_id: Option<String>,
    /// Unix milliseconds before which reads do not return `primary_funding_id` yet.
    #[serde(rename = "funding_shows_ms")]
    pub funding_visible_from_ms: u64,
    /// Returned in place of the computed health status.
    pub health_status: Option<Value>,
    /// The partner solution it was shared through.
    pub solution_id: Option<String>,
    /// Apps that a person shared this WABA with. To every other app it does not exist.
    pub shared_with: BTreeSet<String>,
    /// Webhook subscriptions, by app id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Tasks on this WABA, by system user id.
    pub assigned_users: BTreeMap<String, Vec<String>>,
    /// Order of creation: the newest has the largest. 0 until one is assigned.
    #[serde(rename = "born")]
    pub created_seq: u64,
}

/// An app's subscription to a WABA's webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    /// Receives the webhooks in place of the app's own URL.
    pub override_callback_uri: Option<String>,
}

/// A business phone number. All times are Unix milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    pub id: String,
    pub waba_id: String,
    pub display_phone_number: String,
    pub verified_name: String,
    /// A display name that Meta approved, which is shown once the number is registered again.
    pub approved_name: Option<String>,
    pub code_verification_status: String,
    pub quality_rating: String,
    pub platform_type: String,
    pub status: String,
    pub name_status: String,
    pub account_mode: String,
    /// Its level, e.g. `STANDARD`.
    pub throughput: String,
    pub messaging_limit: String,
    /// In use with the WhatsApp Business app (coexistence).
    pub is_on_biz_app: bool,
    pub is_official_business_account: bool,
    /// Two-step verification is on.
    pub is_pin_enabled: bool,
    /// The PIN of two-step verification; `None` while that is on: a PIN that no request can match.
    pub pin: Option<String>,
    /// The verification code sent to the number and not used yet.
    pub otp: Option<String>,
    /// How many verification codes were requested.
    pub otp_requests: u32,
    /// Times of the register requests of the last 72 hours.
    #[serde(rename = "registers")]
    pub register_requests_ms: Vec<u64>,
    /// Times of the deregister requests of the last 72 hours.
    #[serde(rename = "deregisters")]
    pub deregister_requests_ms: Vec<u64>,
    pub register_blocked_until: u64,
    /// An earlier deregistration is half done: the number cannot be registered until it is deregistered (133000).
    pub deregistration_incomplete: bool,
    /// Wrong PINs in a row.
    pub wrong_pins: u32,
    /// Time of the last wrong PIN.
    pub last_wrong_pin: u64,
    pub pin_locked_until: u64,
    pub last_onboarded_ms: Option<u64>,
    /// Receives the number's webhooks in place of the WABA's or the app's URL.
    pub override_callback_uri: Option<String>,
    /// Coexistence syncs that were requested, by `sync_type`.
    pub synced: BTreeSet<String>,
    /// Returned in place of the computed health status.
    pub health_status: Option<Value>,
}

impl Phone {
    /// Registered for Cloud API and able to send.
    pub fn mark_connected(&mut self, now_ms: u64) {
        self.platform_type = "CLOUD_API".into();
        self.status = "CONNECTED".into();
        self.throughput = "STANDARD".into();
        self.last_onboarded_ms = Some(now_ms);
    }
}
