//! Numbers: reading, register and its refusals, PINs, verification.

use crate::client::*;
use serde_json::{Value, json};

#[tokio::test]
async fn reads_have_the_asked_fields_or_the_usual_ones() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let (_, list) = lab
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
    let (_, phone) = lab.get(PHONE, &token).await;
    assert_eq!(phone["display_phone_number"], "+1 631-555-0101");
    assert_eq!(phone["throughput"]["level"], "NOT_APPLICABLE");
    assert!(phone.get("status").is_none(), "only on request: {phone}");
    let (_, waba) = lab
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
async fn registering_connects_the_number_and_keeps_the_pin() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    assert_eq!(
        lab.register(&token, "012345").await,
        (200, json!({"success": true}))
    );
    let fields = "platform_type,status,is_pin_enabled,throughput,last_onboarded_time";
    let (_, phone) = lab.get(&format!("{PHONE}?fields={fields}"), &token).await;
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
    assert_eq!(lab.phone(PHONE).await["pin"], "012345");

    let told = lab.register(&token, "999999").await;
    refused(
        &told,
        400,
        133005,
        0,
        "(#133005) Two step verification PIN Mismatch",
    );
    assert!(told.1["error"]["error_data"]["details"].is_string());
    assert_eq!(
        lab.register(&token, "012345").await.0,
        200,
        "with the right PIN again"
    );

    let set = lab.post(PHONE, &token, json!({"pin": "555555"})).await;
    assert_eq!(set, (200, json!({"success": true})));
    assert_eq!(lab.phone(PHONE).await["pin"], "555555");
}

#[tokio::test]
async fn register_wants_its_parameters_in_their_types() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
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
        let told = lab.post(&format!("{PHONE}/register"), &token, body).await;
        refused(&told, 400, 100, 0, message);
    }
    assert_eq!(
        lab.phone(PHONE).await["registers"],
        json!([]),
        "none of these cost budget"
    );
}

#[tokio::test]
async fn each_state_of_a_number_has_its_refusal() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
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
        lab.set_phone(PHONE, state).await;
        refused(&lab.register(&token, "123456").await, http, code, 0, "");
    }
    lab.set_phone(
        PHONE,
        json!({"status": "PENDING", "is_on_biz_app": false, "is_pin_enabled": false}),
    )
    .await;
    lab.control(
        reqwest::Method::PATCH,
        &format!("wabas/{WABA}"),
        json!({"status": "DISABLED"}),
    )
    .await;
    refused(
        &lab.register(&token, "123456").await,
        403,
        131031,
        0,
        "(#131031)",
    );
}

#[tokio::test]
async fn ten_registers_in_72_hours_then_133016_for_72_more() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.rules(json!({"token_expires_in_s": null})).await;
    for n in 0..10 {
        assert_eq!(lab.register(&token, "123456").await.0, 200, "{n}");
    }
    refused(
        &lab.register(&token, "123456").await,
        400,
        133016,
        0,
        "(#133016)",
    );
    lab.rules(json!({"clock_offset_s": 73 * 3600})).await;
    assert_eq!(lab.register(&token, "123456").await.0, 200);
}

#[tokio::test]
async fn wrong_pins_lock_and_details_say_for_how_long() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.set_phone(PHONE, json!({"pin": "111111"})).await;
    lab.rules(json!({"pin_guesses": 2, "pin_lock_s": 600}))
        .await;
    for _ in 0..2 {
        refused(
            &lab.register(&token, "000000").await,
            400,
            133005,
            0,
            "(#133005)",
        );
    }
    let told = lab.register(&token, "111111").await;
    refused(&told, 400, 133008, 0, "(#133008)");
    let details = told.1["error"]["error_data"]["details"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(details.contains("Try again after 600 seconds"), "{details}");
    lab.rules(json!({"clock_offset_s": 601})).await;
    assert_eq!(lab.register(&token, "111111").await.0, 200);

    lab.rules(json!({"pin_gap_s": 60})).await;
    refused(&lab.register(&token, "000000").await, 400, 133005, 0, "");
    refused(
        &lab.register(&token, "111111").await,
        400,
        133009,
        0,
        "(#133009)",
    );
}

#[tokio::test]
async fn a_code_verifies_the_number_and_stands_in_the_world() {
    let lab = Lab::start().await;
    let token = lab.token(json!({"waba_id": "5000000000000003"})).await;
    let phone = "6000000000000003";
    let verify = |code: Value| {
        lab.post(
            "6000000000000003/verify_code",
            &token,
            json!({"code": code}),
        )
    };
    let ask = |body: Value| lab.post("6000000000000003/request_code", &token, body);
    refused(&verify(json!("123456")).await, 400, 136025, 0, "(#136025)");
    refused(
        &ask(json!({"code_method": "PIGEON", "language": "en_US"})).await,
        400,
        100,
        0,
        "code_method",
    );
    refused(
        &ask(json!({"code_method": "SMS"})).await,
        400,
        100,
        0,
        "language",
    );
    assert_eq!(
        ask(json!({"code_method": "SMS", "language": "en_US"}))
            .await
            .0,
        200
    );
    let otp = lab.phone(phone).await["otp"].clone();
    assert!(otp.as_str().is_some_and(|otp| otp.len() == 6));
    refused(
        &verify(json!("000000")).await,
        400,
        136025,
        0,
        "Verify code error",
    );
    assert_eq!(verify(otp).await, (200, json!({"success": true})));
    assert_eq!(
        lab.phone(phone).await["code_verification_status"],
        "VERIFIED"
    );
    refused(
        &ask(json!({"code_method": "SMS", "language": "en"})).await,
        400,
        136024,
        0,
        "(#136024)",
    );
}

#[tokio::test]
async fn deregistered_numbers_are_not_registered_and_cannot_send() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let send = json!({"messaging_product": "whatsapp", "to": "+1 631 555 0177", "type": "text"});
    let messages = format!("{PHONE}/messages");
    refused(
        &lab.post(&messages, &token, send.clone()).await,
        400,
        133010,
        0,
        "(#133010)",
    );
    lab.register(&token, "123456").await;
    let (status, sent) = lab.post(&messages, &token, send).await;
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
    assert_eq!(lab.post(&deregister, &token, json!({})).await.0, 200);
    refused(
        &lab.post(&deregister, &token, json!({})).await,
        400,
        133010,
        0,
        "",
    );
}

#[tokio::test]
async fn an_app_says_what_its_webhook_hears() {
    let lab = Lab::start().await;
    let path = format!("{APP}/subscriptions");
    refused(
        &lab.get(&path, &lab.token(json!({})).await).await,
        400,
        100,
        0,
        "",
    );
    let own = APP_TOKEN;
    let (_, heard) = lab.get(&path, own).await;
    assert_eq!(heard["data"][0]["object"], "whatsapp_business_account");
    let fields = heard["data"][0]["fields"].as_array().expect("fields");
    assert!(fields.iter().any(|field| field["name"] == "history"));
    let nowhere = json!({"webhook_url": ""});
    let row = format!("apps/{APP}");
    lab.control(reqwest::Method::PATCH, &row, nowhere).await;
    assert_eq!(lab.get(&path, own).await.1["data"], json!([]));
}

#[tokio::test]
async fn a_number_can_be_added_by_hand() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let path = format!("{WABA}/phone_numbers");
    refused(
        &lab.post(&path, &token, json!({"cc": "1"})).await,
        400,
        100,
        0,
        "phone_number is required",
    );
    let body = json!({"cc": "1", "phone_number": "6505550100", "verified_name": "Shop"});
    let (_, added) = lab.post(&path, &token, body).await;
    let id = added["id"].as_str().expect("an id");
    let (_, phone) = lab
        .get(&format!("{id}?fields=code_verification_status"), &token)
        .await;
    assert_eq!(phone["code_verification_status"], "NOT_VERIFIED");
}
