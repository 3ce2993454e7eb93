//! Ids and credentials of the seed world; README.md lists them for users.

/// The partner's Meta app.
pub const APP: &str = "1000000000000001";
pub const APP_SECRET: &str = "sandbox-app-secret";
pub const SYSTEM_TOKEN: &str = "sandbox-system-token";
/// The partner's own portfolio.
pub const PARTNER: &str = "2000000000000001";
/// Facebook Login for Business configuration (`config_id`).
pub const CONFIG: &str = "3000000000000001";
/// Portfolio of the person at the dialog, with a WABA and its number.
pub const BUSINESS: &str = "4000000000000001";
pub const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";
/// The solution in which the partner has the permission MESSAGING.
pub const SOLUTION: &str = "7000000000000001";
/// The solution whose other partner is Infobip.
pub const INFOBIP_SOLUTION: &str = "7000000000000002";
/// App id of Infobip; it is public.
pub const INFOBIP_APP: &str = "1370401139746733";
pub const INFOBIP_KEY: &str = "sandbox-infobip-key";
/// User and password.
pub const INFOBIP_LOGIN: (&str, &str) = ("sandbox", "sandbox-infobip-password");
pub const INFOBIP_TOKEN: &str = "sandbox-infobip-token";
/// The application that Infobip associates with a shared account, beside the entity.
pub const INFOBIP_APPLICATION: &str = "sandbox-application";
/// Account SID and auth token.
pub const TWILIO_LOGIN: (&str, &str) =
    ("AC00000000000000000000000000000001", "sandbox-twilio-token");
/// Key and secret.
pub const SINCH_LOGIN: (&str, &str) = ("sandbox-sinch-key", "sandbox-sinch-secret");
pub const SINCH_TOKEN: &str = "sandbox-sinch-token";
pub const GUPSHUP_TOKEN: &str = "sandbox-gupshup-token";
/// The partner's system user, to whom `SYSTEM_TOKEN` belongs.
pub const SYSTEM_USER: &str = "8000000000000001";
/// The partner's first credit line.
pub const CREDIT: &str = "8100000000000001";
