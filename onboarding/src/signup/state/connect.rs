//! Stored by the steps that connect account and number: claim, subscribe, register with verification, sync.

use crate::crypto::Sealed;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};

/// The claim of number and account for the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimState {
    /// The business token, sealed under the account's name. `None` until the account is claimed first.
    pub token: Option<Sealed>,
    /// The account is claimed.
    #[serde(rename = "waba")]
    pub waba_claimed: bool,
    /// The number is claimed.
    #[serde(rename = "phone")]
    pub phone_claimed: bool,
    /// The account had a token of this site before.
    pub renewed: bool,
    /// The number was registered through this site before.
    #[serde(rename = "known")]
    pub previously_registered: bool,
    /// When a request that was not answered is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
}

/// The subscription of our app to the account's webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscribeState {
    /// Not begun.
    #[default]
    Todo,
    /// To be repeated.
    #[serde(rename = "again")]
    Retry {
        /// When.
        #[serde(rename = "pace")]
        retry: RetryState,
        /// Read the subscriptions first: the last request may have taken effect.
        #[serde(rename = "look")]
        read_first: bool,
    },
    /// The subscribing request was begun and its outcome is not stored.
    Posting {
        /// Its attempts.
        #[serde(rename = "pace")]
        retry: RetryState,
    },
    /// The reading request was begun and its outcome is not stored.
    #[serde(rename = "looking")]
    Reading {
        /// Its attempts.
        #[serde(rename = "pace")]
        retry: RetryState,
    },
    /// Our app is subscribed.
    Done,
    /// Another provider receives the account's webhooks instead of us.
    Skipped,
}

/// The registration of the number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterState {
    /// How far it is.
    #[serde(rename = "at")]
    pub phase: RegisterPhase,
    /// When a request that was not answered is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// The PIN that the customer entered, sealed; until Meta accepted or refused it.
    #[serde(rename = "typed")]
    pub entered_pin: Option<Sealed>,
    /// How many PINs the customer entered.
    #[serde(rename = "pins_typed")]
    pub pins_entered: u8,
    /// How often the number was read again because Meta's fields contradicted each other.
    #[serde(skip_serializing_if = "embark_protocol::serialization::is_default")]
    pub rereads: u8,
    /// How many events `register_window.closing` there were.
    #[serde(skip_serializing_if = "embark_protocol::serialization::is_default")]
    pub window_notices: u8,
    /// The number is read before anything else is done with it: an operator has the signup tried again, and what is known of
    /// it may be old.
    #[serde(skip_serializing_if = "embark_protocol::serialization::is_default")]
    pub rereads_first: bool,
}

/// How far the registration is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterPhase {
    /// To be asked of the Phone object.
    #[default]
    Todo,
    /// Meta, or our own limit, allows no attempt before a point in time.
    #[serde(rename = "wait")]
    Waiting {
        /// That point.
        until: UnixMillis,
        /// Why.
        problem: Problem,
    },
    /// The customer must enter the number's two-step verification PIN.
    #[serde(rename = "pin")]
    AwaitingPin {
        /// The last PIN was refused.
        wrong: bool,
    },
    /// The number must be verified first.
    #[serde(rename = "verify")]
    Verifying(Verification),
    /// Meta's fields contradict each other: the number is to be read again.
    #[serde(rename = "unclear")]
    Rereading {
        /// When it is read.
        at: UnixMillis,
    },
    /// Registered.
    Done,
    /// Not needed: registered already, coexistence, or no number.
    Skipped,
}

/// The verification of a number by a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// The customer must choose between SMS and voice call.
    #[serde(rename = "method")]
    AwaitingMethod {
        /// Why they are asked again.
        error: Option<ProblemCode>,
    },
    /// A code is being requested.
    #[serde(rename = "requesting")]
    RequestingCode {
        /// By voice call instead of SMS.
        voice: bool,
        /// The language of the message, as a tag. `None`: English.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// Attempts of the request.
        #[serde(rename = "pace")]
        retry: RetryState,
    },
    /// The customer must enter the code.
    #[serde(rename = "code")]
    AwaitingCode {
        /// Why they are asked again.
        error: Option<ProblemCode>,
        /// How many codes were refused.
        #[serde(rename = "tries")]
        attempts: u8,
    },
    /// The code is being submitted.
    #[serde(rename = "checking")]
    SubmittingCode {
        /// Sealed under [`verification_record_name`](super::super::record::verification_record_name).
        code: Sealed,
        /// How many codes were refused before.
        #[serde(rename = "tries")]
        attempts: u8,
        /// Attempts of the request.
        #[serde(rename = "pace")]
        retry: RetryState,
    },
    /// The number is being read again, to see whether it is verified by now.
    #[serde(rename = "rereading")]
    ReadingNumber {
        /// Attempts of the request.
        #[serde(rename = "pace")]
        retry: RetryState,
        /// Where to go on if it is not. `None`: register decides.
        #[serde(rename = "or", default)]
        if_unverified: Option<Box<Verification>>,
    },
}

/// The synchronisation of a number that stays in the WhatsApp Business app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncState {
    /// How far it is.
    #[serde(rename = "at")]
    pub phase: SyncPhase,
    /// When a failed request is repeated.
    #[serde(rename = "pace")]
    pub retry: RetryState,
    /// Meta never showed that the number stays in the app: the site was told that the data may be missed.
    #[serde(skip_serializing_if = "embark_protocol::serialization::is_default")]
    pub unconfirmed: bool,
}

/// How far the synchronisation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    /// Reading whether the app's webhook has the fields that the data arrives by.
    #[default]
    #[serde(rename = "listening")]
    ReadingWebhookFields,
    /// Requesting contacts.
    Contacts,
    /// Requesting the chat history.
    History,
    /// Both were requested, or cannot be.
    Done,
}
