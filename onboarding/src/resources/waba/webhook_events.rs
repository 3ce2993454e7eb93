//! The events that Meta's changes are for the owners of an account: their names, and which change has which.

use crate::meta::webhook::{AccountEvent, HistoryPart};

/// The name of an event, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventName {
    /// As in `SiteEvent::name`.
    pub name: &'static str,
    /// One English sentence.
    pub description: &'static str,
}

const fn event(name: &'static str, description: &'static str) -> EventName {
    EventName { name, description }
}

/// Every event that a change of Meta's can be. All have the change in `meta`.
pub const WEBHOOK_EVENTS: &[EventName] = &[
    event(
        "account.ad_account_linked",
        "An ad account was linked to the account.",
    ),
    event(
        "account.added",
        "A customer shared the account with the partner.",
    ),
    event("account.alert", "Meta has an alert about the account."),
    event(
        "account.app_installed",
        "A customer installed the partner's app for the account.",
    ),
    event(
        "account.auth_pricing_changed",
        "The price of authentication messages to other countries changed.",
    ),
    event(
        "account.ban_changed",
        "The account was disabled, is to be, or was reinstated.",
    ),
    event(
        "account.certification_changed",
        "The state of the partner's certification of the client changed.",
    ),
    event(
        "account.certification_needed",
        "The client cannot send messages until the partner certifies it.",
    ),
    event(
        "account.country_changed",
        "The primary country of the business changed.",
    ),
    event("account.deleted", "The account was deleted."),
    event(
        "account.limits_changed",
        "The limits on conversations or numbers changed.",
    ),
    event(
        "account.marketing_terms_signed",
        "The terms of the Marketing Messages API were signed.",
    ),
    event(
        "account.other",
        "A change that has no name here; what it is stands in `meta`.",
    ),
    event(
        "account.payment_configuration_changed",
        "A payment configuration of the account changed.",
    ),
    event(
        "account.pricing_tier_changed",
        "The account reached another tier of volume pricing.",
    ),
    event(
        "account.removed",
        "The customer took the partner's or its app's access away, or disconnected a number.",
    ),
    event(
        "account.restricted",
        "The account was restricted for violations.",
    ),
    event("account.reviewed", "Meta's review of the account decided."),
    event(
        "account.solution_changed",
        "A partner solution was created or changed.",
    ),
    event("account.violation", "The account violated Meta's policies."),
    event(
        "history.complete",
        "All chats of a number's phase were sent.",
    ),
    event("history.declined", "The customer does not share the chats."),
    event("history.progress", "A part of the chats was sent."),
    event(
        "number.name_reviewed",
        "Meta decided on the display name of a number.",
    ),
    event(
        "number.offboarded",
        "A number left the API, and is used in the WhatsApp Business app alone.",
    ),
    event(
        "number.quality_changed",
        "The quality or the throughput of a number changed.",
    ),
    event(
        "number.reconnected",
        "A number that had left the API is connected again.",
    ),
    event(
        "number.security_changed",
        "The two-step PIN of a number was changed or its reset requested.",
    ),
    event(
        "template.category_changed",
        "The category of a template changed or will.",
    ),
    event(
        "template.components_changed",
        "The content of a template changed.",
    ),
    event(
        "template.quality_changed",
        "The quality of a template changed.",
    ),
    event(
        "template.status_changed",
        "A template was approved, rejected, paused or deleted.",
    ),
];

/// The name of a change. What it is not known by is `account.other`.
pub fn event_name(event: &AccountEvent) -> &'static str {
    let (field, word) = (event.field.as_deref(), event.event.as_deref());
    if let Some(part) = event.history {
        return match part {
            HistoryPart::Declined => "history.declined",
            HistoryPart::Progress(100..) => "history.complete",
            HistoryPart::Progress(_) => "history.progress",
        };
    }
    // A field that is unknown, missing or misplaced says less than the event.
    let by_word = || lookup(WORDS, word?);
    let by_field = || lookup(FIELDS, field?);
    let by_member = || {
        let value = event.meta.get("value")?;
        let has = |(member, _): &&(&str, &str)| value.get(member).is_some_and(|it| !it.is_null());
        MEMBERS.iter().find(has).map(|(_, name)| *name)
    };
    by_field()
        .or_else(by_word)
        .or_else(|| field.is_none().then(by_member).flatten())
        .unwrap_or(OTHER)
}

/// Whether the event says that an app has no access to the account any more: its tokens are not valid.
pub(super) fn ends_access(event: &AccountEvent) -> bool {
    let is_removal = event_name(event) == "account.removed";
    // A number that was disconnected leaves the account's token as it is.
    is_removal && event.number.is_none()
}

/// Whether the event concerns the app alone whose webhook it came by.
pub(super) fn is_of_app(name: &str) -> bool {
    matches!(
        name,
        "account.added" | "account.app_installed" | "account.removed"
    )
}

/// Whether the event may be followed by the signup that claims the account, by minutes or by days.
pub(super) fn announces_customer(name: &str) -> bool {
    matches!(name, "account.added" | "account.app_installed")
}

fn lookup(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    let found = table.iter().find(|(known, _)| *known == key);
    found.map(|(_, name)| *name)
}

const OTHER: &str = "account.other";

/// `value.event`, of the field `account_update` where no other is named
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update>).
const WORDS: &[(&str, &str)] = &[
    ("ACCOUNT_DELETED", "account.deleted"),
    ("ACCOUNT_OFFBOARDED", "number.offboarded"),
    ("ACCOUNT_RECONNECTED", "number.reconnected"),
    ("ACCOUNT_RESTRICTION", "account.restricted"),
    ("ACCOUNT_VIOLATION", "account.violation"),
    ("AD_ACCOUNT_LINKED", "account.ad_account_linked"),
    (
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
        "account.auth_pricing_changed",
    ),
    (
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
        "account.country_changed",
    ),
    ("DISABLED_UPDATE", "account.ban_changed"),
    ("MM_LITE_TERMS_SIGNED", "account.marketing_terms_signed"),
    ("PARTNER_ADDED", "account.added"),
    ("PARTNER_APP_INSTALLED", "account.app_installed"),
    ("PARTNER_APP_UNINSTALLED", "account.removed"),
    (
        "PARTNER_CLIENT_CERTIFICATION_NEEDED",
        "account.certification_needed",
    ),
    (
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        "account.certification_changed",
    ),
    ("PARTNER_REMOVED", "account.removed"),
    (
        "VOLUME_BASED_PRICING_TIER_UPDATE",
        "account.pricing_tier_changed",
    ),
    ("PIN_CHANGED", "number.security_changed"),
    ("PIN_RESET_REQUEST", "number.security_changed"),
    ("PIN_REQUEST_SUCCESS", "number.security_changed"),
    ("SOLUTION_CREATED", "account.solution_changed"),
    ("SOLUTION_UPDATED", "account.solution_changed"),
    ("ONBOARDING", "number.quality_changed"),
    ("THROUGHPUT_UPGRADE", "number.quality_changed"),
    ("UPGRADE", "number.quality_changed"),
    ("DOWNGRADE", "number.quality_changed"),
    ("FLAGGED", "number.quality_changed"),
    ("UNFLAGGED", "number.quality_changed"),
];

/// Fields but `account_update`
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference>).
const FIELDS: &[(&str, &str)] = &[
    ("account_alerts", "account.alert"),
    ("account_review_update", "account.reviewed"),
    ("business_capability_update", "account.limits_changed"),
    (
        "message_template_components_update",
        "template.components_changed",
    ),
    (
        "message_template_quality_update",
        "template.quality_changed",
    ),
    ("message_template_status_update", "template.status_changed"),
    ("partner_solutions", "account.solution_changed"),
    (
        "payment_configuration_update",
        "account.payment_configuration_changed",
    ),
    ("phone_number_name_update", "number.name_reviewed"),
    ("phone_number_quality_update", "number.quality_changed"),
    ("security", "number.security_changed"),
    ("template_category_update", "template.category_changed"),
];

/// Members of `value` by which a change without a field is known; the first that is there decides.
const MEMBERS: &[(&str, &str)] = &[
    ("requested_verified_name", "number.name_reviewed"),
    ("alert_info", "account.alert"),
    ("max_phone_numbers_per_waba", "account.limits_changed"),
    ("max_phone_numbers_per_business", "account.limits_changed"),
    ("max_daily_conversation_per_phone", "account.limits_changed"),
    (
        "max_daily_conversations_per_business",
        "account.limits_changed",
    ),
    ("solution_status", "account.solution_changed"),
    ("new_quality_score", "template.quality_changed"),
    ("new_category", "template.category_changed"),
    ("message_template_id", "template.status_changed"),
    ("decision", "account.reviewed"),
];

/// Whether a name stands in [`WEBHOOK_EVENTS`].
#[cfg(test)]
fn is_listed(name: &str) -> bool {
    WEBHOOK_EVENTS.iter().any(|event| event.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhook_events_are_sorted_and_every_rule_names_one() {
        assert!(WEBHOOK_EVENTS.is_sorted_by(|one, other| one.name < other.name));
        let rules = [WORDS, FIELDS, MEMBERS].into_iter().flatten();
        for (key, name) in rules {
            assert!(is_listed(name), "{key}: {name}");
        }
        for name in [
            OTHER,
            "history.complete",
            "history.declined",
            "history.progress",
        ] {
            assert!(is_listed(name), "{name}");
        }
    }

    #[test]
    fn webhook_events_are_described_in_a_sentence() {
        for EventName { name, description } in WEBHOOK_EVENTS {
            assert!(
                description.ends_with('.') && description.len() < 100,
                "{name}"
            );
        }
    }
}
