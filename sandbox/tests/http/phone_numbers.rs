//! Phone numbers: reading, registration and its errors, PINs, verification.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn read_returns_requested_or_default_fields() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let (_, list) = sandbox
        .get(
            &format!("{WABA}/phone_numbers?fields=status,is_pin_enabled"),
            &token,
        )
        .await;
    assert_eq!(
        list["data"],
        json!([{"id": PHONE, "status": "PENDING", "is_pin_enabled": false}])
    );
    assert!(list["paging"]["cursors"]["after"].is_string());
    let (_, phone) = sandbox.get(PHONE, &token).await;
    assert_eq!(phone["display_phone_number"], "+1 631-555-0101");
    assert_eq!(phone["throughput"]["level"], "NOT_APPLICABLE");
    assert!(phone.get("status").is_none(), "only on request: {phone}");
    let (_, waba) = sandbox
        .get(
            &format!("{WABA}?fields=owner_business_info{{id}},currency"),
            &token,
        )
        .await;
    assert_eq!(
        waba,
        json!({"id": WABA, "currency": "USD", "owner_business_info": {"id": "4000000000000001"}})
    );
}

#[tokio::test]
async fn register_connects_the_number_and_sets_the_pin() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    assert_eq!(
        sandbox.register(&token, "012345").await,
        (200, json!({"success": true}))
    );
    let fields = "platform_type,status,is_pin_enabled,throughput,last_onboarded_time";
    let (_, phone) = sandbox
        .get(&format!("{PHONE}?fields={fields}"), &token)
        .await;
    assert_eq!(
        (&phone["platform_type"], &phone["status"]),
        (&json!("CLOUD_API"), &json!("CONNECTED"))
    );
    assert_eq!(phone["is_pin_enabled"], true);
    assert!(
        phone["last_onboarded_time"]
            .as_str()
            .is_some_and(|time| time.ends_with("+0000"))
    );
    assert_eq!(sandbox.phone(PHONE).await["pin"], "012345");

    let reply = sandbox.register(&token, "999999").await;
    assert_graph_error(
        &reply,
        400,
        133005,
        0,
        "(#133005) Two step verification PIN Mismatch",
    );
    assert!(reply.1["error"]["error_data"]["details"].is_string());
    assert_eq!(
        sandbox.register(&token, "012345").await.0,
        200,
        "with the right PIN again"
    );

    let set = sandbox.post(PHONE, &token, json!({"pin": "555555"})).await;
    assert_eq!(set, (200, json!({"success": true})));
    assert_eq!(sandbox.phone(PHONE).await["pin"], "555555");
}

#[tokio::test]
async fn register_with_missing_or_mistyped_params_is_refused() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    for (body, message) in [
        (json!({"pin": "123456"}), "messaging_product is required"),
        (
            json!({"messaging_product": "sms", "pin": "123456"}),
            "messaging_product must be",
        ),
        (json!({"messaging_product": "whatsapp"}), "pin is required"),
        (
            json!({"messaging_product": "whatsapp", "pin": 123456}),
            "pin must be a string",
        ),
        (
            json!({"messaging_product": "whatsapp", "pin": "12345"}),
            "6 digits",
        ),
        (
            json!({"messaging_product": "whatsapp", "pin": "12345x"}),
            "6 digits",
        ),
    ] {
        let reply = sandbox
            .post(&format!("{PHONE}/register"), &token, body)
            .await;
        assert_graph_error(&reply, 400, 100, 0, message);
    }
    assert_eq!(
        sandbox.phone(PHONE).await["registers"],
        json!([]),
        "none of these counts as a register request"
    );
}

#[tokio::test]
async fn register_in_each_unsuitable_state_has_its_error() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    for (state, http, code) in [
        (
            json!({"code_verification_status": "NOT_VERIFIED"}),
            400,
            133006,
        ),
        (json!({"code_verification_status": "EXPIRED"}), 400, 133006),
        (
            json!({"code_verification_status": "VERIFIED", "is_pin_enabled": true}),
            400,
            133005,
        ),
        (json!({"is_on_biz_app": true}), 400, 100),
        (json!({"status": "DELETED"}), 400, 33),
    ] {
        sandbox.set_phone(PHONE, state).await;
        assert_graph_error(&sandbox.register(&token, "123456").await, http, code, 0, "");
    }
    sandbox
        .set_phone(
            PHONE,
            json!({"status": "PENDING", "is_on_biz_app": false, "is_pin_enabled": false}),
        )
        .await;
    sandbox
        .control(
            reqwest::Method::PATCH,
            &format!("wabas/{WABA}"),
            json!({"status": "DISABLED"}),
        )
        .await;
    assert_graph_error(
        &sandbox.register(&token, "123456").await,
        403,
        131031,
        0,
        "(#131031)",
    );
}

#[tokio::test]
async fn eleventh_register_in_72_hours_is_133016_for_72_hours() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.rules(json!({"token_expires_in_s": null})).await;
    for n in 0..10 {
        assert_eq!(sandbox.register(&token, "123456").await.0, 200, "{n}");
    }
    assert_graph_error(
        &sandbox.register(&token, "123456").await,
        400,
        133016,
        0,
        "(#133016)",
    );
    sandbox.rules(json!({"clock_offset_s": 73 * 3600})).await;
    assert_eq!(sandbox.register(&token, "123456").await.0, 200);
}

#[tokio::test]
async fn wrong_pins_lock_the_number_and_details_have_the_seconds() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.set_phone(PHONE, json!({"pin": "111111"})).await;
    sandbox
        .rules(json!({"pin_guesses": 2, "pin_lock_s": 600}))
        .await;
    for _ in 0..2 {
        assert_graph_error(
            &sandbox.register(&token, "000000").await,
            400,
            133005,
            0,
            "(#133005)",
        );
    }
    let reply = sandbox.register(&token, "111111").await;
    assert_graph_error(&reply, 400, 133008, 0, "(#133008)");
    let details = reply.1["error"]["error_data"]["details"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(details.contains("Try again after 600 seconds"), "{details}");
    sandbox.rules(json!({"clock_offset_s": 601})).await;
    assert_eq!(sandbox.register(&token, "111111").await.0, 200);

    sandbox.rules(json!({"pin_gap_s": 60})).await;
    assert_graph_error(
        &sandbox.register(&token, "000000").await,
        400,
        133005,
        0,
        "",
    );
    assert_graph_error(
        &sandbox.register(&token, "111111").await,
        400,
        133009,
        0,
        "(#133009)",
    );
}

#[tokio::test]
async fn requested_code_is_in_the_world_and_verifies_the_number() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({"waba_id": "5000000000000003"})).await;
    let phone = "6000000000000003";
    let verify = |code: Value| {
        sandbox.post(
            "6000000000000003/verify_code",
            &token,
            json!({"code": code}),
        )
    };
    let request_code = |body: Value| sandbox.post("6000000000000003/request_code", &token, body);
    assert_graph_error(&verify(json!("123456")).await, 400, 136025, 0, "(#136025)");
    assert_graph_error(
        &request_code(json!({"code_method": "EMAIL", "language": "en_US"})).await,
        400,
        100,
        0,
        "code_method",
    );
    assert_graph_error(
        &request_code(json!({"code_method": "SMS"})).await,
        400,
        100,
        0,
        "language",
    );
    assert_eq!(
        request_code(json!({"code_method": "SMS", "language": "en_US"}))
            .await
            .0,
        200
    );
    let otp = sandbox.phone(phone).await["otp"].clone();
    assert!(otp.as_str().is_some_and(|otp| otp.len() == 6));
    assert_graph_error(
        &verify(json!("000000")).await,
        400,
        136025,
        0,
        "Verify code error",
    );
    assert_eq!(verify(otp).await, (200, json!({"success": true})));
    assert_eq!(
        sandbox.phone(phone).await["code_verification_status"],
        "VERIFIED"
    );
    assert_graph_error(
        &request_code(json!({"code_method": "SMS", "language": "en"})).await,
        400,
        136024,
        0,
        "(#136024)",
    );
}

#[tokio::test]
async fn message_from_unregistered_number_is_refused() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let send = json!({"messaging_product": "whatsapp", "to": "+1 631 555 0177", "type": "text"});
    let messages = format!("{PHONE}/messages");
    assert_graph_error(
        &sandbox.post(&messages, &token, send.clone()).await,
        400,
        133010,
        0,
        "(#133010)",
    );
    sandbox.register(&token, "123456").await;
    let (status, sent) = sandbox.post(&messages, &token, send).await;
    assert_eq!(
        (status, &sent["contacts"][0]["wa_id"]),
        (200, &json!("16315550177"))
    );
    assert!(
        sent["messages"][0]["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("wamid."))
    );
    let deregister = format!("{PHONE}/deregister");
    assert_eq!(sandbox.post(&deregister, &token, json!({})).await.0, 200);
    assert_graph_error(
        &sandbox.post(&deregister, &token, json!({})).await,
        400,
        133010,
        0,
        "",
    );
}

#[tokio::test]
async fn deregistration_half_done_is_completed_before_a_registration() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let (register, deregister) = (format!("{PHONE}/register"), format!("{PHONE}/deregister"));
    let pin = json!({"messaging_product": "whatsapp", "pin": "424242"});
    let body = json!({"deregistration_incomplete": true});
    let phone = "phones/6000000000000001";
    sandbox.control(Method::PATCH, phone, body).await;
    let refused = sandbox.post(&register, &token, pin.clone()).await;
    assert_graph_error(&refused, 500, 133000, 0, "");
    assert_eq!(sandbox.post(&deregister, &token, json!({})).await.0, 200);
    assert_eq!(sandbox.post(&register, &token, pin).await.0, 200);
}

#[tokio::test]
async fn app_subscriptions_list_the_webhook_fields() {
    let sandbox = TestSandbox::start().await;
    let path = format!("{APP}/subscriptions");
    assert_graph_error(
        &sandbox.get(&path, &sandbox.token(json!({})).await).await,
        400,
        100,
        0,
        "",
    );
    let (_, subscriptions) = sandbox.get(&path, APP_TOKEN).await;
    assert_eq!(
        subscriptions["data"][0]["object"],
        "whatsapp_business_account"
    );
    let fields = subscriptions["data"][0]["fields"]
        .as_array()
        .expect("fields");
    assert!(fields.iter().any(|field| field["name"] == "history"));
    let no_webhook = json!({"webhook_url": ""});
    let row = format!("apps/{APP}");
    sandbox
        .control(reqwest::Method::PATCH, &row, no_webhook)
        .await;
    assert_eq!(sandbox.get(&path, APP_TOKEN).await.1["data"], json!([]));
}

#[tokio::test]
async fn number_added_to_a_waba_is_not_verified() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let path = format!("{WABA}/phone_numbers");
    assert_graph_error(
        &sandbox.post(&path, &token, json!({"cc": "1"})).await,
        400,
        100,
        0,
        "phone_number is required",
    );
    let body = json!({"cc": "1", "phone_number": "6505550100", "verified_name": "Shop"});
    let (_, added) = sandbox.post(&path, &token, body).await;
    let id = added["id"].as_str().expect("an id");
    let (_, phone) = sandbox
        .get(&format!("{id}?fields=code_verification_status"), &token)
        .await;
    assert_eq!(phone["code_verification_status"], "NOT_VERIFIED");
}
