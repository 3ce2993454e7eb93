//! Meta's documented webhooks
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference>), and what each is here.

use serde_json::{Value, json};

pub const WABA: &str = "5000000000000001";

/// Every documented event of `account_update` and every other field, with its value.
pub fn documented() -> Vec<(&'static str, Value, &'static str)> {
    let info = json!({"waba_id": WABA, "owner_business_id": "4000000000000001"});
    let certified = json!({"client_business_id": "4000000000000001", "status": "APPROVED", "rejection_reasons": []});
    let metadata =
        json!({"display_phone_number": "16315550101", "phone_number_id": "6000000000000001"});
    let update = "account_update";
    vec![
        (
            update,
            json!({"event": "ACCOUNT_DELETED"}),
            "account.deleted",
        ),
        (
            update,
            json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}}),
            "account.violation",
        ),
        (
            update,
            json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": 1_760_500_000}]}),
            "account.restricted",
        ),
        (
            update,
            json!({"event": "AD_ACCOUNT_LINKED"}),
            "account.ad_account_linked",
        ),
        (
            update,
            json!({"event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"}),
            "account.auth_pricing_changed",
        ),
        (
            update,
            json!({"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "IN"}),
            "account.country_changed",
        ),
        (
            update,
            json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "2026-11-01"}}),
            "account.ban_changed",
        ),
        (
            update,
            json!({"event": "MM_LITE_TERMS_SIGNED"}),
            "account.marketing_terms_signed",
        ),
        (
            update,
            json!({"event": "PARTNER_ADDED", "waba_info": info}),
            "account.added",
        ),
        (
            update,
            json!({"event": "PARTNER_APP_INSTALLED", "waba_info": info}),
            "account.app_installed",
        ),
        (
            update,
            json!({"event": "PARTNER_APP_UNINSTALLED", "waba_info": info}),
            "account.removed",
        ),
        (
            update,
            json!({"event": "PARTNER_REMOVED", "phone_number": "16315550101"}),
            "account.removed",
        ),
        (
            update,
            json!({"event": "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "partner_client_certification_info": certified}),
            "account.certification_changed",
        ),
        (
            update,
            json!({"event": "PARTNER_CLIENT_CERTIFICATION_NEEDED", "partner_client_certification_needed_info": {"client_business_id": "4"}}),
            "account.certification_needed",
        ),
        (
            update,
            json!({"event": "ACCOUNT_OFFBOARDED", "phone_number": "16315550101"}),
            "number.offboarded",
        ),
        (
            update,
            json!({"event": "ACCOUNT_RECONNECTED", "phone_number": "16315550101"}),
            "number.reconnected",
        ),
        (
            update,
            json!({"event": "VOLUME_BASED_PRICING_TIER_UPDATE"}),
            "account.pricing_tier_changed",
        ),
        (
            "account_review_update",
            json!({"decision": "APPROVED"}),
            "account.reviewed",
        ),
        (
            "phone_number_name_update",
            json!({"display_phone_number": "16315550101", "decision": "REJECTED", "requested_verified_name": "Lucky", "rejection_reason": "NAME_FORMAT_UNACCEPTABLE"}),
            "number.name_reviewed",
        ),
        (
            "phone_number_quality_update",
            json!({"display_phone_number": "16315550101", "event": "ONBOARDING", "current_limit": "TIER_250"}),
            "number.quality_changed",
        ),
        (
            "business_capability_update",
            json!({"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_waba": 25}),
            "account.limits_changed",
        ),
        (
            "security",
            json!({"display_phone_number": "16315550101", "event": "PIN_CHANGED", "requester": "1"}),
            "number.security_changed",
        ),
        (
            "account_alerts",
            json!({"entity_type": "WABA", "entity_id": WABA, "alert_info": {"alert_severity": "HIGH"}}),
            "account.alert",
        ),
        (
            "partner_solutions",
            json!({"event": "SOLUTION_UPDATED", "solution_id": "7", "solution_status": "ACTIVE"}),
            "account.solution_changed",
        ),
        (
            "message_template_status_update",
            json!({"event": "APPROVED", "message_template_id": 1, "message_template_name": "hi"}),
            "template.status_changed",
        ),
        (
            "message_template_quality_update",
            json!({"message_template_id": 1, "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}),
            "template.quality_changed",
        ),
        (
            "message_template_components_update",
            json!({"message_template_id": 1, "message_template_element": "x"}),
            "template.components_changed",
        ),
        (
            "template_category_update",
            json!({"message_template_id": 1, "new_category": "MARKETING"}),
            "template.category_changed",
        ),
        (
            "payment_configuration_update",
            json!({"configuration_name": "x"}),
            "account.payment_configuration_changed",
        ),
        (
            "history",
            json!({"metadata": metadata, "history": [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 55}, "threads": [{"id": "1", "messages": [{"id": "wamid.1"}]}]}]}),
            "history.progress",
        ),
        (
            "history",
            json!({"metadata": metadata, "history": [{"metadata": {"phase": 2, "chunk_order": 9, "progress": 100}, "threads": []}]}),
            "history.complete",
        ),
        (
            "history",
            json!({"metadata": metadata, "history": [{"errors": [{"code": 2_593_109}]}]}),
            "history.declined",
        ),
        (
            "history",
            json!({"metadata": metadata, "messages": [{"id": "wamid.1", "type": "image"}]}),
            "traffic",
        ),
        (
            "messages",
            json!({"metadata": metadata, "contacts": [{"wa_id": "1"}], "messages": [{"id": "wamid.1"}]}),
            "traffic",
        ),
        (
            "messages",
            json!({"metadata": metadata, "statuses": [{"id": "wamid.1", "status": "read"}]}),
            "traffic",
        ),
        (
            "messages",
            json!({"metadata": metadata, "errors": [{"code": 131_000}]}),
            "traffic",
        ),
        (
            "smb_message_echoes",
            json!({"metadata": metadata, "message_echoes": [{"id": "wamid.2"}]}),
            "traffic",
        ),
        (
            "smb_app_state_sync",
            json!({"metadata": metadata, "state_sync": [{"type": "contact", "action": "add"}]}),
            "traffic",
        ),
        (
            "calls",
            json!({"metadata": metadata, "calls": [{"id": "1", "event": "connect"}]}),
            "traffic",
        ),
        (
            "user_preferences",
            json!({"metadata": metadata, "user_preferences": [{}]}),
            "traffic",
        ),
        (
            "automatic_events",
            json!({"metadata": metadata, "automatic_events": [{}]}),
            "traffic",
        ),
        (
            "next_years_field",
            json!({"event": "SOMETHING"}),
            "account.other",
        ),
        (
            update,
            json!({"event": "NEXT_YEARS_EVENT"}),
            "account.other",
        ),
        (update, json!({}), "account.other"),
    ]
}
