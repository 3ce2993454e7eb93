//! Field values of apps, WABAs and numbers that a test or the seed does not set: those of a new asset at Meta.

use super::assets::{App, AppDetails, Phone, Waba};
use super::seed_ids::{APP, APP_SECRET, BUSINESS, CONFIG, PARTNER, SYSTEM_TOKEN, SYSTEM_USER};
use std::collections::{BTreeMap, BTreeSet};

impl Default for App {
    fn default() -> Self {
        Self {
            id: APP.into(),
            name: "Sandbox Partner App".into(),
            secret: APP_SECRET.into(),
            system_token: SYSTEM_TOKEN.into(),
            system_user_id: SYSTEM_USER.into(),
            business_id: PARTNER.into(),
            config_ids: vec![CONFIG.into()],
            domains: vec![
                "https://signup.partner.example".into(),
                "https://shop.example".into(),
            ],
            redirect_uris: vec!["https://signup.partner.example/go/callback".into()],
            webhook_url: "https://signup.partner.example/v1/webhooks/meta/main".into(),
            webhook_fields: [
                "account_update",
                "history",
                "messages",
                "smb_app_state_sync",
                "smb_message_echoes",
            ]
            .map(str::to_owned)
            .into(),
            details: AppDetails::default(),
            permissions: [
                "business_management",
                "whatsapp_business_management",
                "whatsapp_business_messaging",
            ]
            .map(str::to_owned)
            .into(),
        }
    }
}

impl Default for AppDetails {
    fn default() -> Self {
        Self {
            app_domains: vec!["partner.example".into(), "localhost".into()],
            privacy_policy_url: "https://partner.example/privacy".into(),
            terms_of_service_url: "https://partner.example/terms".into(),
            contact_email: "contact@partner.example".into(),
            icon_url: "https://partner.example/icon.png".into(),
            deauth_callback_url:
                "https://signup.partner.example/v1/callbacks/meta/main/deauthorize".into(),
        }
    }
}

impl Default for Waba {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: "Unnamed".into(),
            business_id: BUSINESS.into(),
            currency: "USD".into(),
            timezone_id: "1".into(),
            country: "US".into(),
            message_template_namespace: "58e6d318_b627_4112_b9c7_2961197553ea".into(),
            account_review_status: "APPROVED".into(),
            business_verification_status: "VERIFIED".into(),
            ownership_type: "CLIENT_OWNED".into(),
            status: "ACTIVE".into(),
            primary_funding_id: None,
            funding_visible_from_ms: 0,
            health_status: None,
            solution_id: None,
            shared_with: BTreeSet::new(),
            subscriptions: BTreeMap::new(),
            assigned_users: BTreeMap::new(),
            created_seq: 0,
        }
    }
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            id: String::new(),
            waba_id: String::new(),
            display_phone_number: "+1 631-555-0199".into(),
            verified_name: "Unnamed".into(),
            approved_name: None,
            code_verification_status: "VERIFIED".into(),
            quality_rating: "UNKNOWN".into(),
            platform_type: "NOT_APPLICABLE".into(),
            status: "PENDING".into(),
            name_status: "AVAILABLE_WITHOUT_REVIEW".into(),
            account_mode: "LIVE".into(),
            throughput: "NOT_APPLICABLE".into(),
            messaging_limit: "TIER_250".into(),
            is_on_biz_app: false,
            is_official_business_account: false,
            is_pin_enabled: false,
            pin: None,
            otp: None,
            otp_requests: 0,
            register_requests_ms: Vec::new(),
            deregister_requests_ms: Vec::new(),
            deregistration_incomplete: false,
            register_blocked_until: 0,
            wrong_pins: 0,
            last_wrong_pin: 0,
            pin_locked_until: 0,
            last_onboarded_ms: None,
            override_callback_uri: None,
            synced: BTreeSet::new(),
            health_status: None,
        }
    }
}
