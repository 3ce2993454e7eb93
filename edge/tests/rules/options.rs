//! What goes together, version by version; and what a tag may wish.

use embark_edge::options::{WISHES, check, login, wish};
use embark_protocol::config::Site;
use embark_protocol::prefill::Prefill;
use serde_json::{Value, json};

fn site(more: Value) -> Site {
    let mut site = json!({"key": "acme", "app": "main", "origins": ["https://shop.example"], "config_id": "3000000000000001"});
    site.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::from_value(site).unwrap()
}

#[test]
fn what_a_version_does_not_have_is_refused() {
    let coexistence = "whatsapp_business_app_onboarding";
    for (fits, more) in [
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
        // The configuration may be one of v2.
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
        let read = check(&site(more.clone()));
        assert_eq!(read.is_ok(), fits, "{more}: {read:?}");
    }
}

#[test]
fn a_prefill_is_metas_shape_or_none() {
    let four = json!({"business_name": "Lucky Shrub", "email": "a@b.example", "website": "https://b.example", "country": "DE"});
    let and = |more: Value| {
        let mut all = four.clone();
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    for (fits, prefill) in [
        (true, json!({})),
        (true, four.clone()),
        (true, json!({"business_id": "4000000000000001"})),
        (
            true,
            json!({"business_id": "4000000000000001", "email": "a@b.example"}),
        ),
        (false, json!({"business_name": "Lucky Shrub"})),
        (false, and(json!({"business_name": "x".repeat(101)}))),
        (false, and(json!({"email": "nobody"}))),
        (false, and(json!({"website": "javascript:alert(1)"}))),
        (false, and(json!({"country": "de"}))),
        (false, and(json!({"country": "DEU"}))),
        (false, and(json!({"city": "  "}))),
        (
            true,
            and(json!({"phone_code": "49", "phone_number": "3012345"})),
        ),
        (false, and(json!({"phone_code": "49"}))),
        (
            false,
            and(json!({"phone_code": "+49", "phone_number": "3012345"})),
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
        let read = check(&site(json!({"prefill": prefill})));
        assert_eq!(read.is_ok(), fits, "{prefill}: {read:?}");
    }
    assert!(serde_json::from_value::<Prefill>(json!({"name": "x"})).is_err());
}

#[test]
fn a_tag_wishes_what_the_site_lets_it() {
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
    assert_eq!(WISHES.len(), all.len());
    for ((name, _), word) in WISHES.iter().zip(all) {
        let value = if word == "prefill" { "{}" } else { "x" };
        assert!(wish(&mut site(json!({})), name, value).is_err(), "{name}");
        let others: Vec<&str> = all.into_iter().filter(|other| *other != word).collect();
        assert!(
            wish(&mut site(json!({"tag_may": others})), name, value).is_err(),
            "{name}"
        );
        assert_eq!(
            wish(&mut site(json!({"tag_may": [word]})), name, value),
            Ok(()),
            "{name}"
        );
    }
    assert!(wish(&mut site(json!({"tag_may": all})), "origins", "x").is_err());
    let mut broken = site(json!({"tag_may": ["prefill"]}));
    for bad in ["", "[7]", "{", r#"{"name":"x"}"#, r#"{"city":7}"#] {
        assert!(wish(&mut broken, "prefill", bad).is_err(), "{bad}");
    }
}

#[test]
fn fb_login_gets_what_was_given_and_nothing_empty() {
    let plain = serde_json::to_value(login(site(json!({})))).unwrap();
    assert_eq!(
        plain["extras"],
        json!({"setup": {}, "sessionInfoVersion": "3"})
    );
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
        serde_json::to_value(login(site(full))).unwrap()["extras"],
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
