//! Events of a site for the partner's back end: posted to the site's endpoint as Standard Webhooks
//! (<https://www.standardwebhooks.com>), and listed by `GET /v1/backend/events`. Both have the same document.

use crate::id::{PhoneNumberId, Reference, SignupId, SiteId, WabaId};
use crate::problem::Problem;
use crate::snapshot::ConnectedAssets;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteEventDocument {
    /// The same however often the event is delivered. Also the header `webhook-id`.
    pub id: String,
    /// The type, e.g. `signup.connected`. More are added over time: a receiver ignores those that it does not know.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it happened, RFC 3339 in UTC.
    pub timestamp: String,
    /// What happened.
    pub data: SiteEventData,
}

/// What happened, to what. Fields that do not apply are absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteEventData {
    /// The site.
    pub site: SiteId,
    /// Grows with every event of the site. Events may be delivered in another order.
    pub sequence: u64,
    /// The signup.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signup: Option<SignupId>,
    /// Whose signup it is, if the partner said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<CustomerReference>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    /// What was connected: of `signup.connected` and `signup.connected_without_number`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connected: Option<ConnectedAssets>,
    /// Why, if it is a failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
    /// Meta's change that it reports, with its `field` and its `value`, as it came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta: Option<Value>,
    /// A link for the customer, by which the token of the account is renewed: of `token.refused`, `token.revoked` and
    /// `token.expiring`. Valid for two weeks from when the event was delivered or listed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
    /// Until when Meta lets the number be registered, in Unix milliseconds: of `register_window.closing`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub register_by: Option<u64>,
    /// The quota that has reached a level: of `quota.warning` and `quota.full`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quota: Option<QuotaUse>,
    /// The partner solution: of `solution.status`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solution: Option<SolutionStatus>,
}

/// A partner solution, as Meta has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SolutionStatus {
    /// The solution.
    pub id: String,
    /// Meta's value, e.g. `ACTIVE`.
    pub status: String,
}

/// How many of the new businesses that Meta lets be onboarded within seven days were, when a quota reached a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotaUse {
    /// Whose quota it is.
    pub kind: QuotaOwnerKind,
    /// The key of the app, or the id of the partner solution.
    pub id: String,
    /// Businesses that connected for the first time within the last seven days.
    pub used: u32,
    /// How many may.
    pub limit: u32,
    /// When another one may, in Unix milliseconds: of `quota.full`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub free_at: Option<u64>,
}

/// Whose quota it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuotaOwnerKind {
    /// Of an app.
    App,
    /// Of a partner solution.
    Solution,
}

/// Whose signup it is, in the partner's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerReference {
    /// The partner's own id of the customer.
    pub id: Reference,
    /// Whether the partner itself named it, by a session or an invitation. `false`: a page did, and a page can say anything.
    pub verified: bool,
}

macro_rules! event_types {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The type of an event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SiteEventType {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl SiteEventType {
            /// Every type, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// When there is one, in English: the line of the documentation.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

event_types! {
    /// Sent on request, to try the endpoint.
    EndpointTest = "endpoint.test",
    /// The endpoint was switched off, after five days of failures or because it answered 410.
    EndpointDisabled = "endpoint.disabled",
    /// Meta's window was opened for a new signup.
    SignupLaunched = "signup.launched",
    /// The customer is asked for something: `problem` says what led there, if anything did.
    SignupNeedsInput = "signup.needs_input",
    /// Account and number are connected: `connected` names them.
    SignupConnected = "signup.connected",
    /// The account is connected and has no number yet.
    SignupConnectedWithoutNumber = "signup.connected_without_number",
    /// The customer must go through Meta's window again: `problem` says why.
    SignupRelaunch = "signup.relaunch",
    /// Meta's window was opened again for a signup that had ended.
    SignupRelaunched = "signup.relaunched",
    /// The signup cannot succeed: `problem` says why, and who must act. Once an operator has it tried again, other events follow.
    SignupFailed = "signup.failed",
    /// The customer left Meta's window, or nothing came of it within 24 hours.
    SignupAbandoned = "signup.abandoned",
    /// Meta's SDK opened no window on the page: the app's list of allowed domains lacks it, or the app is switched off.
    SdkNoWindow = "sdk_no_window",
    /// The token lacks a permission that the site's policy needs.
    ScopeMissing = "scope.missing",
    /// The number is not registered yet, and Meta lets it be registered for 7 or 2 days more, until `register_by`. The
    /// customer goes on by a link (`POST /v1/backend/signups/{id}/link`).
    RegisterWindowClosing = "register_window.closing",
    /// The business token expires in 14 or in 3 days: send the customer `link`.
    TokenExpiring = "token.expiring",
    /// Meta refused the token: send the customer `link`.
    TokenRefused = "token.refused",
    /// The token is not valid any more: the customer took the app's access away, or whoever granted the token removed the
    /// app. Send the customer `link`.
    TokenRevoked = "token.revoked",
    /// A new token replaced the account's token.
    TokenRenewed = "token.renewed",
    /// A new token was not kept, because the present token has permissions that the new one lacks.
    TokenKept = "token.kept",
    /// Four fifths of the new businesses that Meta lets the app or its partner solution onboard in seven days were
    /// onboarded: `quota`.
    QuotaWarning = "quota.warning",
    /// All new businesses that Meta lets the app or its partner solution onboard in seven days were onboarded: `quota` has
    /// in `free_at` when the next one may be. Meta refuses signups of new businesses until then.
    QuotaFull = "quota.full",
    /// The site's partner solution is not active at Meta, so that its pages show no button, is to be deactivated, or is
    /// active again: `solution`.
    SolutionStatus = "solution.status",
    /// The credit line could not be shared: `problem` says why.
    CreditFailed = "credit.failed",
    /// The other provider has not answered for long.
    HandoffLate = "handoff.late",
    /// The other provider refused the account: `problem` says why.
    HandoffFailed = "handoff.failed",
    /// Contacts or chats of the WhatsApp Business app were not requested in time.
    SyncMissed = "sync.missed",
    /// All chats of a number's phase were sent.
    HistoryComplete = "history.complete",
    /// The customer does not share the chats.
    HistoryDeclined = "history.declined",
    /// A part of the chats was sent.
    HistoryProgress = "history.progress",
    /// Another site connected an account of this site too.
    AccountOwnerAdded = "account.owner_added",
    /// An ad account was linked to the account.
    AccountAdAccountLinked = "account.ad_account_linked",
    /// A customer shared the account with the partner.
    AccountAdded = "account.added",
    /// Meta has an alert about the account.
    AccountAlert = "account.alert",
    /// A customer installed the partner's app for the account.
    AccountAppInstalled = "account.app_installed",
    /// The price of authentication messages to other countries changed.
    AccountAuthPricingChanged = "account.auth_pricing_changed",
    /// The account was disabled, is to be, or was reinstated.
    AccountBanChanged = "account.ban_changed",
    /// The state of the partner's certification of the client changed.
    AccountCertificationChanged = "account.certification_changed",
    /// The client cannot send messages until the partner certifies it.
    AccountCertificationNeeded = "account.certification_needed",
    /// The primary country of the business changed.
    AccountCountryChanged = "account.country_changed",
    /// The account was deleted.
    AccountDeleted = "account.deleted",
    /// The limits on conversations or numbers changed.
    AccountLimitsChanged = "account.limits_changed",
    /// The terms of the Marketing Messages API were signed.
    AccountMarketingTermsSigned = "account.marketing_terms_signed",
    /// A payment configuration of the account changed.
    AccountPaymentConfigurationChanged = "account.payment_configuration_changed",
    /// The account reached another tier of volume pricing.
    AccountPricingTierChanged = "account.pricing_tier_changed",
    /// The customer took the partner's or its app's access away, or disconnected a number.
    AccountRemoved = "account.removed",
    /// The account was restricted for violations.
    AccountRestricted = "account.restricted",
    /// Meta's review of the account decided.
    AccountReviewed = "account.reviewed",
    /// A partner solution was created or changed.
    AccountSolutionChanged = "account.solution_changed",
    /// The account violated Meta's policies.
    AccountViolation = "account.violation",
    /// A change that has no name here; what it is stands in `meta`.
    AccountOther = "account.other",
    /// Meta decided on the display name of a number.
    NumberNameReviewed = "number.name_reviewed",
    /// An approved display name was not applied: `problem` says why. Meta shows it once the number is registered again.
    NumberNameNotApplied = "number.name_not_applied",
    /// A number left the API, and is used in the WhatsApp Business app alone.
    NumberOffboarded = "number.offboarded",
    /// The quality or the throughput of a number changed.
    NumberQualityChanged = "number.quality_changed",
    /// A number that had left the API is connected again.
    NumberReconnected = "number.reconnected",
    /// The two-step PIN of a number was changed or its reset requested.
    NumberSecurityChanged = "number.security_changed",
    /// The category of a template changed or will.
    TemplateCategoryChanged = "template.category_changed",
    /// The content of a template changed.
    TemplateComponentsChanged = "template.components_changed",
    /// The quality of a template changed.
    TemplateQualityChanged = "template.quality_changed",
    /// A template was approved, rejected, paused or deleted.
    TemplateStatusChanged = "template.status_changed",
    /// Messages of end users; only if the site's `messages` has the mode `forward`.
    MessageReceived = "message.received",
    /// Messages to end users were sent, delivered, read or failed; only if the site's `messages` has the mode `forward`.
    MessageStatus = "message.status",
    /// Meta does not send an account's messages to the site's own address, or still sends them to an earlier one: `problem`
    /// says why.
    MessagesOverrideFailed = "messages.override_failed",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn event_types_have_names_and_descriptions_of_their_own() {
        let names: BTreeSet<_> = SiteEventType::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        assert_eq!(names.len(), SiteEventType::ALL.len());
        for kind in SiteEventType::ALL {
            assert!(kind.description().ends_with('.'), "{}", kind.as_str());
        }
    }
}
