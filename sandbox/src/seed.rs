//! The world after a reset, and what a number or WABA looks like where nobody said otherwise.

use crate::world::{App, Business, Credit, Phone, Solution, SystemUser, Waba, World};
use std::collections::{BTreeMap, BTreeSet};

pub const APP: &str = "1000000000000001";
pub const APP_SECRET: &str = "sandbox-app-secret";
pub const SYSTEM_TOKEN: &str = "sandbox-system-token";
pub const PARTNER: &str = "2000000000000001";
pub const CONFIG: &str = "3000000000000001";
pub const BUSINESS: &str = "4000000000000001";
pub const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";
pub const SOLUTION: &str = "7000000000000001";
/// The solution whose other partner is Infobip; its app id is public.
pub const INFOBIP_SOLUTION: &str = "7000000000000002";
pub const INFOBIP_APP: &str = "1370401139746733";
pub const INFOBIP_KEY: &str = "sandbox-infobip-key";
pub const INFOBIP_LOGIN: (&str, &str) = ("sandbox", "sandbox-infobip-password");
pub const INFOBIP_TOKEN: &str = "sandbox-infobip-token";
/// The application Infobip's automatic association names beside the entity.
pub const INFOBIP_APPLICATION: &str = "sandbox-application";
pub const TWILIO_LOGIN: (&str, &str) =
    ("AC00000000000000000000000000000001", "sandbox-twilio-token");
pub const SINCH_LOGIN: (&str, &str) = ("sandbox-sinch-key", "sandbox-sinch-secret");
pub const SINCH_TOKEN: &str = "sandbox-sinch-token";
pub const GUPSHUP_TOKEN: &str = "sandbox-gupshup-token";
pub const SYSTEM_USER: &str = "8000000000000001";
pub const CREDIT: &str = "8100000000000001";

/// One partner app; a person with two portfolios: one with a WABA and a verified number, one with two
/// WABAs, whose second number nobody verified; and a portfolio that is somebody else's.
pub fn world() -> World {
    let mut world = World::default();
    let app = App::default();
    world.apps.insert(app.id.clone(), app);
    for (id, name, owned_by_person) in [
        (PARTNER, "Sandbox Partner", false),
        (BUSINESS, "Lucky Shrub", true),
        ("4000000000000002", "Wind & Wool", true),
        ("4000000000000003", "Somebody Else", false),
    ] {
        world.businesses.insert(
            id.into(),
            Business {
                id: id.into(),
                name: name.into(),
                owned_by_person,
            },
        );
    }
    for (id, name, business, born) in [
        (WABA, "Lucky Shrub", BUSINESS, 1),
        (
            "5000000000000002",
            "Wind & Wool Retail",
            "4000000000000002",
            2,
        ),
        (
            "5000000000000003",
            "Wind & Wool Wholesale",
            "4000000000000002",
            3,
        ),
        ("5000000000000009", "Somebody Else", "4000000000000003", 4),
    ] {
        let waba = Waba {
            id: id.into(),
            name: name.into(),
            business_id: business.into(),
            born,
            ..Waba::default()
        };
        world.wabas.insert(id.into(), waba);
    }
    for (id, waba, number, name, verified) in [
        (PHONE, WABA, "+1 631-555-0101", "Lucky Shrub", "VERIFIED"),
        (
            "6000000000000002",
            "5000000000000002",
            "+1 631-555-0102",
            "Wind & Wool",
            "VERIFIED",
        ),
        (
            "6000000000000003",
            "5000000000000003",
            "+44 20 7946 0103",
            "Wind & Wool Trade",
            "NOT_VERIFIED",
        ),
        (
            "6000000000000009",
            "5000000000000009",
            "+1 631-555-0109",
            "Somebody Else",
            "VERIFIED",
        ),
    ] {
        let phone = Phone {
            id: id.into(),
            waba_id: waba.into(),
            display_phone_number: number.into(),
            verified_name: name.into(),
            code_verification_status: verified.into(),
            ..Phone::default()
        };
        world.phones.insert(id.into(), phone);
    }
    partner(&mut world);
    world
}

/// What a partner has beside its app: a system user, two credit lines, a solution in which it messages the
/// customers, and one in which Infobip does.
fn partner(world: &mut World) {
    let user = SystemUser {
        id: SYSTEM_USER.into(),
        name: "Sandbox system user".into(),
        role: "ADMIN".into(),
        business_id: PARTNER.into(),
    };
    world.system_users.insert(user.id.clone(), user);
    for (id, name) in [
        (CREDIT, "Partner Inc"),
        ("8100000000000002", "Partner Europe Ltd"),
    ] {
        let credit = Credit {
            id: id.into(),
            legal_entity_name: name.into(),
            business_id: PARTNER.into(),
        };
        world.credits.insert(id.into(), credit);
    }
    for (id, name, partner, ours) in [
        (SOLUTION, "Sandbox Solution", "1000000000000002", true),
        (INFOBIP_SOLUTION, "Sandbox with Infobip", INFOBIP_APP, false),
    ] {
        let messaging = |has: bool| Vec::from_iter(has.then(|| "MESSAGING".to_owned()));
        let solution = Solution {
            id: id.into(),
            name: name.into(),
            status: "ACTIVE".into(),
            status_for_pending_request: None,
            owner_app_id: APP.into(),
            owner_permissions: messaging(ours),
            partner_app_id: partner.into(),
            partner_permissions: messaging(!ours),
        };
        world.solutions.insert(id.into(), solution);
    }
}

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
            funding_shows_ms: 0,
            health_status: None,
            solution_id: None,
            shared_with: BTreeSet::new(),
            subscriptions: BTreeMap::new(),
            assigned_users: BTreeMap::new(),
            born: 0,
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
            registers: Vec::new(),
            deregisters: Vec::new(),
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
