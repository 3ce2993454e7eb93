//! Stored by the first steps: the authorization code, the token it was exchanged for, and what the token
//! reaches.

use crate::crypto::Sealed;
use crate::meta::RedirectUriVariant;
use crate::meta::response::{PhoneNumber, TokenInfo, WabaDetails};
use crate::resources::users::UserGrant;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::requests::CodeSource;
use embark_protocol::{BusinessId, WabaId};
use serde::{Deserialize, Serialize};

/// The authorization code of the current launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// Sealed under [`code_record_name`](super::super::record::code_record_name). `None` once it was
    /// exchanged or can no longer be.
    pub code: Option<Sealed>,
    /// SHA-256 of the code, lower-case hex.
    pub digest: String,
    /// Which dialog it came from.
    pub source: CodeSource,
    /// The `redirect_uri` of the dialog, where the page knew it.
    pub redirect_uri: Option<String>,
    /// When the page posted it.
    #[serde(rename = "at")]
    pub received_at: UnixMillis,
    /// Which `redirect_uri` the exchange tries first: the one that the app's last exchange succeeded with.
    #[serde(rename = "first", default)]
    pub preferred_variant: RedirectUriVariant,
    /// Which `redirect_uri` Meta accepted. `None` before, and for codes of our own callback.
    #[serde(rename = "taken", default)]
    pub accepted_variant: Option<RedirectUriVariant>,
}

/// The exchange of the authorization code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeState {
    /// Nothing was sent yet.
    #[default]
    #[serde(rename = "idle")]
    Unsent,
    /// To be sent once `not_before` has passed.
    #[serde(rename = "ready")]
    Scheduled {
        /// Position in the list of `redirect_uri` candidates.
        #[serde(rename = "rung")]
        candidate: usize,
        /// A request whose outcome is unknown may still be repeated; it may be once per code.
        #[serde(rename = "heard")]
        may_repeat: bool,
        /// Not sent earlier.
        not_before: UnixMillis,
        /// How often Meta answered that it cannot answer now.
        #[serde(rename = "tries", default)]
        refusals: u8,
        /// Not sent with the credentials that the last request was sent with: the app's secret was refused, and may have
        /// been put since they were read.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        awaits_credentials: bool,
    },
    /// The request was begun and its outcome is not stored.
    #[serde(rename = "sent")]
    InFlight {
        /// As in `Scheduled`.
        #[serde(rename = "rung")]
        candidate: usize,
        /// As in `Scheduled`.
        #[serde(rename = "heard")]
        may_repeat: bool,
        /// As in `Scheduled`.
        #[serde(rename = "tries", default)]
        refusals: u8,
    },
    /// Meta issued the business token.
    Done {
        /// Sealed under [`token_record_name`](super::super::record::token_record_name).
        token: Sealed,
        /// Unix seconds. `None`: Meta named no expiry.
        expires_at: Option<u64>,
        /// When it was received.
        #[serde(rename = "at")]
        received_at: UnixMillis,
    },
}

/// What was read with the business token so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InspectState {
    /// What Meta says of the token. `None` until read.
    #[serde(rename = "debugged")]
    pub token_info: Option<TokenInfo>,
    /// The account that the reads below are of. `None` until it is known.
    pub waba_id: Option<WabaId>,
    /// The account. `None` until read.
    pub waba: Option<WabaDetails>,
    /// Its numbers. `None` until read.
    pub phones: Option<Vec<PhoneNumber>>,
    /// Whether our app was subscribed to it. `None` until read.
    pub subscribed: Option<bool>,
    /// When a failed read is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// What the customer must choose before the step can go on.
    #[serde(rename = "asks")]
    pub pending_choice: Option<PendingChoice>,
    /// The names of the accounts to choose from, as far as they were read.
    #[serde(rename = "names")]
    pub waba_names: Vec<WabaName>,
    /// The result of the step.
    #[serde(rename = "found")]
    pub verified: Option<VerifiedAssets>,
    /// Who granted the token, as the Partner object was last told. `None`: it was not, or the person has had it erased.
    #[serde(rename = "granted", skip_serializing_if = "Option::is_none")]
    pub reported_grant: Option<UserGrant>,
}

/// The name of an account, for the customer's choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WabaName {
    /// The account.
    pub id: WabaId,
    /// `None`: it has none, or could not be read.
    pub name: Option<String>,
}

/// A choice that the customer must make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingChoice {
    /// The token reaches several accounts.
    Waba,
    /// The account has several numbers.
    Number,
}

/// The account and number of a signup, as read with the customer's own token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedAssets {
    /// The account.
    pub waba: WabaDetails,
    /// The number. `None`: the account has none.
    pub phone: Option<PhoneNumber>,
    /// Whether our app was subscribed to the account already.
    pub subscribed: bool,
}

impl VerifiedAssets {
    /// The business portfolio that owns the account. `None`: Meta did not say.
    pub fn owner(&self) -> Option<&BusinessId> {
        self.waba
            .owner_business_info
            .as_ref()
            .map(|owner| &owner.id)
    }
}

/// A read of the inspect step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectCall {
    /// `GET /debug_token`.
    TokenInfo,
    /// `GET /{waba}`.
    Waba,
    /// `GET /{waba}/phone_numbers`.
    PhoneNumbers,
    /// `GET /{waba}/subscribed_apps`.
    SubscribedApps,
    /// `GET /{waba}` for the name of a candidate, by its position in the token's list.
    CandidateName(usize),
}
