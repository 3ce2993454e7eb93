//! A number that stays in the WhatsApp Business app: its syncs, once each, in time, and with a subscribed app.

use crate::test_sandbox::*;
use serde_json::{Value, json};

#[tokio::test]
async fn sync_of_each_kind_is_accepted_once_within_a_day() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let sync = |kind: &str| {
        let body = json!({"messaging_product": "whatsapp", "sync_type": kind});
        let (sandbox, token) = (&sandbox, &token);
        async move {
            sandbox
                .post(&format!("{PHONE}/smb_app_data"), token, body)
                .await
        }
    };
    assert_graph_error(&sync("history").await, 400, 100, 0, "");
    let now = sandbox
        .control(reqwest::Method::GET, "world", Value::Null)
        .await
        .1["now_ms"]
        .clone();
    sandbox
        .set_phone(
            PHONE,
            json!({"is_on_biz_app": true, "last_onboarded_ms": now}),
        )
        .await;
    let early = sync("history").await;
    assert_graph_error(&early, 400, 100, 0, "");
    let details = &early.1["error"]["error_data"]["details"];
    assert!(details.to_string().contains("Subscribe"), "{details}");
    let subscribe = format!("{WABA}/subscribed_apps");
    assert_eq!(sandbox.post(&subscribe, &token, json!({})).await.0, 200);
    assert!(sync("smb_app_state_sync").await.1["request_id"].is_string());
    assert_graph_error(
        &sync("smb_app_state_sync").await,
        400,
        2593107,
        0,
        "(#2593107)",
    );
    sandbox.rules(json!({"clock_offset_s": 25 * 3600})).await;
    assert_graph_error(&sync("history").await, 400, 2593108, 0, "(#2593108)");
    sandbox.rules(json!({"sync_window_s": 26 * 3600})).await;
    assert_eq!(sync("history").await.0, 200, "the window moves by rule");
    assert_graph_error(
        &sync("contacts").await,
        400,
        100,
        0,
        "sync_type must be one of",
    );
    sandbox
        .set_phone(PHONE, json!({"synced": [], "last_onboarded_ms": null}))
        .await;
    assert_graph_error(&sync("history").await, 400, 2593108, 0, "");
}

#[tokio::test]
async fn sync_without_subscription_is_accepted_where_the_rule_allows_it() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox
        .set_phone(
            PHONE,
            json!({"is_on_biz_app": true, "last_onboarded_ms": 9_000_000_000_000_u64}),
        )
        .await;
    sandbox
        .rules(json!({"sync_needs_subscription": false}))
        .await;
    let body = json!({"messaging_product": "whatsapp", "sync_type": "history"});
    let path = format!("{PHONE}/smb_app_data");
    assert_graph_error(
        &sandbox.post(&path, APP_TOKEN, body.clone()).await,
        403,
        200,
        0,
        "",
    );
    assert_eq!(sandbox.post(&path, &token, body).await.0, 200);
}
