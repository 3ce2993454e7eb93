//! What a Solution Partner does after the code exchange: system users on the WABA, credit lines, allocations.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

const PARTNER: &str = "2000000000000001";
const CREDIT: &str = "8100000000000001";
const OTHER: &str = "8100000000000002";
const BUSINESS: &str = "4000000000000001";
const CLASSIC: &str = "whatsapp_credit_sharing_and_attach";

async fn assign(sandbox: &TestSandbox, tasks: &str) -> StatusAndBody {
    let path = format!("{WABA}/assigned_users?user=8000000000000001&tasks={tasks}");
    sandbox.post(&path, SYSTEM, json!({})).await
}

async fn classic(sandbox: &TestSandbox, credit: &str, currency: &str) -> StatusAndBody {
    let path = format!("{credit}/{CLASSIC}?waba_currency={currency}&waba_id={WABA}");
    sandbox.post(&path, SYSTEM, json!({})).await
}

async fn share(sandbox: &TestSandbox, token: &str) -> StatusAndBody {
    let path = format!("{CREDIT}/whatsapp_credit_sharing?receiving_business_id={BUSINESS}");
    sandbox.post(&path, token, json!({})).await
}

async fn attach(sandbox: &TestSandbox, token: &str) -> StatusAndBody {
    let path = format!("{CREDIT}/whatsapp_credit_attach?waba_currency=USD&waba_id={WABA}");
    sandbox.post(&path, token, json!({})).await
}

async fn funding(sandbox: &TestSandbox) -> Value {
    let (_, waba) = sandbox
        .get(&format!("{WABA}?fields=primary_funding_id"), SYSTEM)
        .await;
    waba["primary_funding_id"].clone()
}

#[tokio::test]
async fn system_users_and_credit_lines_are_listed_for_their_portfolio_only() {
    let sandbox = TestSandbox::start().await;
    let (_, users) = sandbox
        .get(&format!("{PARTNER}/system_users"), SYSTEM)
        .await;
    let user = json!({"id": "8000000000000001", "name": "Sandbox system user", "role": "ADMIN"});
    assert_eq!(users["data"], json!([user]));
    let path = format!("{PARTNER}/extendedcredits?fields=id,legal_entity_name");
    let (_, lines) = sandbox.get(&path, SYSTEM).await;
    assert_eq!(
        lines["data"],
        json!([
            {"id": CREDIT, "legal_entity_name": "Partner Inc"},
            {"id": OTHER, "legal_entity_name": "Partner Europe Ltd"},
        ])
    );
    let business = sandbox.token(json!({})).await;
    for path in ["system_users", "extendedcredits"] {
        let own = &format!("{PARTNER}/{path}");
        for token in [business.as_str(), APP_TOKEN] {
            assert_graph_error(&sandbox.get(own, token).await, 403, 200, 0, "(#200)");
        }
        assert_graph_error(&sandbox.get(own, "").await, 400, 104, 0, "");
        assert_graph_error(&sandbox.get(own, "x").await, 401, 190, 0, "");
        let foreign = sandbox.get(&format!("{BUSINESS}/{path}"), SYSTEM).await;
        assert_graph_error(&foreign, 400, 100, 33, "Unsupported get request");
    }
}

#[tokio::test]
async fn full_control_in_a_solution_without_messaging_is_refused() {
    let sandbox = TestSandbox::start().await;
    sandbox
        .token(json!({"solution_id": "7000000000000001"}))
        .await;
    assert_eq!(
        assign(&sandbox, "['MANAGE']").await.0,
        200,
        "with messaging"
    );
    sandbox.rules(json!({"solution_messaging": false})).await;
    for tasks in ["['MANAGE']", "['DEVELOP','MANAGE']", "['FULL_CONTROL']"] {
        assert_graph_error(&assign(&sandbox, tasks).await, 403, 200, 0, "MESSAGING");
    }
    let granular = "['DEVELOP','MANAGE_TEMPLATES','MANAGE_PHONE','MANAGE_BILLING']";
    assert_eq!(assign(&sandbox, granular).await.0, 200);
    assert_eq!(
        classic(&sandbox, CREDIT, "USD").await.0,
        200,
        "billing is enough"
    );
    sandbox
        .control(
            Method::PATCH,
            &format!("wabas/{WABA}"),
            json!({"solution_id": null}),
        )
        .await;
    assert_eq!(
        assign(&sandbox, "['MANAGE']").await.0,
        200,
        "outside a solution"
    );
}

#[tokio::test]
async fn classic_credit_sharing_needs_the_billing_task_and_attaches_once() {
    let sandbox = TestSandbox::start().await;
    let business = sandbox.token(json!({})).await;
    assert_graph_error(
        &classic(&sandbox, CREDIT, "USD").await,
        403,
        200,
        0,
        "MANAGE_BILLING",
    );
    assign(&sandbox, "['DEVELOP']").await;
    assert_graph_error(
        &classic(&sandbox, CREDIT, "USD").await,
        403,
        200,
        0,
        "MANAGE_BILLING",
    );
    assign(&sandbox, "['MANAGE']").await;
    assert_graph_error(
        &classic(&sandbox, CREDIT, "").await,
        400,
        100,
        0,
        "waba_currency is required",
    );
    assert_graph_error(
        &classic(&sandbox, CREDIT, "CHF").await,
        400,
        100,
        0,
        "must be one of",
    );
    assert_graph_error(
        &classic(&sandbox, CREDIT, "EUR").await,
        400,
        100,
        0,
        "currency of the account, USD",
    );
    assert_graph_error(
        &classic(&sandbox, "8100000000000009", "USD").await,
        400,
        100,
        33,
        "",
    );
    let path = format!("{CREDIT}/{CLASSIC}?waba_currency=USD&waba_id={WABA}");
    assert_graph_error(
        &sandbox.post(&path, &business, json!({})).await,
        403,
        200,
        0,
        "",
    );
    assert_eq!(
        funding(&sandbox).await,
        Value::Null,
        "nothing of this had an effect"
    );

    let (status, done) = classic(&sandbox, CREDIT, "USD").await;
    assert_eq!((status, &done["waba_id"]), (200, &json!(WABA)), "{done}");
    let allocation = done["allocation_config_id"].as_str().expect("an id");
    let fields = "receiving_credential{id},receiving_business,request_status";
    let (_, config) = sandbox
        .get(&format!("{allocation}?fields={fields}"), SYSTEM)
        .await;
    assert_eq!(
        config,
        json!({
            "id": allocation, "request_status": "APPROVED",
            "receiving_business": {"id": BUSINESS, "name": "Lucky Shrub"},
            "receiving_credential": {"id": funding(&sandbox).await},
        })
    );
    let before = funding(&sandbox).await;
    for credit in [CREDIT, OTHER] {
        assert_graph_error(
            &classic(&sandbox, credit, "USD").await,
            400,
            100,
            8_100_001,
            "already",
        );
    }
    assert_eq!(funding(&sandbox).await, before);
    assert_graph_error(&sandbox.get(allocation, &business).await, 403, 200, 0, "");
}

#[tokio::test]
async fn waba_without_currency_takes_that_of_the_credit_line() {
    let sandbox = TestSandbox::start().await;
    sandbox.token(json!({})).await;
    assign(&sandbox, "['MANAGE']").await;
    let row = format!("wabas/{WABA}");
    sandbox
        .control(Method::PATCH, &row, json!({"currency": ""}))
        .await;
    let read = format!("{WABA}?fields=currency");
    assert!(sandbox.get(&read, SYSTEM).await.1.get("currency").is_none());
    assert_eq!(classic(&sandbox, CREDIT, "INR").await.0, 200);
    assert_eq!(sandbox.get(&read, SYSTEM).await.1["currency"], "INR");
}

#[tokio::test]
async fn alternate_credit_sharing_shares_then_attaches_with_the_business_token() {
    let sandbox = TestSandbox::start().await;
    assert_graph_error(
        &share(&sandbox, SYSTEM).await,
        400,
        100,
        0,
        "receiving_business_id",
    );
    let business = sandbox.token(json!({})).await;
    assert_graph_error(
        &attach(&sandbox, &business).await,
        400,
        100,
        8_100_003,
        "not shared",
    );
    assert_graph_error(&share(&sandbox, &business).await, 403, 200, 0, "");
    let (_, shared) = share(&sandbox, SYSTEM).await;
    assert_eq!(shared["success"], true, "{shared}");
    assert_graph_error(
        &share(&sandbox, SYSTEM).await,
        400,
        100,
        8_100_002,
        "already shared",
    );
    for token in [SYSTEM, APP_TOKEN] {
        assert_graph_error(
            &attach(&sandbox, token).await,
            403,
            200,
            0,
            "business token",
        );
    }
    assert_eq!(funding(&sandbox).await, Value::Null);
    let (_, attached) = attach(&sandbox, &business).await;
    let id = &shared["allocation_config_id"];
    assert_eq!(
        attached,
        json!({"success": true, "waba_id": WABA, "allocation_config_id": id})
    );
    assert!(funding(&sandbox).await.is_string());
    assert_graph_error(
        &attach(&sandbox, &business).await,
        400,
        100,
        8_100_001,
        "already",
    );
}

#[tokio::test]
async fn revoked_allocation_is_unlisted_and_removes_the_funding() {
    let sandbox = TestSandbox::start().await;
    sandbox.token(json!({})).await;
    assign(&sandbox, "['MANAGE']").await;
    let (_, done) = classic(&sandbox, CREDIT, "USD").await;
    let allocation = done["allocation_config_id"].as_str().expect("an id");
    let list = format!(
        "{CREDIT}/owning_credit_allocation_configs?receiving_business_id={BUSINESS}&fields=id,receiving_business"
    );
    let (_, listed) = sandbox.get(&list, SYSTEM).await;
    let receiving = json!({"id": BUSINESS, "name": "Lucky Shrub"});
    assert_eq!(
        listed["data"],
        json!([{"id": allocation, "receiving_business": receiving}])
    );
    let other = list.replace(BUSINESS, "4000000000000002");
    assert_eq!(sandbox.get(&other, SYSTEM).await.1["data"], json!([]));
    let revoke = || async {
        let response = sandbox.send(Method::DELETE, allocation, SYSTEM, None).await;
        read_reply(response.expect("a response")).await
    };
    assert_eq!(revoke().await, (200, json!({"success": true})));
    assert_eq!(funding(&sandbox).await, Value::Null);
    let (_, config) = sandbox
        .get(&format!("{allocation}?fields=request_status"), SYSTEM)
        .await;
    assert_eq!(config["request_status"], "DELETED");
    assert_eq!(sandbox.get(&list, SYSTEM).await.1["data"], json!([]));
    assert_eq!(revoke().await.0, 200);
    let path = format!("path=*/{allocation}&method=DELETE&effect=true");
    assert_eq!(sandbox.count(&path).await, 1);
    let (_, again) = classic(&sandbox, CREDIT, "USD").await;
    assert_ne!(again["allocation_config_id"], allocation);
}

#[tokio::test]
async fn credit_rules_disable_methods_refuse_terms_and_delay_funding() {
    let sandbox = TestSandbox::start().await;
    let business = sandbox.token(json!({})).await;
    assign(&sandbox, "['MANAGE']").await;
    sandbox.rules(json!({"credit_method": "alternate"})).await;
    assert_graph_error(
        &classic(&sandbox, CREDIT, "USD").await,
        500,
        3,
        0,
        "capability",
    );
    sandbox.rules(json!({"credit_method": "classic"})).await;
    assert_graph_error(&share(&sandbox, SYSTEM).await, 500, 3, 0, "capability");
    assert_graph_error(&attach(&sandbox, &business).await, 500, 3, 0, "capability");
    sandbox.rules(json!({"credit_terms_accepted": false})).await;
    assert_graph_error(&classic(&sandbox, CREDIT, "USD").await, 403, 10, 0, "(#10)");
    sandbox
        .rules(json!({"credit_terms_accepted": true, "funding_delay_s": 600}))
        .await;
    let employee = "system_users/8000000000000001";
    sandbox
        .control(Method::PATCH, employee, json!({"role": "EMPLOYEE"}))
        .await;
    assert_graph_error(
        &classic(&sandbox, CREDIT, "USD").await,
        403,
        200,
        0,
        "admin",
    );
    // A finance editor may share it as well.
    sandbox
        .control(Method::PATCH, employee, json!({"role": "FINANCE_EDITOR"}))
        .await;
    assert_eq!(classic(&sandbox, CREDIT, "USD").await.0, 200);
    assert_eq!(funding(&sandbox).await, Value::Null, "not yet");
    assert_graph_error(
        &classic(&sandbox, CREDIT, "USD").await,
        400,
        100,
        8_100_001,
        "already",
    );
    sandbox.rules(json!({"clock_offset_s": 601})).await;
    assert!(funding(&sandbox).await.is_string());
}
