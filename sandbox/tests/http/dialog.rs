//! The ways through the dialog, and what the closing page says.

use crate::client::*;
use crate::visit::{Visit, between, finish};
use serde_json::json;

#[tokio::test]
async fn four_clicks_to_a_code_that_works() {
    let lab = Lab::start().await;
    let (visit, page) = Visit::open(&lab, &[]).await;
    assert_eq!(
        (page.status, page.step()),
        (200, "BUSINESS_ACCOUNT_SELECTION")
    );
    for id in [
        "continue",
        "cancel",
        "report",
        "business-4000000000000001",
        "business-new",
    ] {
        assert!(page.text.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    assert!(
        !page.text.contains("Somebody Else"),
        "other people's portfolios are not offered"
    );
    let page = visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    assert_eq!(page.step(), "WABA_PHONE_PROFILE_PICKER");
    let page = visit.press("continue", &[("waba", WABA)]).await;
    assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
    let page = visit.press("continue", &[("number", PHONE)]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let page = visit.press("finish", &[]).await;
    let words = page.words();
    assert_eq!(words[0].0, "*");
    assert_eq!(
        page.event(),
        json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 3, "data":
            {"waba_id": WABA, "phone_number_id": PHONE, "business_id": "4000000000000001"}})
    );
    assert_eq!(
        words[1].0, "https://shop.example",
        "the private word is for the opener only"
    );
    assert!(words[1].1.starts_with("cb=f77&"), "{}", words[1].1);
    let code = words[1].1.split("code=").nth(1).expect("a code");
    assert_eq!(
        lab.exchange(&[
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", code)
        ])
        .await
        .0,
        200
    );
    assert_eq!(
        visit.press("finish", &[]).await.status,
        404,
        "a dialog ends once"
    );
}

#[tokio::test]
async fn everything_new_and_verified_by_the_shown_code() {
    let lab = Lab::start().await;
    let extras = r#"{"setup":{"business":{"name":"A </script> B"},"phone":{"displayName":"Pre"}}}"#;
    let (visit, page) = Visit::open(&lab, &[("extras", extras)]).await;
    assert!(page.text.contains("A &lt;/script&gt; B"));
    visit
        .press(
            "continue",
            &[("business", "new"), ("business_name", "Brand New")],
        )
        .await;
    let page = visit.press("continue", &[("waba", "new")]).await;
    assert_eq!(page.step(), "WHATSAPP_BUSINESS_PROFILE_SETUP");
    let page = visit
        .press("continue", &[("waba_name", "Brand New WABA")])
        .await;
    assert!(page.text.contains("value=\"Pre\""));
    let number = |text: &'static str| {
        [
            ("number", "new"),
            ("number_text", text),
            ("display_name", "Brand New"),
        ]
    };
    for bad in ["12345", "+1 631-555-0101"] {
        let page = visit.press("continue", &number(bad)).await;
        assert!(page.text.contains("data-testid=\"problem\""), "{bad}");
    }
    let page = visit.press("continue", &number("+1 631-555-7777")).await;
    assert_eq!(page.step(), "PHONE_NUMBER_VERIFICATION");
    let page = visit
        .press("continue", &[("verification_code", "nope")])
        .await;
    let code = between(&page.text, "data-testid=\"sent-code\">", "<").to_owned();
    let page = visit
        .press("continue", &[("verification_code", &code)])
        .await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = visit.press("finish", &[]).await.event();
    let phone = lab
        .phone(event["data"]["phone_number_id"].as_str().expect("an id"))
        .await;
    assert_eq!(phone["code_verification_status"], "VERIFIED");
    assert_eq!(
        (&phone["waba_id"], &phone["status"]),
        (&event["data"]["waba_id"], &json!("PENDING"))
    );
    let log = json!(lab.log("path=/dialog/*").await).to_string();
    assert!(!log.contains(&code), "the verification code is masked");
}

#[tokio::test]
async fn verify_later_no_number_and_two_wabas() {
    let lab = Lab::start().await;
    let (visit, _) = Visit::open(&lab, &[]).await;
    let page = visit
        .press("continue", &[("business", "4000000000000002")])
        .await;
    assert!(page.text.contains("data-testid=\"waba-all\""));
    visit.press("continue", &[("waba", "all")]).await;
    visit
        .press("continue", &[("number", "6000000000000003")])
        .await;
    visit.press("later", &[]).await;
    let event = visit.press("finish", &[]).await.event();
    assert_eq!(
        event["data"]["waba_id"], "5000000000000003",
        "the chosen number's WABA"
    );
    assert_eq!(event["data"]["waba_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        lab.phone("6000000000000003").await["code_verification_status"],
        "NOT_VERIFIED"
    );

    let (visit, _) = Visit::open(&lab, &[]).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    visit.press("continue", &[("waba", WABA)]).await;
    let page = visit.press("continue", &[("number", "none")]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = visit.press("finish", &[]).await.event();
    assert_eq!(event["event"], "FINISH_ONLY_WABA");
    assert!(event["data"].get("phone_number_id").is_none());
}

#[tokio::test]
async fn coexistence_leaves_the_number_in_the_app() {
    let lab = Lab::start().await;
    for ids in ["waba", "all"] {
        lab.rules(json!({"coexistence_ids": ids})).await;
        let extras = r#"{"setup":{},"featureType":"whatsapp_business_app_onboarding"}"#;
        let (visit, _) = Visit::open(&lab, &[("extras", extras)]).await;
        let page = visit
            .press("continue", &[("business", "4000000000000001")])
            .await;
        assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
        let text = if ids == "all" {
            "+1 631-555-8888"
        } else {
            "+1 631-555-8889"
        };
        visit
            .press(
                "continue",
                &[("number_text", text), ("display_name", "App Shop")],
            )
            .await;
        visit.press("continue", &[]).await;
        let event = visit.press("finish", &[]).await.event();
        assert_eq!(event["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING");
        assert_eq!(
            event["data"].as_object().map(|data| data.len()),
            Some(if ids == "all" { 3 } else { 1 })
        );
        if let Some(id) = event["data"]["phone_number_id"].as_str() {
            let phone = lab.phone(id).await;
            assert_eq!(
                (&phone["is_on_biz_app"], &phone["platform_type"]),
                (&json!(true), &json!("CLOUD_API"))
            );
            assert_eq!(
                (&phone["status"], &phone["code_verification_status"]),
                (&json!("CONNECTED"), &json!("VERIFIED"))
            );
        }
    }
}

#[tokio::test]
async fn leaving_names_the_screen_and_reporting_names_the_error() {
    let lab = Lab::start().await;
    let (visit, _) = Visit::open(&lab, &[]).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    let page = visit.press("cancel", &[]).await;
    assert_eq!(page.event()["event"], "CANCEL");
    assert_eq!(
        page.event()["data"],
        json!({"current_step": "WABA_PHONE_PROFILE_PICKER"})
    );
    assert!(page.words()[1].1.contains("error=access_denied"));

    let (visit, _) = Visit::open(&lab, &[]).await;
    let page = visit.press("report", &[("error_code", "2655095")]).await;
    let data = page.event()["data"].clone();
    assert_eq!(
        (&page.event()["event"], &data["error_code"]),
        (&json!("CANCEL"), &json!("2655095"))
    );
    for key in ["error_message", "session_id", "timestamp"] {
        assert!(data[key].is_string(), "{key}");
    }
    assert_eq!(lab.count("path=*&effect=true").await, 0);
}

#[tokio::test]
async fn ids_come_before_after_or_never() {
    let lab = Lab::start().await;
    for (rule, targets) in [
        ("before", vec!["*", "code"]),
        ("after", vec!["code", "*"]),
        ("never", vec!["code"]),
    ] {
        lab.rules(json!({"ids": rule, "ids_delay_ms": 750})).await;
        let words = finish(&lab, &[]).await.words();
        let kinds: Vec<&str> = words
            .iter()
            .map(|word| if word.0 == "*" { "*" } else { "code" })
            .collect();
        assert_eq!(kinds, targets, "{rule}");
        assert_eq!(
            words.iter().map(|word| word.2).max(),
            Some(if rule == "after" { 750 } else { 0 })
        );
    }
    lab.rules(json!({"ids": "before"})).await;
    let v2 = finish(&lab, &[("extras", r#"{"version":"v2"}"#)]).await;
    assert_eq!(
        v2.words().len(),
        1,
        "v2 without sessionInfoVersion posts no ids"
    );
}
