//! The data that Meta's popup is pre-filled with
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-filled-data>).

use crate::settings_error::SettingsErrors;
use core::ops::RangeInclusive;
use embark_protocol::BusinessId;
use embark_protocol::prefill::PrefillSettings;

/// A field: its name, its value, which values are valid, and the same in words.
type Rule<'f> = (
    &'static str,
    &'f Option<String>,
    fn(&str) -> bool,
    &'static str,
);

/// Validates the pre-filled data: adds each field that is not valid; [`PrefillSettings`] has the forms.
pub(super) fn check_prefill(fill: &PrefillSettings, errors: &mut SettingsErrors) {
    let rules: &[Rule<'_>] = &[
        (
            "business_id",
            &fill.business_id,
            |id| BusinessId::parse(id).is_ok(),
            "5 to 20 digits",
        ),
        (
            "business_name",
            &fill.business_name,
            |text| text.len() <= 100,
            "at most 100 bytes",
        ),
        (
            "email",
            &fill.email,
            |text| text.len() <= 254 && text.contains('@'),
            "an address with @, at most 254 bytes",
        ),
        (
            "website",
            &fill.website,
            // Not parsed as a URL: without Unicode tables, `url` refuses hosts like münchen.example.
            |text| {
                text.len() <= 512 && (text.starts_with("https://") || text.starts_with("http://"))
            },
            "begins with https:// or http://, at most 512 bytes",
        ),
        (
            "street1",
            &fill.street1,
            |text| text.len() <= 200,
            "at most 200 bytes",
        ),
        (
            "street2",
            &fill.street2,
            |text| text.len() <= 200,
            "at most 200 bytes",
        ),
        (
            "city",
            &fill.city,
            |text| text.len() <= 100,
            "at most 100 bytes",
        ),
        (
            "state",
            &fill.state,
            |text| text.len() <= 100,
            "at most 100 bytes",
        ),
        (
            "zip",
            &fill.zip,
            |text| text.len() <= 20,
            "at most 20 bytes",
        ),
        (
            "country",
            &fill.country,
            |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            "two capitals, like DE",
        ),
        (
            "phone_code",
            &fill.phone_code,
            |text| is_digits(text, 1..=3),
            "1 to 3 digits, without +",
        ),
        (
            "phone_number",
            &fill.phone_number,
            |text| is_digits(text, 4..=15),
            "4 to 15 digits, without the country code",
        ),
        ("timezone", &fill.timezone, is_timezone, "like UTC-07:00"),
        (
            "display_name",
            &fill.display_name,
            |text| text.len() <= 100,
            "at most 100 bytes",
        ),
        (
            "category",
            &fill.category,
            |text| CATEGORIES.contains(&text),
            "a category of WhatsApp profiles, like RETAIL",
        ),
        (
            "description",
            &fill.description,
            |text| text.len() <= 512,
            "at most 512 bytes",
        ),
    ];
    for (name, value, is_valid, form) in rules {
        if value
            .as_deref()
            .is_some_and(|value| value.trim().is_empty() || !is_valid(value))
        {
            errors.add(["prefill: ", name].concat(), *form);
        }
    }
    for (name, ids) in [
        ("pre_verified_ids", &fill.pre_verified_ids),
        ("waba_ids", &fill.waba_ids),
    ] {
        let are_ids = ids.iter().all(|id| is_digits(id, 5..=20));
        errors.require(
            ids.len() <= 20 && are_ids,
            &["prefill: ", name].concat(),
            "at most 20, each of 5 to 20 digits",
        );
    }
    errors.require(
        fill.phone_code.is_some() == fill.phone_number.is_some(),
        "prefill",
        "phone_code and phone_number go together",
    );
    // Meta creates a portfolio from all four, and ignores them otherwise.
    let portfolio = [
        &fill.business_name,
        &fill.email,
        &fill.website,
        &fill.country,
    ];
    let given = portfolio.iter().filter(|value| value.is_some()).count();
    errors.require(
        fill.business_id.is_some() || matches!(given, 0 | 4),
        "prefill",
        "business_name, email, website and country go together",
    );
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
