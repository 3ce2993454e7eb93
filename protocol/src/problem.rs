//! Errors as RFC 9457 problem documents (`application/problem+json`,
//! <https://www.rfc-editor.org/rfc/rfc9457>), extended by a stable `code` and by who must act.

use crate::enums::{Closed, Enums, Open};
use crate::step::Step;
use serde::{Deserialize, Serialize};

/// Body of every 4xx and 5xx response, and the `problem` of a snapshot. The members of the RFC may be missing when it is
/// read; `code` and `remedy` may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct Problem<E: Enums = Closed> {
    /// `about:blank#<code>`. An identifier; there is no page behind it.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// One English sentence. What a customer reads comes from the widget's locale files instead.
    #[serde(default)]
    pub title: String,
    /// HTTP status code.
    #[serde(default)]
    pub status: u16,
    /// What went wrong.
    #[cfg_attr(feature = "openapi", schema(value_type = ProblemCode))]
    pub code: E::Value<ProblemCode>,
    /// Who must act.
    #[cfg_attr(feature = "openapi", schema(value_type = Remedy))]
    pub remedy: E::Value<Remedy>,
    /// The step that failed. Absent if the error did not occur in a step.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Step>))]
    pub step: Option<E::Value<Step>>,
    /// More about this occurrence, in English, for the operator or a developer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Meta's error code, or code and subcode, as received: `133005`, `100/36009`. Absent if Meta did not
    /// cause the problem. See
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta_code: Option<String>,
    /// Meta's trace id of the failed call. Meta's support asks for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fbtrace_id: Option<String>,
    /// The account that it is about: of `waba_mismatch` the one that was to be shared. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<String>,
    /// Every field of a document of settings that is not valid. Empty if that is not the problem.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
}

/// A field of a document that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Its name; for a field of a nested object with the outer name in front, e.g. `handoff: url`.
    pub field: String,
    /// What is allowed, or what is wrong with it.
    pub detail: String,
}

impl Problem {
    /// As a widget reads it. `None` cannot occur: every problem is JSON.
    pub fn to_open(&self) -> Option<Problem<Open>> {
        serde_json::from_value(serde_json::to_value(self).ok()?).ok()
    }
}

/// Who must act to resolve a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The client: send the same request again, later.
    Retry,
    /// The customer: go through Meta's popup again, under the same signup.
    Relaunch,
    /// The customer: change something, usually at Meta.
    Customer,
    /// The partner's operator: change a setting.
    Operator,
    /// Not known: the customer contacts the partner and quotes the trace id.
    Contact,
}

impl Remedy {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
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
    ($($name:ident = $wire:literal, $remedy:ident, $title:literal;)*) => {
        /// What went wrong. The values are stable: none is ever renamed or given another meaning.
        ///
        /// Each comes with an English title and with who must act, see [`title`](Self::title) and
        /// [`remedy`](Self::remedy).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ProblemCode { $(#[doc = $title] #[serde(rename = $wire)] $name,)* }

        impl ProblemCode {
            /// Every code, in the order of declaration.
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$name,)*];

            /// The value on the wire.
            // Inline: the widget names a few codes and need not contain them all.
            #[inline(always)]
            pub const fn as_str(self) -> &'static str {
                match self { $(ProblemCode::$name => $wire,)* }
            }

            /// One English sentence: the `title` of the problem document.
            pub const fn title(self) -> &'static str {
                match self { $(ProblemCode::$name => $title,)* }
            }

            /// Who must act, unless the place where the problem arises knows better.
            pub const fn remedy(self) -> Remedy {
                match self { $(ProblemCode::$name => Remedy::$remedy,)* }
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
    Unauthorized = "unauthorized", Operator, "The token or the signature is missing or wrong";
    InsufficientScope = "insufficient_scope", Operator, "The token does not permit this";
    OriginNotAllowed = "origin_not_allowed", Operator, "This website is not listed for the site";
    UnknownSite = "unknown_site", Operator, "No site has this name";
    SiteDisabled = "site_disabled", Operator, "The site is switched off";
    GrantMissing = "grant_missing", Relaunch, "The request carries no grant";
    GrantInvalid = "grant_invalid", Relaunch, "The grant was not issued by this service";
    GrantExpired = "grant_expired", Relaunch, "The grant has expired; start again";
    GrantMismatch = "grant_mismatch", Relaunch, "The grant belongs to another signup or website";
    GrantUsed = "grant_used", Relaunch, "Another window took this signup over";
    InvitationUsed = "invitation_used", Contact, "The invitation has been used";
    InvitationExpired = "invitation_expired", Contact, "The invitation is not known, has expired or was taken back";
    InvitationRequired = "invitation_required", Contact, "The site takes invited customers only";
    SessionUnknown = "session_unknown", Operator, "The session is not one of this service";
    SessionUsed = "session_used", Contact, "The session has been used by another signup";
    SessionExpired = "session_expired", Contact, "The session has expired";
    SessionForeign = "session_foreign", Operator, "The session belongs to another site";
    SessionOrigin = "session_origin", Operator, "The session is for the pages of another origin";
    SessionRequired = "session_required", Operator, "The site begins signups with a session of its back end only";
    IdempotencyKeyReused = "idempotency_key_reused", Operator, "The Idempotency-Key was used for another request";
    SettingsChanged = "settings_changed", Operator, "The settings were changed meanwhile; read them again";
    NotLaunched = "not_launched", Relaunch, "No signup was started under this id";
    CodeAlreadySent = "code_already_sent", Relaunch, "A different answer was already sent for this signup";
    Conflict = "conflict", Retry, "This cannot be done at the moment";
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
    AppScopeMissing = "app_scope_missing", Operator, "The Meta app lacks a permission that the signup needs";
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
    NumberOnPremise = "number_on_premise", Customer, "The number is still registered with the On-Premises API";
    DeregistrationIncomplete = "deregistration_incomplete", Contact, "An earlier deregistration of the number is not complete at Meta";
    AccountLocked = "account_locked", Customer, "Meta has locked this WhatsApp account";
    TooManyTries = "too_many_tries", Relaunch, "Too many tries";
    DeadlinePassed = "deadline_passed", Relaunch, "Nobody went on in time";
    SignupCancelled = "signup_cancelled", Contact, "The signup was cancelled";
    AppMisconfigured = "app_misconfigured", Operator, "The Meta app or its secret is not set up";
    AppIncomplete = "app_incomplete", Operator, "The Meta app lacks its secret: no signup of it could succeed";
    SolutionInactive = "solution_inactive", Operator, "The partner solution of the site is not active at Meta";
    QuotaFull = "quota_full", Operator, "No more new businesses can be connected this week";
    CreditElsewhere = "credit_elsewhere", Operator, "Something else than our credit line pays for the account";
    OverrideRefused = "override_refused", Operator, "Meta does not send the messages to the site's own address";
    ProviderPending = "provider_pending", Retry, "The provider is still setting the number up";
    ProviderRefused = "provider_refused", Operator, "The provider does not take the number";
    ProviderUnavailable = "provider_unavailable", Retry, "The provider does not answer at the moment";
    MetaRefused = "meta_refused", Contact, "Meta refused a step";
    MetaUnavailable = "meta_unavailable", Retry, "Meta does not answer at the moment";
    Internal = "internal", Retry, "Something went wrong on our side";
}

impl ProblemCode {
    /// The HTTP status of a response with this code. A snapshot's `problem` carries it too.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BadJson | Self::BadId => 400,
            Self::Unauthorized | Self::GrantMissing | Self::GrantInvalid | Self::GrantExpired => {
                401
            }
            Self::InsufficientScope
            | Self::OriginNotAllowed
            | Self::SiteDisabled
            | Self::SolutionInactive
            | Self::InvitationRequired
            | Self::SessionForeign
            | Self::SessionOrigin
            | Self::SessionRequired
            | Self::GrantMismatch
            | Self::WabaUnreachable
            | Self::TokenForeign
            | Self::ScopeMissing
            | Self::AppScopeMissing => 403,
            Self::NotFound | Self::UnknownSite | Self::NotLaunched | Self::SessionUnknown => 404,
            Self::MethodNotAllowed => 405,
            Self::CodeAlreadySent
            | Self::Conflict
            | Self::IdempotencyKeyReused
            | Self::InputNotAsked
            | Self::SignupCancelled
            | Self::OwnedElsewhere
            | Self::CreditElsewhere => 409,
            Self::GrantUsed
            | Self::InvitationUsed
            | Self::InvitationExpired
            | Self::SessionUsed
            | Self::SessionExpired => 410,
            Self::CodeExpired | Self::CodeSpent | Self::AnswerLost | Self::DeadlinePassed => 410,
            Self::SettingsChanged => 412,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::InputInvalid
            | Self::RedirectUriRefused
            | Self::CodeRefused
            | Self::TokenInvalid
            | Self::AssetsMissing
            | Self::PhoneNotInWaba
            | Self::WabaMismatch
            | Self::PinMismatch
            | Self::PinLocked
            | Self::NumberUnverified
            | Self::NumberRefused
            | Self::NumberOnPremise
            | Self::AccountLocked
            | Self::TooManyTries => 422,
            Self::TooManyRequests | Self::PinTooSoon | Self::RegisterBudget | Self::QuotaFull => {
                429
            }
            Self::Internal | Self::AppMisconfigured | Self::AppIncomplete => 500,
            Self::MetaRefused
            | Self::ProviderRefused
            | Self::OverrideRefused
            | Self::DeregistrationIncomplete => 502,
            Self::MetaUnavailable | Self::ProviderUnavailable | Self::ProviderPending => 503,
        }
    }
}

impl Problem {
    /// A problem document for this code, without a step or detail.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: ["about:blank#", code.as_str()].concat(),
            title: code.title().to_owned(),
            status: code.http_status(),
            code,
            remedy: code.remedy(),
            step: None,
            detail: None,
            meta_code: None,
            fbtrace_id: None,
            waba_id: None,
            errors: vec![],
        }
    }

    /// Adds the step that failed.
    #[must_use]
    pub fn at_step(mut self, step: Step) -> Self {
        self.step = Some(step);
        self
    }

    /// Adds an English sentence about this occurrence.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_str_is_unique_and_equals_the_wire_value() {
        let mut seen = std::collections::HashSet::new();
        for code in ProblemCode::ALL {
            assert!(seen.insert(code.as_str()), "{}", code.as_str());
            assert_eq!(serde_json::to_value(code).ok(), Some(code.as_str().into()));
        }
    }

    #[test]
    fn every_code_has_an_error_status() {
        for code in ProblemCode::ALL {
            assert!(
                (400..=503).contains(&code.http_status()),
                "{}",
                code.as_str()
            );
        }
    }
}
