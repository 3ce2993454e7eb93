//! The options of Meta's login dialog: which a version of Embedded Signup has, which a tag may set, and how
//! they reach `FB.login`.

use crate::site_settings;
use embark_onboarding::meta::login_options::{
    TAG_OPTIONS, apply_tag_option, fb_login_options, validate,
};
use embark_protocol::admin::SiteSettings;
use embark_protocol::prefill::PrefillSettings;
use serde_json::{Value, json};

fn site(settings: &Value) -> SiteSettings {
    serde_json::from_value(site_settings(settings)).unwrap()
}

#[test]
fn option_that_the_version_lacks_is_rejected() {
    let coexistence = "whatsapp_business_app_onboarding";
    for (accepted, settings) in [
        (true, json!({})),
        (
            true,
            json!({"es_version": "v2", "feature_type": "only_waba_sharing"}),
        ),
        (
            false,
            json!({"es_version": "v3", "feature_type": "only_waba_sharing"}),
        ),
        (
            false,
            json!({"es_version": "v4", "feature_type": "only_waba_sharing"}),
        ),
        // Without `es_version` the login configuration may be one of v2.
        (true, json!({"feature_type": "only_waba_sharing"})),
        (
            true,
            json!({"es_version": "v2-public-preview", "feature_type": "marketing_messages_lite"}),
        ),
        (
            false,
            json!({"es_version": "v2", "feature_type": "marketing_messages_lite"}),
        ),
        (
            true,
            json!({"es_version": "v2", "feature_type": coexistence}),
        ),
        (
            true,
            json!({"es_version": "v3-public-preview", "feature_type": coexistence}),
        ),
        (
            true,
            json!({"es_version": "v4", "feature_type": coexistence}),
        ),
        (false, json!({"feature_type": "coexistence"})),
        (false, json!({"feature_type": ""})),
        (false, json!({"es_version": "v5"})),
        (false, json!({"es_version": ""})),
        (
            true,
            json!({"es_version": "v2", "features": ["marketing_messages_lite"]}),
        ),
        (
            false,
            json!({"es_version": "v2", "features": ["app_only_install"]}),
        ),
        (
            true,
            json!({"es_version": "v3", "features": ["app_only_install", "marketing_messages_lite"]}),
        ),
        (
            true,
            json!({"es_version": "v4", "features": ["app_only_install"]}),
        ),
        (
            false,
            json!({"es_version": "v4", "features": ["marketing_messages_lite"]}),
        ),
        (
            false,
            json!({"features": ["app_only_install"], "feature_type": coexistence}),
        ),
        (false, json!({"features": ["teleport"]})),
        (true, json!({"session_info_version": "2"})),
        (false, json!({"session_info_version": "1"})),
        (true, json!({"graph_version": "v25.0"})),
        (false, json!({"graph_version": "25.0"})),
        (false, json!({"graph_version": "v25.0/../x"})),
        (true, json!({"sdk_locale": "de_DE"})),
        (false, json!({"sdk_locale": "de-DE"})),
        (false, json!({"sdk_locale": "a/_.."})),
        (false, json!({"config_id": "abc"})),
        (false, json!({"solution_id": "7 or more"})),
    ] {
        let result = validate(&site(&settings));
        assert_eq!(result.is_ok(), accepted, "{settings}: {result:?}");
    }
}

#[test]
fn refused_option_names_its_field_and_what_is_valid() {
    for (settings, field, valid) in [
        (
            json!({"feature_type": "coexistence"}),
            "feature_type: ",
            "whatsapp_business_app_onboarding",
        ),
        (
            json!({"es_version": "v5"}),
            "es_version: ",
            "v4-public-preview",
        ),
        (json!({"features": ["x"]}), "features: ", "app_only_install"),
        (
            json!({"session_info_version": "4"}),
            "session_info_version: ",
            "2 or 3",
        ),
        (json!({"graph_version": "25"}), "graph_version: ", "v25.0"),
        (json!({"sdk_locale": "en"}), "sdk_locale: ", "en_US"),
        (json!({"config_id": "x"}), "config_id: ", "digits"),
        (
            json!({"prefill": {"timezone": "CET"}}),
            "prefill: timezone: ",
            "UTC-07:00",
        ),
        (
            json!({"prefill": {"waba_ids": ["x"]}}),
            "prefill: waba_ids: ",
            "digits",
        ),
    ] {
        let error = validate(&site(&settings)).unwrap_err().to_string();
        assert!(error.starts_with(field), "{error}");
        assert!(error.contains(valid), "{error}");
    }
}

#[test]
fn prefill_of_another_shape_is_rejected() {
    let required = json!({"business_name": "Lucky Shrub", "email": "a@b.example", "website": "https://b.example", "country": "DE"});
    let with = |fields: Value| {
        let mut prefill = required.clone();
        let fields = fields.as_object().unwrap().clone();
        prefill.as_object_mut().unwrap().extend(fields);
        prefill
    };
    for (accepted, prefill) in [
        (true, json!({})),
        (true, required.clone()),
        (true, json!({"business_id": "4000000000000001"})),
        (
            true,
            json!({"business_id": "4000000000000001", "email": "a@b.example"}),
        ),
        (false, json!({"business_name": "Lucky Shrub"})),
        (false, with(json!({"business_name": "x".repeat(101)}))),
        (false, with(json!({"email": "nobody"}))),
        (false, with(json!({"website": "javascript:alert(1)"}))),
        (false, with(json!({"country": "de"}))),
        (false, with(json!({"country": "DEU"}))),
        (false, with(json!({"city": "  "}))),
        (
            true,
            with(json!({"phone_code": "49", "phone_number": "3012345"})),
        ),
        (false, with(json!({"phone_code": "49"}))),
        (
            false,
            with(json!({"phone_code": "+49", "phone_number": "3012345"})),
        ),
        (true, json!({"timezone": "UTC-07:00"})),
        (false, json!({"timezone": "Europe/Berlin"})),
        (
            true,
            json!({"display_name": "Shrub", "category": "RETAIL", "description": "We sell shrubs."}),
        ),
        (false, json!({"category": "SHRUBS"})),
        (false, json!({"description": "x".repeat(513)})),
        (
            true,
            json!({"pre_verified_ids": ["100000000000001"], "waba_ids": ["5000000000000001"]}),
        ),
        (false, json!({"pre_verified_ids": ["+1 631 555 0101"]})),
        (false, json!({"waba_ids": vec!["5000000000000001"; 21]})),
    ] {
        let result = validate(&site(&json!({"prefill": prefill})));
        assert_eq!(result.is_ok(), accepted, "{prefill}: {result:?}");
    }
    assert!(serde_json::from_value::<PrefillSettings>(json!({"name": "x"})).is_err());
}

#[test]
fn tag_sets_only_the_options_that_the_site_allows() {
    let all = [
        "config_id",
        "solution_id",
        "feature_type",
        "features",
        "session_info_version",
        "es_version",
        "graph_version",
        "sdk_locale",
        "prefill",
    ];
    let apply = |allowed: &[&str], name: &str, value: &str| {
        apply_tag_option(&mut site(&json!({"tag_may": allowed})), name, value)
    };
    assert_eq!(TAG_OPTIONS.len(), all.len());
    for ((name, _), setting) in TAG_OPTIONS.iter().zip(all) {
        let value = if setting == "prefill" { "{}" } else { "x" };
        let others: Vec<&str> = all.into_iter().filter(|other| *other != setting).collect();
        assert!(apply(&[], name, value).is_err(), "{name}");
        assert!(apply(&others, name, value).is_err(), "{name}");
        assert_eq!(apply(&[setting], name, value), Ok(()), "{name}");
    }
    assert!(apply(&all, "origins", "x").is_err());
    for malformed in ["", "[7]", "{", r#"{"name":"x"}"#, r#"{"city":7}"#] {
        let result = apply(&["prefill"], "prefill", malformed);
        assert!(result.is_err(), "{malformed}");
    }
}

#[test]
fn fb_login_receives_the_given_options_and_no_empty_ones() {
    let extras = |settings: &Value| {
        let options = fb_login_options(site(settings));
        serde_json::to_value(options).unwrap()["extras"].clone()
    };
    let expected = json!({"setup": {}, "sessionInfoVersion": "3"});
    assert_eq!(extras(&json!({})), expected);
    let full = json!({
        "solution_id": "7000000000000001", "feature_type": "whatsapp_business_app_onboarding", "es_version": "v3",
        "features": ["marketing_messages_lite"], "session_info_version": "2",
        "prefill": {
            "business_id": "4000000000000001", "business_name": "Lucky Shrub", "email": "a@b.example",
            "website": "https://b.example", "street1": "1 Way", "street2": "Yard", "city": "Berlin", "state": "BE",
            "zip": "10115", "country": "DE", "phone_code": "49", "phone_number": "3012345", "timezone": "UTC+01:00",
            "display_name": "Shrub", "category": "RETAIL", "description": "Shrubs.",
            "pre_verified_ids": ["100000000000001"], "waba_ids": ["5000000000000001"]
        }
    });
    assert_eq!(
        extras(&full),
        json!({
            "setup": {
                "solutionID": "7000000000000001",
                "business": {
                    "id": "4000000000000001", "name": "Lucky Shrub", "email": "a@b.example",
                    "website": "https://b.example",
                    "address": {"streetAddress1": "1 Way", "streetAddress2": "Yard", "city": "Berlin", "state": "BE",
                                "zipPostal": "10115", "country": "DE"},
                    "phone": {"code": 49, "number": "3012345"}, "timezone": "UTC+01:00"
                },
                "phone": {"displayName": "Shrub", "category": "RETAIL", "description": "Shrubs."},
                "preVerifiedPhone": {"ids": ["100000000000001"]},
                "whatsAppBusinessAccount": {"ids": ["5000000000000001"]}
            },
            "sessionInfoVersion": "2", "featureType": "whatsapp_business_app_onboarding", "version": "v3",
            "features": [{"name": "marketing_messages_lite"}]
        })
    );
}
