//! The data that Meta's popup is pre-filled with
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-filled-data>).

use crate::settings_error::SettingsError;
use core::ops::RangeInclusive;
use embark_protocol::prefill::PrefillSettings;

type IsValid = fn(&str) -> bool;

/// Validates the pre-filled data.
///
/// # Errors
/// The first field that is not valid; [`PrefillSettings`] has the forms.
pub(super) fn validate_prefill(fill: &PrefillSettings) -> Result<(), SettingsError> {
    let rules: &[(&str, &Option<String>, IsValid)] = &[
        ("business_id", &fill.business_id, |id| is_digits(id, 5..=20)),
        ("business_name", &fill.business_name, |text| {
            text.len() <= 100
        }),
        ("email", &fill.email, |text| {
            text.len() <= 254 && text.contains('@')
        }),
        ("website", &fill.website, |text| {
            text.len() <= 512 && (text.starts_with("https://") || text.starts_with("http://"))
        }),
        ("street1", &fill.street1, |text| text.len() <= 200),
        ("street2", &fill.street2, |text| text.len() <= 200),
        ("city", &fill.city, |text| text.len() <= 100),
        ("state", &fill.state, |text| text.len() <= 100),
        ("zip", &fill.zip, |text| text.len() <= 20),
        ("country", &fill.country, |text| {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
        }),
        ("phone_code", &fill.phone_code, |text| {
            is_digits(text, 1..=3)
        }),
        ("phone_number", &fill.phone_number, |text| {
            is_digits(text, 4..=15)
        }),
        ("timezone", &fill.timezone, is_timezone),
        ("display_name", &fill.display_name, |text| text.len() <= 100),
        ("category", &fill.category, |text| {
            CATEGORIES.contains(&text)
        }),
        ("description", &fill.description, |text| text.len() <= 512),
    ];
    for (name, value, is_valid) in rules {
        if value
            .as_deref()
            .is_some_and(|value| value.trim().is_empty() || !is_valid(value))
        {
            return Err(SettingsError::new("prefill", *name));
        }
    }
    for (name, ids) in [
        ("pre_verified_ids", &fill.pre_verified_ids),
        ("waba_ids", &fill.waba_ids),
    ] {
        if ids.len() > 20 || !ids.iter().all(|id| is_digits(id, 5..=20)) {
            return Err(SettingsError::new("prefill", name));
        }
    }
    SettingsError::require(
        fill.phone_code.is_some() == fill.phone_number.is_some(),
        "prefill",
        "phone_code and phone_number go together",
    )?;
    // Meta creates a portfolio from all four, and ignores them otherwise.
    let portfolio = [
        &fill.business_name,
        &fill.email,
        &fill.website,
        &fill.country,
    ];
    let given = portfolio.iter().filter(|value| value.is_some()).count();
    SettingsError::require(
        fill.business_id.is_some() || matches!(given, 0 | 4),
        "prefill",
        "business_name, email, website and country go together",
    )
}

/// Whether text is digits only, as many as this.
pub(super) fn is_digits(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether text is a time zone in Meta's form, e.g. `UTC-07:00`.
fn is_timezone(text: &str) -> bool {
    let offset = text
        .strip_prefix("UTC")
        .and_then(|rest| rest.strip_prefix(['+', '-']));
    let parts = offset.and_then(|rest| rest.split_once(':'));
    parts.is_some_and(|(hours, minutes)| is_digits(hours, 2..=2) && is_digits(minutes, 2..=2))
}

/// The categories of a WhatsApp business profile.
const CATEGORIES: &[&str] = &[
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
    "MATRIMONY_SERVICE",
];
