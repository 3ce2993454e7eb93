//! Tasks of system users on a WABA.

use crate::test_sandbox::*;
use serde_json::json;

const PARTNER: &str = "2000000000000001";

#[tokio::test]
async fn assigned_tasks_are_accepted_as_list_or_text_and_listed() {
    let sandbox = TestSandbox::start().await;
    let business = sandbox.token(json!({})).await;
    let path = &format!("{WABA}/assigned_users");
    for given in [
        json!(["DEVELOP", "MANAGE_BILLING"]),
        json!("['DEVELOP','MANAGE_BILLING']"),
    ] {
        let body = json!({"user": "8000000000000001", "tasks": given});
        assert_eq!(sandbox.post(path, SYSTEM, body).await.0, 200, "{given}");
        let (_, list) = sandbox
            .get(&format!("{path}?business={PARTNER}"), SYSTEM)
            .await;
        assert_eq!(
            list["data"][0]["tasks"],
            json!(["DEVELOP", "MANAGE_BILLING"])
        );
        assert_eq!(list["data"][0]["id"], "8000000000000001");
    }
    assert_eq!(sandbox.count("path=*/assigned_users&effect=true").await, 1);
    let foreign = sandbox
        .get(&format!("{path}?business={WABA}"), SYSTEM)
        .await;
    assert_eq!(foreign.1["data"], json!([]));
    assert_graph_error(
        &sandbox.get(path, SYSTEM).await,
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
        assert_graph_error(
            &sandbox.post(path, SYSTEM, body).await,
            400,
            100,
            0,
            message,
        );
    }
    let body = json!({"user": "8000000000000001", "tasks": ["MANAGE"]});
    assert_graph_error(
        &sandbox.post(path, &business, body.clone()).await,
        403,
        200,
        0,
        "",
    );
    let foreign = sandbox
        .post("5000000000000009/assigned_users", SYSTEM, body)
        .await;
    assert_graph_error(&foreign, 400, 100, 33, "");
}
