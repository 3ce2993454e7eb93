//! What Meta stores, and what it did, which the invariants compare with what signups believe.

use crate::violation::{Check, Violation};
use embark_onboarding::time::UnixMillis;
use embark_protocol::SignupId;

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

/// A WhatsApp Business Account.
pub struct Waba {
    pub id: String,
    /// The business portfolio that owns it.
    pub business_id: String,
    /// Our app is subscribed to its webhooks.
    pub subscribed: bool,
}

/// A phone number.
pub struct Number {
    pub id: String,
    /// The position of its account.
    pub waba: usize,
    /// It is registered with the Cloud API.
    pub connected: bool,
    /// It stays in the WhatsApp Business app.
    pub coexistence: bool,
    pub verified: bool,
    /// The two-step verification PIN. `None`: two-step verification is off.
    pub pin: Option<String>,
    /// The verification code that was sent last. `None`: none, or it was used.
    pub verification_code: Option<String>,
    /// The register calls that were accepted since the number was last deregistered.
    pub accepted_registrations: Vec<AcceptedRegistration>,
    /// Refused PINs in a row.
    pub wrong_pins: u32,
    /// Register calls that arrived, whatever came of them.
    pub register_calls: u32,
    /// The bodies of the synchronisations that were requested.
    pub synchronisations: Vec<String>,
    /// When somebody last deregistered it. 0: never.
    pub deregistered_at: UnixMillis,
}

/// A register call that was accepted.
pub struct AcceptedRegistration {
    pub signup: Option<SignupId>,
    /// The caller's deadline had passed by then.
    pub after_deadline: bool,
}

/// What the customer granted in Meta's popup.
#[derive(Clone, Default)]
pub struct Grants {
    /// The positions of the shared accounts, newest first.
    pub wabas: Vec<usize>,
    /// Whether `debug_token` lists them, which Meta does not always do.
    pub wabas_listed: bool,
    /// The permission `whatsapp_business_messaging`.
    pub messaging: bool,
}

/// An authorization code.
pub struct AuthorizationCode {
    pub text: String,
    pub issued_at: UnixMillis,
    /// It was exchanged.
    pub spent: bool,
    /// How often it was sent after it was exchanged.
    pub repetitions: u32,
    /// What the exchange must name. `None`: nothing.
    pub redirect_uri: Option<String>,
    pub grants: Grants,
}

/// A business token.
pub struct BusinessToken {
    pub text: String,
    pub valid: bool,
    pub grants: Grants,
}

impl Meta {
    /// Keeps a violation for the end of the event.
    pub fn enforce(&mut self, check: Check) {
        if let Err(violation) = check {
            self.violation = Some(violation);
        }
    }
}
