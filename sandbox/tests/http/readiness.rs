//! What a readiness check reads: WABA and number, health status, partner solutions.

use crate::dialog_session::{DialogSession, between, finish};
use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

const SOLUTION: &str = "7000000000000001";
const INFOBIP: &str = "7000000000000002";

async fn patch(sandbox: &TestSandbox, row: &str, fields: Value) {
    let (status, body) = sandbox.control(Method::PATCH, row, fields).await;
    assert_eq!(status, 200, "{body}");
}

async fn health(sandbox: &TestSandbox, id: &str, token: &str) -> Value {
    let (_, node) = sandbox
        .get(&format!("{id}?fields=health_status"), token)
        .await;
    node["health_status"].clone()
}

fn entity<'a>(health: &'a Value, kind: &str) -> &'a Value {
    let rows = health["entities"].as_array().expect("entities");
    let row = rows.iter().find(|row| row["entity_type"] == kind);
    row.unwrap_or_else(|| panic!("no {kind} in {health}"))
}

#[tokio::test]
async fn patched_fields_of_waba_and_number_are_returned() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let waba = json!({
        "currency": "EUR", "timezone_id": "7", "business_verification_status": "pending",
        "account_review_status": "PENDING", "status": "RESTRICTED", "ownership_type": "SELF_OWNED",
        "primary_funding_id": "12",
    });
    patch(&sandbox, &format!("wabas/{WABA}"), waba.clone()).await;
    let names = |row: &Value| {
        let names = row.as_object().expect("a row").keys().cloned();
        names.collect::<Vec<_>>().join(",")
    };
    let path = format!("{WABA}?fields={}", names(&waba));
    let mut reply = sandbox.get(&path, &token).await.1;
    reply.as_object_mut().expect("a node").remove("id");
    assert_eq!(reply, waba);

    let row = json!({
        "name_status": "DECLINED", "quality_rating": "RED", "throughput": "HIGH", "account_mode": "SANDBOX",
        "messaging_limit": "TIER_2K", "override_callback_uri": "https://hooks.example/p",
    });
    sandbox.set_phone(PHONE, row).await;
    let fields = "name_status,quality_rating,throughput,account_mode,messaging_limit_tier,\
         whatsapp_business_manager_messaging_limit,webhook_configuration";
    let (_, reply) = sandbox
        .get(&format!("{PHONE}?fields={fields}"), &token)
        .await;
    assert_eq!(
        reply,
        json!({
            "id": PHONE, "name_status": "DECLINED", "quality_rating": "RED", "throughput": {"level": "HIGH"},
            "account_mode": "SANDBOX", "messaging_limit_tier": "TIER_2K",
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "webhook_configuration": {
                "application": "https://signup.partner.example/v1/webhooks/meta/main",
                "phone_number": "https://hooks.example/p",
            },
        })
    );
}

#[tokio::test]
async fn health_status_is_the_worst_of_its_entities_with_reasons() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let unregistered = health(&sandbox, PHONE, &token).await;
    assert_eq!(
        unregistered["can_send_message"], "BLOCKED",
        "not registered"
    );
    assert!(entity(&unregistered, "PHONE_NUMBER")["errors"][0]["possible_solution"].is_string());
    sandbox.register(&token, "123456").await;
    let good = health(&sandbox, PHONE, &token).await;
    assert_eq!(good["can_send_message"], "AVAILABLE", "{good}");
    assert_eq!(entity(&good, "APP")["id"], APP);

    let (waba, phone) = (format!("wabas/{WABA}"), format!("phones/{PHONE}"));
    for (row, change, kind, status) in [
        (
            &phone,
            json!({"name_status": "PENDING_REVIEW"}),
            "PHONE_NUMBER",
            "LIMITED",
        ),
        (
            &phone,
            json!({"status": "FLAGGED"}),
            "PHONE_NUMBER",
            "LIMITED",
        ),
        (
            &phone,
            json!({"status": "RESTRICTED"}),
            "PHONE_NUMBER",
            "BLOCKED",
        ),
        (
            &waba,
            json!({"business_verification_status": "not_verified"}),
            "BUSINESS",
            "LIMITED",
        ),
        (&waba, json!({"status": "RESTRICTED"}), "WABA", "LIMITED"),
        (&waba, json!({"status": "DISABLED"}), "WABA", "BLOCKED"),
        (
            &waba,
            json!({"account_review_status": "REJECTED"}),
            "WABA",
            "BLOCKED",
        ),
    ] {
        let (_, world) = sandbox.control(Method::GET, "world", Value::Null).await;
        let (table, id) = row.split_once('/').expect("a row");
        let before = world[table][id].clone();
        patch(&sandbox, row, change.clone()).await;
        let reply = health(&sandbox, PHONE, &token).await;
        let reasons = if status == "LIMITED" {
            "additional_info"
        } else {
            "errors"
        };
        assert_eq!(reply["can_send_message"], status, "{change}");
        assert!(
            entity(&reply, kind)[reasons][0].is_string() || status == "BLOCKED",
            "{reply}"
        );
        assert!(entity(&reply, kind)[reasons].is_array(), "{reply}");
        patch(&sandbox, row, before).await;
    }
    assert_eq!(health(&sandbox, PHONE, &token).await, good);
}

#[tokio::test]
async fn health_of_waba_without_payment_is_blocked_where_the_rule_requires_it() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    assert_eq!(
        health(&sandbox, WABA, &token).await["can_send_message"],
        "AVAILABLE"
    );
    sandbox.rules(json!({"payment_required": true})).await;
    let reply = health(&sandbox, WABA, &token).await;
    assert_eq!(reply["can_send_message"], "BLOCKED");
    assert_eq!(entity(&reply, "WABA")["errors"][0]["error_code"], 141_006);
    patch(
        &sandbox,
        &format!("wabas/{WABA}"),
        json!({"primary_funding_id": "9"}),
    )
    .await;
    assert_eq!(
        health(&sandbox, WABA, &token).await["can_send_message"],
        "AVAILABLE"
    );
    let own = json!({"can_send_message": "LIMITED", "entities": []});
    for (row, id) in [
        (format!("wabas/{WABA}"), WABA),
        (format!("phones/{PHONE}"), PHONE),
    ] {
        patch(&sandbox, &row, json!({"health_status": own})).await;
        assert_eq!(health(&sandbox, id, &token).await, own, "verbatim");
    }
}

#[tokio::test]
async fn solution_is_readable_by_its_partners_only() {
    let sandbox = TestSandbox::start().await;
    let business = sandbox.token(json!({"solution_id": SOLUTION})).await;
    let fields = "name,status,status_for_pending_request,owner_app,owner_permissions,partners";
    for token in [SYSTEM, APP_TOKEN] {
        let (_, reply) = sandbox
            .get(&format!("{INFOBIP}?fields={fields}"), token)
            .await;
        assert_eq!(
            reply,
            json!({
                "id": INFOBIP, "name": "Sandbox with Infobip", "status": "ACTIVE",
                "status_for_pending_request": "NONE", "owner_permissions": [],
                "owner_app": {"id": APP, "name": "Sandbox Partner App"},
                "partners": {"data": [{
                    "id": "1370401139746733", "partner_permissions": ["MESSAGING"],
                    "partner_app": {"id": "1370401139746733", "name": "Infobip"},
                }]},
            })
        );
    }
    let part = format!("{SOLUTION}?fields=partners{{partner_permissions}},owner_permissions");
    sandbox.rules(json!({"solution_messaging": false})).await;
    let (_, reply) = sandbox.get(&part, SYSTEM).await;
    assert_eq!(reply["owner_permissions"], json!([]));
    assert_eq!(
        reply["partners"]["data"][0]["partner_permissions"],
        json!(["MESSAGING"])
    );
    assert_graph_error(&sandbox.get(SOLUTION, &business).await, 403, 200, 0, "");
    patch(
        &sandbox,
        &format!("solutions/{INFOBIP}"),
        json!({"owner_app_id": "1"}),
    )
    .await;
    assert_graph_error(&sandbox.get(INFOBIP, SYSTEM).await, 400, 100, 33, "");

    let list = format!("{APP}/whatsapp_business_solutions");
    for (query, ids) in [
        ("", vec![SOLUTION]),
        ("?role=OWNER", vec![SOLUTION]),
        ("?role=PARTNER", vec![]),
    ] {
        let (_, reply) = sandbox.get(&format!("{list}{query}"), APP_TOKEN).await;
        let rows = reply["data"].as_array().expect("a list");
        let reply: Vec<_> = rows.iter().map(|row| &row["id"]).collect();
        assert_eq!(reply, ids, "{query}");
    }
    assert_graph_error(&sandbox.get(&list, &business).await, 403, 200, 0, "");
    let foreign = sandbox.get("1000000000000002/whatsapp_business_solutions", APP_TOKEN);
    assert_graph_error(&foreign.await, 400, 100, 33, "");
    let (_, of_waba) = sandbox.get(&format!("{WABA}/solutions"), &business).await;
    assert_eq!(of_waba["data"][0]["id"], SOLUTION);
}

#[tokio::test]
async fn dialog_with_inactive_solution_is_refused_and_active_one_is_stored() {
    let sandbox = TestSandbox::start().await;
    let extras = format!(r#"{{"setup":{{"solutionID":"{SOLUTION}"}}}}"#);
    let changes = [("extras", extras.as_str())];
    for (state, pending) in [
        ("DRAFT", "NONE"),
        ("INITIATED", "PENDING_ACTIVATION"),
        ("REJECTED", "NONE"),
        ("DEACTIVATED", "NONE"),
    ] {
        patch(
            &sandbox,
            &format!("solutions/{SOLUTION}"),
            json!({"status": state}),
        )
        .await;
        let (_, page) = DialogSession::open(&sandbox, &changes).await;
        let title = between(&page.text, "data-testid=\"refused\">", "<");
        assert_eq!(title, "Something went wrong", "{state}");
        let (_, reply) = sandbox.get(SOLUTION, SYSTEM).await;
        assert_eq!(reply["status"], state);
        assert_eq!(reply["status_for_pending_request"], pending);
    }
    for (state, pending) in [
        ("PENDING_DEACTIVATION", "PENDING_DEACTIVATION"),
        ("ACTIVE", "NONE"),
    ] {
        patch(
            &sandbox,
            &format!("solutions/{SOLUTION}"),
            json!({"status": state}),
        )
        .await;
        let (_, page) = DialogSession::open(&sandbox, &changes).await;
        assert!(!page.text.contains("data-testid=\"refused\""), "{state}");
        let (_, reply) = sandbox.get(SOLUTION, SYSTEM).await;
        assert_eq!(reply["status_for_pending_request"], pending, "{state}");
    }
    finish(&sandbox, &changes).await;
    let (_, world) = sandbox.control(Method::GET, "world", Value::Null).await;
    assert_eq!(world["wabas"][WABA]["solution_id"], SOLUTION);
}
