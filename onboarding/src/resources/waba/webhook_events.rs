//! Which event of the owners a change of Meta's is.

use crate::meta::webhook::{AccountEvent, HistoryPart};
use embark_protocol::site_events::SiteEventType;

/// The event that a change is. What is not known is `account.other`.
pub fn event_type(event: &AccountEvent) -> SiteEventType {
    let (field, word) = (event.field.as_deref(), event.event.as_deref());
    if let Some(part) = event.history {
        return match part {
            HistoryPart::Declined => SiteEventType::HistoryDeclined,
            HistoryPart::Progress(100..) => SiteEventType::HistoryComplete,
            HistoryPart::Progress(_) => SiteEventType::HistoryProgress,
        };
    }
    // A field that is unknown, missing or misplaced says less than the event.
    let by_word = || lookup(WORDS, word?);
    let by_field = || lookup(FIELDS, field?);
    let by_member = || {
        let value = event.meta.get("value")?;
        let has = |(member, _): &&(&str, SiteEventType)| {
            value.get(member).is_some_and(|it| !it.is_null())
        };
        MEMBERS.iter().find(has).map(|(_, name)| *name)
    };
    by_field()
        .or_else(by_word)
        .or_else(|| field.is_none().then(by_member).flatten())
        .unwrap_or(OTHER)
}

/// The event that messages are, or statuses of messages.
pub(super) fn messages_event_type(are_statuses: bool) -> SiteEventType {
    if are_statuses {
        SiteEventType::MessageStatus
    } else {
        SiteEventType::MessageReceived
    }
}

/// Whether the event says that an app has no access to the account any more: its tokens are not valid.
pub(super) fn ends_access(event: &AccountEvent) -> bool {
    let is_removal = event_type(event) == SiteEventType::AccountRemoved;
    // A number that was disconnected leaves the account's token as it is.
    is_removal && event.number.is_none()
}

/// Whether the event concerns the app alone whose webhook it came by.
pub(super) fn is_of_app(name: &str) -> bool {
    let of_app = [
        SiteEventType::AccountAdded,
        SiteEventType::AccountAppInstalled,
        SiteEventType::AccountRemoved,
    ];
    of_app.iter().any(|of_app| of_app.as_str() == name)
}

/// Whether the event may be followed by the signup that claims the account, by minutes or by days.
pub(super) fn announces_customer(name: &str) -> bool {
    let announcing = [
        SiteEventType::AccountAdded,
        SiteEventType::AccountAppInstalled,
    ];
    announcing
        .iter()
        .any(|announcing| announcing.as_str() == name)
}

fn lookup(table: &[(&str, SiteEventType)], key: &str) -> Option<SiteEventType> {
    let found = table.iter().find(|(known, _)| *known == key);
    found.map(|(_, name)| *name)
}

const OTHER: SiteEventType = SiteEventType::AccountOther;

/// `value.event`, of the field `account_update` where no other is named
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update>).
const WORDS: &[(&str, SiteEventType)] = &[
    ("ACCOUNT_DELETED", SiteEventType::AccountDeleted),
    ("ACCOUNT_OFFBOARDED", SiteEventType::NumberOffboarded),
    ("ACCOUNT_RECONNECTED", SiteEventType::NumberReconnected),
    ("ACCOUNT_RESTRICTION", SiteEventType::AccountRestricted),
    ("ACCOUNT_VIOLATION", SiteEventType::AccountViolation),
    ("AD_ACCOUNT_LINKED", SiteEventType::AccountAdAccountLinked),
    (
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
        SiteEventType::AccountAuthPricingChanged,
    ),
    (
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
        SiteEventType::AccountCountryChanged,
    ),
    ("DISABLED_UPDATE", SiteEventType::AccountBanChanged),
    (
        "MM_LITE_TERMS_SIGNED",
        SiteEventType::AccountMarketingTermsSigned,
    ),
    ("PARTNER_ADDED", SiteEventType::AccountAdded),
    ("PARTNER_APP_INSTALLED", SiteEventType::AccountAppInstalled),
    ("PARTNER_APP_UNINSTALLED", SiteEventType::AccountRemoved),
    (
        "PARTNER_CLIENT_CERTIFICATION_NEEDED",
        SiteEventType::AccountCertificationNeeded,
    ),
    (
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        SiteEventType::AccountCertificationChanged,
    ),
    ("PARTNER_REMOVED", SiteEventType::AccountRemoved),
    (
        "VOLUME_BASED_PRICING_TIER_UPDATE",
        SiteEventType::AccountPricingTierChanged,
    ),
    ("PIN_CHANGED", SiteEventType::NumberSecurityChanged),
    ("PIN_RESET_REQUEST", SiteEventType::NumberSecurityChanged),
    ("PIN_REQUEST_SUCCESS", SiteEventType::NumberSecurityChanged),
    ("SOLUTION_CREATED", SiteEventType::AccountSolutionChanged),
    ("SOLUTION_UPDATED", SiteEventType::AccountSolutionChanged),
    ("ONBOARDING", SiteEventType::NumberQualityChanged),
    ("THROUGHPUT_UPGRADE", SiteEventType::NumberQualityChanged),
    ("UPGRADE", SiteEventType::NumberQualityChanged),
    ("DOWNGRADE", SiteEventType::NumberQualityChanged),
    ("FLAGGED", SiteEventType::NumberQualityChanged),
    ("UNFLAGGED", SiteEventType::NumberQualityChanged),
];

/// Fields but `account_update`
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference>).
const FIELDS: &[(&str, SiteEventType)] = &[
    ("account_alerts", SiteEventType::AccountAlert),
    ("account_review_update", SiteEventType::AccountReviewed),
    (
        "business_capability_update",
        SiteEventType::AccountLimitsChanged,
    ),
    (
        "message_template_components_update",
        SiteEventType::TemplateComponentsChanged,
    ),
    (
        "message_template_quality_update",
        SiteEventType::TemplateQualityChanged,
    ),
    (
        "message_template_status_update",
        SiteEventType::TemplateStatusChanged,
    ),
    ("partner_solutions", SiteEventType::AccountSolutionChanged),
    (
        "payment_configuration_update",
        SiteEventType::AccountPaymentConfigurationChanged,
    ),
    (
        "phone_number_name_update",
        SiteEventType::NumberNameReviewed,
    ),
    (
        "phone_number_quality_update",
        SiteEventType::NumberQualityChanged,
    ),
    ("security", SiteEventType::NumberSecurityChanged),
    (
        "template_category_update",
        SiteEventType::TemplateCategoryChanged,
    ),
];

/// Members of `value` by which a change without a field is known; the first that is there decides.
const MEMBERS: &[(&str, SiteEventType)] = &[
    ("requested_verified_name", SiteEventType::NumberNameReviewed),
    ("alert_info", SiteEventType::AccountAlert),
    (
        "max_phone_numbers_per_waba",
        SiteEventType::AccountLimitsChanged,
    ),
    (
        "max_phone_numbers_per_business",
        SiteEventType::AccountLimitsChanged,
    ),
    (
        "max_daily_conversation_per_phone",
        SiteEventType::AccountLimitsChanged,
    ),
    (
        "max_daily_conversations_per_business",
        SiteEventType::AccountLimitsChanged,
    ),
    ("solution_status", SiteEventType::AccountSolutionChanged),
    ("new_quality_score", SiteEventType::TemplateQualityChanged),
    ("new_category", SiteEventType::TemplateCategoryChanged),
    ("message_template_id", SiteEventType::TemplateStatusChanged),
    ("decision", SiteEventType::AccountReviewed),
];
