//! A number that stays in the WhatsApp Business app: its sync, once each, in time, and heard by somebody.

use crate::client::*;
use serde_json::{Value, json};

#[tokio::test]
async fn coexistence_syncs_each_kind_once_within_a_day() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let sync = |kind: &str| {
        let body = json!({"messaging_product": "whatsapp", "sync_type": kind});
        let (lab, token) = (&lab, &token);
        async move {
            lab.post(&format!("{PHONE}/smb_app_data"), token, body)
                .await
        }
    };
    refused(&sync("history").await, 400, 100, 0, "");
    let now = lab
        .control(reqwest::Method::GET, "world", Value::Null)
        .await
        .1["now_ms"]
        .clone();
    lab.set_phone(
        PHONE,
        json!({"is_on_biz_app": true, "last_onboarded_ms": now}),
    )
    .await;
    let early = sync("history").await;
    refused(&early, 400, 100, 0, "");
    let details = &early.1["error"]["error_data"]["details"];
    assert!(details.to_string().contains("Subscribe"), "{details}");
    let subscribe = format!("{WABA}/subscribed_apps");
    assert_eq!(lab.post(&subscribe, &token, json!({})).await.0, 200);
    assert!(sync("smb_app_state_sync").await.1["request_id"].is_string());
    refused(
        &sync("smb_app_state_sync").await,
        400,
        2593107,
        0,
        "(#2593107)",
    );
    lab.rules(json!({"clock_offset_s": 25 * 3600})).await;
    refused(&sync("history").await, 400, 2593108, 0, "(#2593108)");
    lab.rules(json!({"sync_window_s": 26 * 3600})).await;
    assert_eq!(sync("history").await.0, 200, "the window moves by rule");
    refused(
        &sync("contacts").await,
        400,
        100,
        0,
        "sync_type must be one of",
    );
    lab.set_phone(PHONE, json!({"synced": [], "last_onboarded_ms": null}))
        .await;
    refused(&sync("history").await, 400, 2593108, 0, "");
}

#[tokio::test]
async fn a_sync_may_be_taken_from_an_app_that_hears_nothing() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.set_phone(
        PHONE,
        json!({"is_on_biz_app": true, "last_onboarded_ms": 9_000_000_000_000_u64}),
    )
    .await;
    lab.rules(json!({"sync_needs_subscription": false})).await;
    let body = json!({"messaging_product": "whatsapp", "sync_type": "history"});
    let path = format!("{PHONE}/smb_app_data");
    refused(
        &lab.post(&path, APP_TOKEN, body.clone()).await,
        403,
        200,
        0,
        "",
    );
    assert_eq!(lab.post(&path, &token, body).await.0, 200);
}
