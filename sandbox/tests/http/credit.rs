//! What a Solution Partner does after the token: system users on the WABA, credit lines, allocations.

use crate::client::*;
use reqwest::Method;
use serde_json::{Value, json};

const PARTNER: &str = "2000000000000001";
const CREDIT: &str = "8100000000000001";
const OTHER: &str = "8100000000000002";
const BUSINESS: &str = "4000000000000001";
const CLASSIC: &str = "whatsapp_credit_sharing_and_attach";

async fn assign(lab: &Lab, tasks: &str) -> Told {
    let path = format!("{WABA}/assigned_users?user=8000000000000001&tasks={tasks}");
    lab.post(&path, SYSTEM, json!({})).await
}

async fn classic(lab: &Lab, credit: &str, currency: &str) -> Told {
    let path = format!("{credit}/{CLASSIC}?waba_currency={currency}&waba_id={WABA}");
    lab.post(&path, SYSTEM, json!({})).await
}

async fn share(lab: &Lab, token: &str) -> Told {
    let path = format!("{CREDIT}/whatsapp_credit_sharing?receiving_business_id={BUSINESS}");
    lab.post(&path, token, json!({})).await
}

async fn attach(lab: &Lab, token: &str) -> Told {
    let path = format!("{CREDIT}/whatsapp_credit_attach?waba_currency=USD&waba_id={WABA}");
    lab.post(&path, token, json!({})).await
}

async fn funding(lab: &Lab) -> Value {
    let (_, waba) = lab
        .get(&format!("{WABA}?fields=primary_funding_id"), SYSTEM)
        .await;
    waba["primary_funding_id"].clone()
}

#[tokio::test]
async fn the_partner_finds_its_system_users_and_its_credit_lines() {
    let lab = Lab::start().await;
    let (_, users) = lab.get(&format!("{PARTNER}/system_users"), SYSTEM).await;
    let user = json!({"id": "8000000000000001", "name": "Sandbox system user", "role": "ADMIN"});
    assert_eq!(users["data"], json!([user]));
    let path = format!("{PARTNER}/extendedcredits?fields=id,legal_entity_name");
    let (_, lines) = lab.get(&path, SYSTEM).await;
    assert_eq!(
        lines["data"],
        json!([
            {"id": CREDIT, "legal_entity_name": "Partner Inc"},
            {"id": OTHER, "legal_entity_name": "Partner Europe Ltd"},
        ])
    );
    let business = lab.token(json!({})).await;
    for path in ["system_users", "extendedcredits"] {
        let own = &format!("{PARTNER}/{path}");
        for token in [business.as_str(), APP_TOKEN] {
            refused(&lab.get(own, token).await, 403, 200, 0, "(#200)");
        }
        refused(&lab.get(own, "").await, 400, 104, 0, "");
        refused(&lab.get(own, "x").await, 401, 190, 0, "");
        let foreign = lab.get(&format!("{BUSINESS}/{path}"), SYSTEM).await;
        refused(&foreign, 400, 100, 33, "Unsupported get request");
    }
}

#[tokio::test]
async fn tasks_come_in_every_spelling_and_are_listed_for_their_portfolio() {
    let lab = Lab::start().await;
    let business = lab.token(json!({})).await;
    let path = &format!("{WABA}/assigned_users");
    for given in [
        json!(["DEVELOP", "MANAGE_BILLING"]),
        json!("['DEVELOP','MANAGE_BILLING']"),
    ] {
        let body = json!({"user": "8000000000000001", "tasks": given});
        assert_eq!(lab.post(path, SYSTEM, body).await.0, 200, "{given}");
        let (_, list) = lab.get(&format!("{path}?business={PARTNER}"), SYSTEM).await;
        assert_eq!(
            list["data"][0]["tasks"],
            json!(["DEVELOP", "MANAGE_BILLING"])
        );
        assert_eq!(list["data"][0]["id"], "8000000000000001");
    }
    assert_eq!(lab.count("path=*/assigned_users&effect=true").await, 1);
    let foreign = lab.get(&format!("{path}?business={WABA}"), SYSTEM).await;
    assert_eq!(foreign.1["data"], json!([]));
    refused(
        &lab.get(path, SYSTEM).await,
        400,
        100,
        0,
        "business is required",
    );
    for (body, message) in [
        (json!({"tasks": ["MANAGE"]}), "user is required"),
        (
            json!({"user": "1", "tasks": ["MANAGE"]}),
            "not a system user",
        ),
        (json!({"user": "8000000000000001"}), "tasks is required"),
        (
            json!({"user": "8000000000000001", "tasks": ["RULE"]}),
            "RULE",
        ),
    ] {
        refused(&lab.post(path, SYSTEM, body).await, 400, 100, 0, message);
    }
    let body = json!({"user": "8000000000000001", "tasks": ["MANAGE"]});
    refused(
        &lab.post(path, &business, body.clone()).await,
        403,
        200,
        0,
        "",
    );
    let foreign = lab
        .post("5000000000000009/assigned_users", SYSTEM, body)
        .await;
    refused(&foreign, 400, 100, 33, "");
}

#[tokio::test]
async fn a_solution_without_messaging_gives_granular_tasks_only() {
    let lab = Lab::start().await;
    lab.token(json!({"solution_id": "7000000000000001"})).await;
    assert_eq!(assign(&lab, "['MANAGE']").await.0, 200, "with messaging");
    lab.rules(json!({"solution_messaging": false})).await;
    for whole in ["['MANAGE']", "['DEVELOP','MANAGE']", "['FULL_CONTROL']"] {
        refused(&assign(&lab, whole).await, 403, 200, 0, "MESSAGING");
    }
    let granular = "['DEVELOP','MANAGE_TEMPLATES','MANAGE_PHONE','MANAGE_BILLING']";
    assert_eq!(assign(&lab, granular).await.0, 200);
    assert_eq!(
        classic(&lab, CREDIT, "USD").await.0,
        200,
        "billing is enough"
    );
    lab.control(
        Method::PATCH,
        &format!("wabas/{WABA}"),
        json!({"solution_id": null}),
    )
    .await;
    assert_eq!(assign(&lab, "['MANAGE']").await.0, 200, "outside of one");
}

#[tokio::test]
async fn the_classic_method_needs_the_task_and_attaches_once() {
    let lab = Lab::start().await;
    let business = lab.token(json!({})).await;
    refused(
        &classic(&lab, CREDIT, "USD").await,
        403,
        200,
        0,
        "MANAGE_BILLING",
    );
    assign(&lab, "['DEVELOP']").await;
    refused(
        &classic(&lab, CREDIT, "USD").await,
        403,
        200,
        0,
        "MANAGE_BILLING",
    );
    assign(&lab, "['MANAGE']").await;
    refused(
        &classic(&lab, CREDIT, "").await,
        400,
        100,
        0,
        "waba_currency is required",
    );
    refused(
        &classic(&lab, CREDIT, "CHF").await,
        400,
        100,
        0,
        "must be one of",
    );
    refused(
        &classic(&lab, CREDIT, "EUR").await,
        400,
        100,
        0,
        "currency of the account, USD",
    );
    refused(
        &classic(&lab, "8100000000000009", "USD").await,
        400,
        100,
        33,
        "",
    );
    let path = format!("{CREDIT}/{CLASSIC}?waba_currency=USD&waba_id={WABA}");
    refused(
        &lab.post(&path, &business, json!({})).await,
        403,
        200,
        0,
        "",
    );
    assert_eq!(
        funding(&lab).await,
        Value::Null,
        "nothing of this had an effect"
    );

    let (status, done) = classic(&lab, CREDIT, "USD").await;
    assert_eq!((status, &done["waba_id"]), (200, &json!(WABA)), "{done}");
    let allocation = done["allocation_config_id"].as_str().expect("an id");
    let fields = "receiving_credential{id},receiving_business,request_status";
    let (_, config) = lab
        .get(&format!("{allocation}?fields={fields}"), SYSTEM)
        .await;
    assert_eq!(
        config,
        json!({
            "id": allocation, "request_status": "APPROVED",
            "receiving_business": {"id": BUSINESS, "name": "Lucky Shrub"},
            "receiving_credential": {"id": funding(&lab).await},
        })
    );
    let before = funding(&lab).await;
    for credit in [CREDIT, OTHER] {
        refused(
            &classic(&lab, credit, "USD").await,
            400,
            100,
            8_100_001,
            "already",
        );
    }
    assert_eq!(funding(&lab).await, before);
    refused(&lab.get(allocation, &business).await, 403, 200, 0, "");
}

#[tokio::test]
async fn a_waba_without_a_currency_takes_the_one_of_its_credit() {
    let lab = Lab::start().await;
    lab.token(json!({})).await;
    assign(&lab, "['MANAGE']").await;
    let row = format!("wabas/{WABA}");
    lab.control(Method::PATCH, &row, json!({"currency": ""}))
        .await;
    let read = format!("{WABA}?fields=currency");
    assert!(lab.get(&read, SYSTEM).await.1.get("currency").is_none());
    assert_eq!(classic(&lab, CREDIT, "INR").await.0, 200);
    assert_eq!(lab.get(&read, SYSTEM).await.1["currency"], "INR");
}

#[tokio::test]
async fn the_alternate_method_shares_first_and_attaches_with_the_customers_token() {
    let lab = Lab::start().await;
    refused(
        &share(&lab, SYSTEM).await,
        400,
        100,
        0,
        "receiving_business_id",
    );
    let business = lab.token(json!({})).await;
    refused(
        &attach(&lab, &business).await,
        400,
        100,
        8_100_003,
        "not shared",
    );
    refused(&share(&lab, &business).await, 403, 200, 0, "");
    let (_, shared) = share(&lab, SYSTEM).await;
    assert_eq!(shared["success"], true, "{shared}");
    refused(
        &share(&lab, SYSTEM).await,
        400,
        100,
        8_100_002,
        "already shared",
    );
    for token in [SYSTEM, APP_TOKEN] {
        refused(&attach(&lab, token).await, 403, 200, 0, "business token");
    }
    assert_eq!(funding(&lab).await, Value::Null);
    let (_, attached) = attach(&lab, &business).await;
    let id = &shared["allocation_config_id"];
    assert_eq!(
        attached,
        json!({"success": true, "waba_id": WABA, "allocation_config_id": id})
    );
    assert!(funding(&lab).await.is_string());
    refused(
        &attach(&lab, &business).await,
        400,
        100,
        8_100_001,
        "already",
    );
}

#[tokio::test]
async fn a_revocation_is_seen_everywhere() {
    let lab = Lab::start().await;
    lab.token(json!({})).await;
    assign(&lab, "['MANAGE']").await;
    let (_, done) = classic(&lab, CREDIT, "USD").await;
    let allocation = done["allocation_config_id"].as_str().expect("an id");
    let list = format!(
        "{CREDIT}/owning_credit_allocation_configs?receiving_business_id={BUSINESS}&fields=id,receiving_business"
    );
    let (_, listed) = lab.get(&list, SYSTEM).await;
    let receiving = json!({"id": BUSINESS, "name": "Lucky Shrub"});
    assert_eq!(
        listed["data"],
        json!([{"id": allocation, "receiving_business": receiving}])
    );
    let other = list.replace(BUSINESS, "4000000000000002");
    assert_eq!(lab.get(&other, SYSTEM).await.1["data"], json!([]));
    let revoke = || async {
        let response = lab.send(Method::DELETE, allocation, SYSTEM, None).await;
        told(response.expect("answers")).await
    };
    assert_eq!(revoke().await, (200, json!({"success": true})));
    assert_eq!(funding(&lab).await, Value::Null);
    let (_, config) = lab
        .get(&format!("{allocation}?fields=request_status"), SYSTEM)
        .await;
    assert_eq!(config["request_status"], "DELETED");
    assert_eq!(lab.get(&list, SYSTEM).await.1["data"], json!([]));
    assert_eq!(revoke().await.0, 200);
    let path = format!("path=*/{allocation}&method=DELETE&effect=true");
    assert_eq!(lab.count(&path).await, 1);
    let (_, again) = classic(&lab, CREDIT, "USD").await;
    assert_ne!(again["allocation_config_id"], allocation);
}

#[tokio::test]
async fn rules_close_a_method_withhold_the_terms_and_delay_the_funding() {
    let lab = Lab::start().await;
    let business = lab.token(json!({})).await;
    assign(&lab, "['MANAGE']").await;
    lab.rules(json!({"credit_method": "alternate"})).await;
    refused(&classic(&lab, CREDIT, "USD").await, 500, 3, 0, "capability");
    lab.rules(json!({"credit_method": "classic"})).await;
    refused(&share(&lab, SYSTEM).await, 500, 3, 0, "capability");
    refused(&attach(&lab, &business).await, 500, 3, 0, "capability");
    lab.rules(json!({"credit_terms_accepted": false})).await;
    refused(&classic(&lab, CREDIT, "USD").await, 403, 10, 0, "(#10)");
    lab.rules(json!({"credit_terms_accepted": true, "funding_delay_s": 600}))
        .await;
    let employee = "system_users/8000000000000001";
    lab.control(Method::PATCH, employee, json!({"role": "EMPLOYEE"}))
        .await;
    refused(&classic(&lab, CREDIT, "USD").await, 403, 200, 0, "admin");
    lab.control(Method::PATCH, employee, json!({"role": "ADMIN"}))
        .await;
    assert_eq!(classic(&lab, CREDIT, "USD").await.0, 200);
    assert_eq!(funding(&lab).await, Value::Null, "not yet");
    refused(
        &classic(&lab, CREDIT, "USD").await,
        400,
        100,
        8_100_001,
        "already",
    );
    lab.rules(json!({"clock_offset_s": 601})).await;
    assert!(funding(&lab).await.is_string());
}
