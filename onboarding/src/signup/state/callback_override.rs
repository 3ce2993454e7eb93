//! Stored of the address that Meta sends the customer's messages to in place of the app's callback URL.

use crate::meta::same_address::is_same_address;
use crate::resources::message_route::MessageRoute;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::Problem;
use serde::{Deserialize, Serialize};

/// What was read of the addresses, and how far they are set. A change discards what was read: it is read back before
/// anything else happens, also by another incarnation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackOverrideState {
    /// How far it is.
    pub phase: OverridePhase,
    /// The account's. `None`: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountWebhooks>,
    /// The number's. `None`: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberAddress>,
    /// How many changes Meta accepted.
    pub changes: u8,
    /// When the next call is made.
    pub retry: RetryState,
    /// When they are read once more: a subscription that timed out may still take effect at Meta, and takes the account's
    /// address away. `None`: they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_again_at: Option<UnixMillis>,
    /// This pass reads them once more, or is one of a signup that was connected before: no subscription can still take effect.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub rechecks: bool,
    /// A call has failed: the signup goes on without waiting for the rest.
    pub released: bool,
}

/// How far the addresses are set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverridePhase {
    /// They are read, changed where they differ, and read again.
    #[default]
    Open,
    /// Applied anew: the number's object is asked first whether the number is still the site's, which it is not after a
    /// transfer.
    AskingOwner,
    /// They are to be read once more: likewise.
    AskingOwnerAgain,
    /// The site is asked where its messages are to be sent by now.
    Asking,
    /// They were read as they are to be.
    Done,
    /// They cannot be set.
    Failed(Problem),
}

/// What was read of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountWebhooks {
    /// Our app is subscribed.
    pub subscribed: bool,
    /// The account's address. `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What was read of the number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberAddress {
    /// Its own address. `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A read of the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideRead {
    /// Of the account.
    Account,
    /// Of the number.
    Number,
}

/// A change at Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideChange {
    /// Subscribes the app, without which no address is accepted.
    Subscribe,
    /// Sets the account's address.
    SetAccount,
    /// Sets the number's address.
    SetNumber,
    /// The number has none of its own any more.
    ClearNumber,
    /// The account has none of its own any more.
    ClearAccount,
}

impl CallbackOverrideState {
    /// Whether nothing was done yet.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether nothing is left to do.
    pub const fn is_settled(&self) -> bool {
        matches!(self.phase, OverridePhase::Done | OverridePhase::Failed(_))
    }

    /// Whether nothing is left to do, now or later.
    pub const fn is_at_rest(&self) -> bool {
        self.is_settled() && self.read_again_at.is_none()
    }

    /// Whether they cannot be set.
    pub const fn has_failed(&self) -> bool {
        matches!(self.phase, OverridePhase::Failed(_))
    }

    /// The address that Meta sends the number's messages to, as it was last read. `None`: the app's, or not read.
    pub fn effective(&self) -> Option<&str> {
        let number = self.number.as_ref().and_then(|read| read.url.as_deref());
        let account = self.account.as_ref().and_then(|read| read.url.as_deref());
        number.or(account)
    }

    /// The change that is due by what was read, in Meta's order: the app is subscribed, then the account has the address, and
    /// only where that cannot be, or the number has another one, the number. They are taken away in the opposite order.
    /// `None`: there is nothing that this service may change.
    ///
    /// Of an account, only an address is replaced that the site itself had: another one belongs to another site of the
    /// account, or was set by hand. A number belongs to one site: where the site has an address, it counts for its numbers.
    pub fn next_change(&self, route: &MessageRoute) -> Option<OverrideChange> {
        let account = self.account.as_ref()?;
        let number = self.number.as_ref().map(|read| read.url.as_deref());
        let was_ours = |url: &str| route.retired.iter().any(|old| is_same_address(old, url));
        let Some(callback) = &route.callback else {
            return if number.flatten().is_some_and(was_ours) {
                Some(OverrideChange::ClearNumber)
            } else {
                let is_ours = account.subscribed && account.url.as_deref().is_some_and(was_ours);
                is_ours.then_some(OverrideChange::ClearAccount)
            };
        };
        let is_wanted = |url: &str| is_same_address(url, &callback.url);
        if !account.subscribed {
            return Some(OverrideChange::Subscribe);
        }
        let account_has_it = account.url.as_deref().is_some_and(is_wanted);
        if !account_has_it && account.url.as_deref().is_none_or(was_ours) {
            return Some(OverrideChange::SetAccount);
        }
        match number? {
            Some(own) if is_wanted(own) => None,
            None if account_has_it => None,
            Some(_) if account_has_it => Some(OverrideChange::ClearNumber),
            _ => Some(OverrideChange::SetNumber),
        }
    }

    /// The next pass begins with what number and site are by then.
    pub fn ask_again(&mut self) {
        *self = Self {
            phase: OverridePhase::AskingOwner,
            rechecks: true,
            released: self.released || self.is_settled(),
            ..Self::default()
        };
    }

    /// When the next call is due.
    pub const fn due_at(&self) -> UnixMillis {
        self.retry.not_before
    }
}
