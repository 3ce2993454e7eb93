//! The requests that the Phone object answers, and its replies.

use super::owner::PhoneOwner;
use crate::crypto::Sealed;
use crate::meta::response::PhoneNumber;
use crate::resources::deadlines;
use crate::resources::key_rotation::ResealCount;
use crate::resources::rpc::ObjectRequest;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::signup_calls::SignupCalls;
use embark_protocol::{AppKey, PhoneNumberId, ProblemCode, SignupId, SiteId};
use serde::{Deserialize, Serialize};

/// A request to the Phone object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneRequest {
    /// Claims the number for a site.
    Claim(PhoneOwner),
    /// Reads who owns the number.
    Owner,
    /// Moves the number to another site. An operator decides that.
    Transfer {
        /// The site that owns it, as the operator saw.
        from: SiteId,
        /// The site that is to own it.
        to: SiteId,
    },
    /// Registers the number with the Cloud API.
    Register(Box<RegisterRequest>),
    /// The person of this signup wants their data deleted: erases the PINs, unless another signup has claimed the number
    /// since.
    ErasePin {
        /// The signup.
        #[serde(rename = "run")]
        signup: SignupId,
    },
    /// Registers the number again, so that Meta shows its approved display name.
    ApplyName(Box<ApplyNameRequest>),
    /// Seals with the newest key what is sealed with older ones. An object that does not have this key yet fails.
    Reseal {
        /// The number of the newest key.
        key: u32,
    },
    /// Reads which calls to Meta were sent in this time, as far as the journal has them.
    Calls {
        /// From then.
        from: UnixMillis,
        /// Until then, inclusive.
        until: UnixMillis,
    },
}

impl ObjectRequest for PhoneRequest {
    type Reply = PhoneReply;
    type Name = PhoneNumberId;
    const BINDING: &'static str = "PHONE";
    const DEADLINE: Duration = deadlines::PHONE;
}

/// What the registration of a number needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// The owner on whose behalf the number is registered.
    pub owner: PhoneOwner,
    /// The Meta app.
    pub app: AppKey,
    /// The business token, sealed under the account's name.
    pub token: Sealed,
    /// The number as the signup read it last.
    pub seen: PhoneNumber,
    /// A PIN that the customer entered, sealed under [`typed_pin_name`](super::typed_pin_name). `None`: the customer
    /// was not asked.
    pub typed_pin: Option<Sealed>,
}

/// What registering a number again for its new name needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApplyNameRequest {
    /// The key of Meta's change: each approval is applied once.
    pub key: String,
    /// The name. `None`: Meta did not say.
    pub name: Option<String>,
    /// On whose behalf, and with which token.
    pub register: RegisterRequest,
}

/// A reply of the Phone object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneReply {
    /// The number belongs to the site.
    Claimed {
        /// Another signup of the site registered it before.
        #[serde(rename = "known")]
        previously_registered: bool,
    },
    /// The number belongs to another site.
    OwnedElsewhere,
    /// No PIN of that signup is stored.
    Erased,
    /// To [`PhoneRequest::Reseal`].
    Resealed(ResealCount),
    /// To [`PhoneRequest::Calls`].
    Calls(SignupCalls),
    /// Who owns it.
    Owner {
        /// `None`: no site.
        owner: Option<PhoneOwner>,
    },
    /// The number is registered.
    Registered,
    /// Another registration is in flight, or may still take effect.
    Busy {
        /// The earliest time to repeat the request.
        until: UnixMillis,
    },
    /// Two-step verification is on, and the customer must enter its PIN.
    NeedsPin {
        /// Meta refused the last PIN.
        wrong: bool,
    },
    /// The number must be verified by a code first.
    NeedsVerification,
    /// No registration is possible before a point in time.
    Wait {
        /// The earliest time to repeat the request.
        until: UnixMillis,
        /// Why.
        code: ProblemCode,
        /// Meta's error code. `None`: the limit is ours.
        meta_code: Option<String>,
        /// Meta's trace id.
        fbtrace_id: Option<String>,
    },
    /// The number cannot be registered.
    Failed {
        /// Why.
        code: ProblemCode,
        /// Meta's error code. `None`: Meta was not called.
        meta_code: Option<String>,
        /// Meta's trace id.
        fbtrace_id: Option<String>,
    },
    /// The outcome is unknown, or Meta cannot process the call now: repeat the request after a backoff.
    #[serde(rename = "again")]
    Retry,
}
