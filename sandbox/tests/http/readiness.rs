//! What says whether a number is ready to send: reads of WABA and number, health, partner solutions.

use crate::client::*;
use crate::visit::{Visit, between, finish};
use reqwest::Method;
use serde_json::{Value, json};

const SOLUTION: &str = "7000000000000001";
const INFOBIP: &str = "7000000000000002";

async fn patch(lab: &Lab, row: &str, fields: Value) {
    let (status, body) = lab.control(Method::PATCH, row, fields).await;
    assert_eq!(status, 200, "{body}");
}

async fn health(lab: &Lab, id: &str, token: &str) -> Value {
    let (_, node) = lab.get(&format!("{id}?fields=health_status"), token).await;
    node["health_status"].clone()
}

fn entity<'a>(health: &'a Value, kind: &str) -> &'a Value {
    let rows = health["entities"].as_array().expect("entities");
    let row = rows.iter().find(|row| row["entity_type"] == kind);
    row.unwrap_or_else(|| panic!("no {kind} in {health}"))
}

#[tokio::test]
async fn every_field_of_the_report_is_read_and_can_be_set() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let waba = json!({
        "currency": "EUR", "timezone_id": "7", "business_verification_status": "pending",
        "account_review_status": "PENDING", "status": "RESTRICTED", "ownership_type": "SELF_OWNED",
        "primary_funding_id": "12",
    });
    patch(&lab, &format!("wabas/{WABA}"), waba.clone()).await;
    let names = |row: &Value| {
        let names = row.as_object().expect("a row").keys().cloned();
        names.collect::<Vec<_>>().join(",")
    };
    let path = format!("{WABA}?fields={}", names(&waba));
    let mut told = lab.get(&path, &token).await.1;
    told.as_object_mut().expect("a node").remove("id");
    assert_eq!(told, waba);

    let row = json!({
        "name_status": "DECLINED", "quality_rating": "RED", "throughput": "HIGH", "account_mode": "SANDBOX",
        "messaging_limit": "TIER_2K", "override_callback_uri": "https://hooks.example/p",
    });
    lab.set_phone(PHONE, row).await;
    let fields = "name_status,quality_rating,throughput,account_mode,messaging_limit_tier,\
         whatsapp_business_manager_messaging_limit,webhook_configuration";
    let (_, told) = lab.get(&format!("{PHONE}?fields={fields}"), &token).await;
    assert_eq!(
        told,
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
async fn health_is_the_worst_of_its_entities_with_reasons() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let fresh = health(&lab, PHONE, &token).await;
    assert_eq!(fresh["can_send_message"], "BLOCKED", "not registered");
    assert!(entity(&fresh, "PHONE_NUMBER")["errors"][0]["possible_solution"].is_string());
    lab.register(&token, "123456").await;
    let good = health(&lab, PHONE, &token).await;
    assert_eq!(good["can_send_message"], "AVAILABLE", "{good}");
    assert_eq!(entity(&good, "APP")["id"], APP);

    let (waba, phone) = (format!("wabas/{WABA}"), format!("phones/{PHONE}"));
    for (row, change, kind, word) in [
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
        let (_, world) = lab.control(Method::GET, "world", Value::Null).await;
        let (table, id) = row.split_once('/').expect("a row");
        let before = world[table][id].clone();
        patch(&lab, row, change.clone()).await;
        let told = health(&lab, PHONE, &token).await;
        let reasons = if word == "LIMITED" {
            "additional_info"
        } else {
            "errors"
        };
        assert_eq!(told["can_send_message"], word, "{change}");
        assert!(
            entity(&told, kind)[reasons][0].is_string() || word == "BLOCKED",
            "{told}"
        );
        assert!(entity(&told, kind)[reasons].is_array(), "{told}");
        patch(&lab, row, before).await;
    }
    assert_eq!(health(&lab, PHONE, &token).await, good);
}

#[tokio::test]
async fn without_payment_a_waba_is_blocked_where_the_rule_says_so() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    assert_eq!(
        health(&lab, WABA, &token).await["can_send_message"],
        "AVAILABLE"
    );
    lab.rules(json!({"payment_required": true})).await;
    let told = health(&lab, WABA, &token).await;
    assert_eq!(told["can_send_message"], "BLOCKED");
    assert_eq!(entity(&told, "WABA")["errors"][0]["error_code"], 141_006);
    patch(
        &lab,
        &format!("wabas/{WABA}"),
        json!({"primary_funding_id": "9"}),
    )
    .await;
    assert_eq!(
        health(&lab, WABA, &token).await["can_send_message"],
        "AVAILABLE"
    );
    let own = json!({"can_send_message": "LIMITED", "entities": []});
    for (row, id) in [
        (format!("wabas/{WABA}"), WABA),
        (format!("phones/{PHONE}"), PHONE),
    ] {
        patch(&lab, &row, json!({"health_status": own})).await;
        assert_eq!(health(&lab, id, &token).await, own, "verbatim");
    }
}

#[tokio::test]
async fn solutions_are_read_by_their_partners_only() {
    let lab = Lab::start().await;
    let business = lab.token(json!({"solution_id": SOLUTION})).await;
    let fields = "name,status,status_for_pending_request,owner_app,owner_permissions,partners";
    for token in [SYSTEM, APP_TOKEN] {
        let (_, told) = lab.get(&format!("{INFOBIP}?fields={fields}"), token).await;
        assert_eq!(
            told,
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
    lab.rules(json!({"solution_messaging": false})).await;
    let (_, told) = lab.get(&part, SYSTEM).await;
    assert_eq!(told["owner_permissions"], json!([]));
    assert_eq!(
        told["partners"]["data"][0]["partner_permissions"],
        json!(["MESSAGING"])
    );
    refused(&lab.get(SOLUTION, &business).await, 403, 200, 0, "");
    patch(
        &lab,
        &format!("solutions/{INFOBIP}"),
        json!({"owner_app_id": "1"}),
    )
    .await;
    refused(&lab.get(INFOBIP, SYSTEM).await, 400, 100, 33, "");

    let list = format!("{APP}/whatsapp_business_solutions");
    for (query, ids) in [
        ("", vec![SOLUTION]),
        ("?role=OWNER", vec![SOLUTION]),
        ("?role=PARTNER", vec![]),
    ] {
        let (_, told) = lab.get(&format!("{list}{query}"), APP_TOKEN).await;
        let rows = told["data"].as_array().expect("a list");
        let told: Vec<_> = rows.iter().map(|row| &row["id"]).collect();
        assert_eq!(told, ids, "{query}");
    }
    refused(&lab.get(&list, &business).await, 403, 200, 0, "");
    let foreign = lab.get("1000000000000002/whatsapp_business_solutions", APP_TOKEN);
    refused(&foreign.await, 400, 100, 33, "");
    let (_, of_waba) = lab.get(&format!("{WABA}/solutions"), &business).await;
    assert_eq!(of_waba["data"][0]["id"], SOLUTION);
}

#[tokio::test]
async fn only_an_active_solution_opens_the_popup_and_a_shared_waba_remembers_it() {
    let lab = Lab::start().await;
    let extras = format!(r#"{{"setup":{{"solutionID":"{SOLUTION}"}}}}"#);
    let asked = [("extras", extras.as_str())];
    for (state, pending) in [
        ("DRAFT", "NONE"),
        ("INITIATED", "PENDING_ACTIVATION"),
        ("REJECTED", "NONE"),
        ("DEACTIVATED", "NONE"),
        ("PENDING_DEACTIVATION", "PENDING_DEACTIVATION"),
    ] {
        patch(
            &lab,
            &format!("solutions/{SOLUTION}"),
            json!({"status": state}),
        )
        .await;
        let (_, page) = Visit::open(&lab, &asked).await;
        let title = between(&page.text, "data-testid=\"refused\">", "<");
        assert_eq!(title, "Something went wrong", "{state}");
        let (_, told) = lab.get(SOLUTION, SYSTEM).await;
        assert_eq!(told["status"], state);
        assert_eq!(told["status_for_pending_request"], pending);
    }
    patch(
        &lab,
        &format!("solutions/{SOLUTION}"),
        json!({"status": "ACTIVE"}),
    )
    .await;
    finish(&lab, &asked).await;
    let (_, world) = lab.control(Method::GET, "world", Value::Null).await;
    assert_eq!(world["wabas"][WABA]["solution_id"], SOLUTION);
}
