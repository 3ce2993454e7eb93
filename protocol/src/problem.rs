//! Errors as RFC 9457 `application/problem+json`, with a stable `code` and the one who must act.

use crate::snapshot::Step;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The body of every 4xx and 5xx, and the `problem` of a snapshot that did not end well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank#<code>`: an identifier, not a page.
    #[serde(rename = "type")]
    pub kind: String,
    /// One English sentence; the words a customer reads come from the widget's locale files.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    pub code: Code,
    pub remedy: Remedy,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<Step>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Meta's error code, raw, e.g. `133005` or `100/36009`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta_code: Option<String>,
    /// Meta's trace id: what its support asks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fbtrace_id: Option<String>,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The same request again, later.
    Retry,
    /// The customer goes through Meta's popup again, under the same signup.
    Relaunch,
    /// The customer changes something, usually at Meta.
    Customer,
    /// The partner's operator changes a setting.
    Operator,
    /// Nobody knows yet: contact the partner, quoting the trace id.
    Contact,
}

impl Remedy {
    /// The wire form.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Relaunch => "relaunch",
            Self::Customer => "customer",
            Self::Operator => "operator",
            Self::Contact => "contact",
        }
    }
}

macro_rules! codes {
    ($($name:ident = $word:literal, $remedy:ident, $title:literal;)*) => {
        /// Every problem code. Stable: a code is never renamed or given another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[doc = $title] #[serde(rename = $word)] $name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            pub const fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            pub const fn remedy(self) -> Remedy {
                match self { $(Code::$name => Remedy::$remedy,)* }
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", Contact, "The request is not one this service knows";
    BadJson = "bad_json", Contact, "The body is not the JSON this route takes";
    BadId = "bad_id", Contact, "An id has the wrong shape";
    BodyTooLarge = "body_too_large", Contact, "The body is larger than this route takes";
    UnsupportedMediaType = "unsupported_media_type", Contact, "The body must be application/json";
    NotFound = "not_found", Contact, "There is nothing at this address";
    MethodNotAllowed = "method_not_allowed", Contact, "This address does not take that method";
    TooManyRequests = "too_many_requests", Retry, "Too many requests; try again in a moment";
    Unauthorized = "unauthorized", Operator, "The operator token is missing or wrong";
    OriginNotAllowed = "origin_not_allowed", Operator, "This website is not listed for the site";
    UnknownSite = "unknown_site", Operator, "No site has this name";
    SiteDisabled = "site_disabled", Operator, "The site is switched off";
    GrantMissing = "grant_missing", Relaunch, "The request carries no grant";
    GrantInvalid = "grant_invalid", Relaunch, "The grant was not issued by this service";
    GrantExpired = "grant_expired", Relaunch, "The grant has expired; start again";
    GrantMismatch = "grant_mismatch", Relaunch, "The grant belongs to another signup or website";
    GrantUsed = "grant_used", Relaunch, "Another window took this signup over";
    InvitationUsed = "invitation_used", Contact, "The invitation has been used";
    InvitationExpired = "invitation_expired", Contact, "The invitation has expired or was taken back";
    NotLaunched = "not_launched", Relaunch, "No signup was started under this id";
    CodeAlreadySent = "code_already_sent", Relaunch, "A different answer was already sent for this signup";
    Conflict = "conflict", Retry, "The signup is not at a point where it takes this";
    InputNotAsked = "input_not_asked", Retry, "The signup did not ask for this";
    InputInvalid = "input_invalid", Customer, "The answer does not have the shape asked for";
    RedirectUriRefused = "redirect_uri_refused", Operator, "The redirect_uri is neither Meta's nor ours";
    CodeExpired = "code_expired", Relaunch, "Meta's code expired before it could be used";
    CodeSpent = "code_spent", Relaunch, "Meta's code was already used";
    CodeRefused = "code_refused", Operator, "Meta refused the code for every redirect_uri";
    AnswerLost = "answer_lost", Relaunch, "Meta's answer was lost on the way";
    TokenInvalid = "token_invalid", Relaunch, "The business token is no longer valid";
    TokenForeign = "token_foreign", Relaunch, "The token was issued for another app";
    ScopeMissing = "scope_missing", Relaunch, "A permission was not granted";
    AssetsMissing = "assets_missing", Relaunch, "Meta named no WhatsApp account for this signup";
    WabaUnreachable = "waba_unreachable", Relaunch, "The customer's token does not reach this WhatsApp account";
    WabaMismatch = "waba_mismatch", Relaunch, "This is not the WhatsApp account that was to be renewed";
    PhoneNotInWaba = "phone_not_in_waba", Relaunch, "The number does not belong to this WhatsApp account";
    OwnedElsewhere = "owned_elsewhere", Operator, "The number is connected through another site";
    PinMismatch = "pin_mismatch", Customer, "The two-step verification PIN is wrong";
    PinLocked = "pin_locked", Customer, "Too many wrong PINs; wait or reset the PIN at Meta";
    PinTooSoon = "pin_too_soon", Retry, "Meta wants time to pass before the PIN is tried again";
    RegisterBudget = "register_budget", Retry, "The number was registered too often; wait";
    NumberUnverified = "number_unverified", Customer, "The number is not verified yet";
    NumberRefused = "number_refused", Customer, "Meta does not accept this number";
    AccountLocked = "account_locked", Customer, "Meta has locked this WhatsApp account";
    TooManyTries = "too_many_tries", Relaunch, "Too many tries";
    DeadlinePassed = "deadline_passed", Relaunch, "Nobody went on in time";
    AppMisconfigured = "app_misconfigured", Operator, "The Meta app or its secret is not set up";
    QuotaFull = "quota_full", Operator, "No more new businesses can be connected this week";
    CreditElsewhere = "credit_elsewhere", Operator, "Something else than our credit line pays for the account";
    ProviderPending = "provider_pending", Retry, "The provider is still setting the number up";
    ProviderRefused = "provider_refused", Operator, "The provider does not take the number";
    ProviderUnavailable = "provider_unavailable", Retry, "The provider does not answer at the moment";
    MetaRefused = "meta_refused", Contact, "Meta refused a step";
    MetaUnavailable = "meta_unavailable", Retry, "Meta does not answer at the moment";
    Internal = "internal", Retry, "Something went wrong on our side";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_are_the_wire_form() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.word()), "{}", code.word());
            assert_eq!(serde_json::to_value(code).ok(), Some(code.word().into()));
        }
    }
}
