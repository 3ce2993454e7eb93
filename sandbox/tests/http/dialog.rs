//! The paths through the dialog, and the messages of the closing page.

use crate::dialog_session::{DialogSession, between, finish};
use crate::test_sandbox::*;
use serde_json::json;

#[tokio::test]
async fn dialog_with_preselected_choices_leads_to_a_valid_code_in_four_clicks() {
    let sandbox = TestSandbox::start().await;
    let (session, page) = DialogSession::open(&sandbox, &[]).await;
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
    let page = session
        .press("continue", &[("business", "4000000000000001")])
        .await;
    assert_eq!(page.step(), "WABA_PHONE_PROFILE_PICKER");
    let page = session.press("continue", &[("waba", WABA)]).await;
    assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
    let page = session.press("continue", &[("number", PHONE)]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let page = session.press("finish", &[]).await;
    let messages = page.messages();
    assert_eq!(messages[0].0, "*");
    assert_eq!(
        page.event(),
        json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 3, "data":
            {"waba_id": WABA, "phone_number_id": PHONE, "business_id": "4000000000000001"}})
    );
    assert_eq!(
        messages[1].0, "https://shop.example",
        "the SDK's message is for the opener only"
    );
    assert!(messages[1].1.starts_with("cb=f77&"), "{}", messages[1].1);
    let code = messages[1].1.split("code=").nth(1).expect("a code");
    assert_eq!(
        sandbox
            .exchange(&[
                ("client_id", APP),
                ("client_secret", SECRET),
                ("code", code)
            ])
            .await
            .0,
        200
    );
    assert_eq!(
        session.press("finish", &[]).await.status,
        404,
        "a dialog ends once"
    );
}

#[tokio::test]
async fn dialog_with_all_new_assets_creates_a_verified_number() {
    let sandbox = TestSandbox::start().await;
    let extras = r#"{"setup":{"business":{"name":"A </script> B"},"phone":{"displayName":"Pre"}}}"#;
    let (session, page) = DialogSession::open(&sandbox, &[("extras", extras)]).await;
    assert!(page.text.contains("A &lt;/script&gt; B"));
    session
        .press(
            "continue",
            &[("business", "new"), ("business_name", "Brand New")],
        )
        .await;
    let page = session.press("continue", &[("waba", "new")]).await;
    assert_eq!(page.step(), "WHATSAPP_BUSINESS_PROFILE_SETUP");
    let page = session
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
        let page = session.press("continue", &number(bad)).await;
        assert!(page.text.contains("data-testid=\"problem\""), "{bad}");
    }
    let page = session.press("continue", &number("+1 631-555-7777")).await;
    assert_eq!(page.step(), "PHONE_NUMBER_VERIFICATION");
    let page = session
        .press("continue", &[("verification_code", "nope")])
        .await;
    let code = between(&page.text, "data-testid=\"sent-code\">", "<").to_owned();
    let page = session
        .press("continue", &[("verification_code", &code)])
        .await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = session.press("finish", &[]).await.event();
    let phone = sandbox
        .phone(event["data"]["phone_number_id"].as_str().expect("an id"))
        .await;
    assert_eq!(phone["code_verification_status"], "VERIFIED");
    assert_eq!(
        (&phone["waba_id"], &phone["status"]),
        (&event["data"]["waba_id"], &json!("PENDING"))
    );
    let log = json!(sandbox.log("path=/dialog/*").await).to_string();
    assert!(!log.contains(&code), "the verification code is masked");
}

#[tokio::test]
async fn dialog_without_verification_or_number_finishes() {
    let sandbox = TestSandbox::start().await;
    let (session, _) = DialogSession::open(&sandbox, &[]).await;
    let page = session
        .press("continue", &[("business", "4000000000000002")])
        .await;
    assert!(page.text.contains("data-testid=\"waba-all\""));
    session.press("continue", &[("waba", "all")]).await;
    session
        .press("continue", &[("number", "6000000000000003")])
        .await;
    session.press("later", &[]).await;
    let event = session.press("finish", &[]).await.event();
    assert_eq!(
        event["data"]["waba_id"], "5000000000000003",
        "the chosen number's WABA"
    );
    assert_eq!(event["data"]["waba_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        sandbox.phone("6000000000000003").await["code_verification_status"],
        "NOT_VERIFIED"
    );

    let (session, _) = DialogSession::open(&sandbox, &[]).await;
    session
        .press("continue", &[("business", "4000000000000001")])
        .await;
    session.press("continue", &[("waba", WABA)]).await;
    let page = session.press("continue", &[("number", "none")]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = session.press("finish", &[]).await.event();
    assert_eq!(event["event"], "FINISH_ONLY_WABA");
    assert!(event["data"].get("phone_number_id").is_none());
}

#[tokio::test]
async fn coexistence_dialog_keeps_the_number_in_the_app() {
    let sandbox = TestSandbox::start().await;
    for ids in ["waba", "all"] {
        sandbox.rules(json!({"coexistence_ids": ids})).await;
        let extras = r#"{"setup":{},"featureType":"whatsapp_business_app_onboarding"}"#;
        let (session, _) = DialogSession::open(&sandbox, &[("extras", extras)]).await;
        let page = session
            .press("continue", &[("business", "4000000000000001")])
            .await;
        assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
        let text = if ids == "all" {
            "+1 631-555-8888"
        } else {
            "+1 631-555-8889"
        };
        session
            .press(
                "continue",
                &[("number_text", text), ("display_name", "App Shop")],
            )
            .await;
        session.press("continue", &[]).await;
        let event = session.press("finish", &[]).await.event();
        assert_eq!(event["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING");
        assert_eq!(
            event["data"].as_object().map(|data| data.len()),
            Some(if ids == "all" { 3 } else { 1 })
        );
        if let Some(id) = event["data"]["phone_number_id"].as_str() {
            let phone = sandbox.phone(id).await;
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
async fn cancel_event_has_the_screen_or_the_reported_error() {
    let sandbox = TestSandbox::start().await;
    let (session, _) = DialogSession::open(&sandbox, &[]).await;
    session
        .press("continue", &[("business", "4000000000000001")])
        .await;
    let page = session.press("cancel", &[]).await;
    assert_eq!(page.event()["event"], "CANCEL");
    assert_eq!(
        page.event()["data"],
        json!({"current_step": "WABA_PHONE_PROFILE_PICKER"})
    );
    assert!(page.messages()[1].1.contains("error=access_denied"));

    let (session, _) = DialogSession::open(&sandbox, &[]).await;
    let page = session.press("report", &[("error_code", "2655095")]).await;
    let data = page.event()["data"].clone();
    assert_eq!(
        (&page.event()["event"], &data["error_code"]),
        (&json!("CANCEL"), &json!("2655095"))
    );
    for key in ["error_message", "session_id", "timestamp"] {
        assert!(data[key].is_string(), "{key}");
    }
    assert_eq!(sandbox.count("path=*&effect=true").await, 0);
}

#[tokio::test]
async fn ids_rule_puts_the_event_before_or_after_the_code_or_omits_it() {
    let sandbox = TestSandbox::start().await;
    for (rule, targets) in [
        ("before", vec!["*", "code"]),
        ("after", vec!["code", "*"]),
        ("never", vec!["code"]),
    ] {
        sandbox
            .rules(json!({"ids": rule, "ids_delay_ms": 750}))
            .await;
        let messages = finish(&sandbox, &[]).await.messages();
        let kinds: Vec<&str> = messages
            .iter()
            .map(|message| if message.0 == "*" { "*" } else { "code" })
            .collect();
        assert_eq!(kinds, targets, "{rule}");
        assert_eq!(
            messages.iter().map(|message| message.2).max(),
            Some(if rule == "after" { 750 } else { 0 })
        );
    }
    sandbox.rules(json!({"ids": "before"})).await;
    let v2 = finish(&sandbox, &[("extras", r#"{"version":"v2"}"#)]).await;
    assert_eq!(
        v2.messages().len(),
        1,
        "v2 without sessionInfoVersion posts no ids"
    );
}

#[tokio::test]
async fn checked_assets_are_shared_in_version_4_only() {
    let sandbox = TestSandbox::start().await;
    let checked = [("page_ids", "new"), ("catalog_ids", "new")];
    let share = async |changes: &[(&str, &str)]| {
        let (session, _) = DialogSession::open(&sandbox, changes).await;
        for choice in [
            ("business", "4000000000000001"),
            ("waba", WABA),
            ("number", PHONE),
        ] {
            session.press("continue", &[choice]).await;
        }
        session.press("finish", &checked).await.event()
    };
    let event = share(&[]).await;
    let ids = |list: &str| event["data"][list].as_array().cloned().unwrap_or_default();
    assert_eq!((ids("page_ids").len(), ids("catalog_ids").len()), (1, 1));
    assert_ne!(ids("page_ids"), ids("catalog_ids"));
    assert!(event["data"]["ad_account_ids"].is_null(), "{event}");
    let event = share(&[("extras", r#"{"version":"v3"}"#)]).await;
    assert!(event["data"]["page_ids"].is_null(), "{event}");
}
