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
    /// By which the partner's credit line is shared.
    pub allocations: Vec<Allocation>,
    /// The sharings that were accepted, since the line was last revoked.
    pub shares: Vec<AcceptedShare>,
    /// When the partner last revoked everything that was shared. 0: never.
    pub credit_revoked_at: UnixMillis,
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
    /// When it was sent.
    pub sent_at: UnixMillis,
}

/// An allocation of the partner's credit line.
pub struct Allocation {
    pub id: String,
    /// The funding source that it gives the customer.
    pub credential: String,
    /// The business that receives it.
    pub business: String,
    pub revoked: bool,
}

/// A sharing of the credit line that was accepted.
pub struct AcceptedShare {
    pub business: String,
    pub signup: Option<SignupId>,
    pub at: UnixMillis,
}

/// A WhatsApp Business Account.
pub struct Waba {
    pub id: String,
    /// The business portfolio that owns it.
    pub business_id: String,
    /// Our app is subscribed to its webhooks.
    pub subscribed: bool,
    /// Its messages are sent there in place of the app's callback URL.
    pub messages_url: Option<String>,
    /// The partner's system user is assigned to it.
    pub user_assigned: bool,
    /// What pays for it, and from when on it shows that. `None`: nothing.
    pub funding: Option<(String, UnixMillis)>,
}

/// A phone number.
pub struct Number {
    pub id: String,
    /// The position of its account.
    pub waba: usize,
    /// Its messages are sent there in place of the account's address.
    pub messages_url: Option<String>,
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
