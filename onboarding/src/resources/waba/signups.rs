//! Stored of the signups of an account: those that connected it, the updates that are pending for them, and one that is to be started.

use crate::meta::webhook::HistoryPart;
use crate::time::UnixMillis;
use embark_protocol::{AppKey, BusinessId, PhoneNumberId, SignupId, SiteId};
use serde::{Deserialize, Serialize};

/// A signup that connected the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedSignup {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// Its site.
    pub site: SiteId,
    /// Its app.
    pub app: AppKey,
    /// When its token was issued.
    #[serde(rename = "issued")]
    pub issued_at: UnixMillis,
    /// The number that it claimed. `None`: the account had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<ClaimedNumber>,
}

/// A number of the account that a signup claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedNumber {
    /// The number's id.
    pub id: PhoneNumberId,
    /// Its digits with the country code: Meta's changes name numbers by them. `None`: Meta did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<String>,
    /// Whether the policy of the site has this service register numbers.
    #[serde(default)]
    pub registers: bool,
}

/// An update of a signup\'s account. One that comes again, or late, changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUpdate {
    /// When it happened.
    pub at: UnixMillis,
    /// What.
    pub kind: AccountUpdateKind,
}

/// What happened to the account or the number of a signup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountUpdateKind {
    /// Whether the site's token of the account is refused: the customer must renew it.
    Token {
        /// `false`: another signup renewed it.
        refused: bool,
    },
    /// Whether the number has left the API and is used in the WhatsApp Business app alone.
    Presence {
        /// `false`: it is connected again.
        offboarded: bool,
    },
    /// A part of the number's chats was sent.
    History(HistoryPart),
    /// What the readiness report reads may have changed.
    Changed,
}

/// An update that a signup has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAccountUpdate {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// The update.
    pub update: AccountUpdate,
    /// Not sent earlier.
    #[serde(default)]
    pub not_before: UnixMillis,
}

/// Meta approved the display name of a number, which it shows once the number is registered again
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameApproval {
    /// The key of Meta's change.
    pub key: String,
    /// When it was approved.
    pub at: UnixMillis,
    /// The number.
    pub number: PhoneNumberId,
    /// The name. `None`: Meta did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Not applied earlier.
    #[serde(default)]
    pub not_before: UnixMillis,
}

/// A customer whose account nobody owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedCustomer {
    /// The app that the account was shared with.
    pub app: AppKey,
    /// The customer's business portfolio, whose token can be fetched.
    pub business: BusinessId,
    /// When the customer came.
    pub at: UnixMillis,
    /// The site that the account is signed up for. `None`: not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// Not looked at earlier.
    #[serde(default)]
    pub not_before: UnixMillis,
}
