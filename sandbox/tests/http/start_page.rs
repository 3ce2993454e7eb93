//! The start page, and the scenarios that it offers.

use crate::test_sandbox::TestSandbox;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_scenario_sets_its_rules_and_faults_and_nothing_else() {
    let sandbox = TestSandbox::start().await;
    let get = async |path: &str| sandbox.control(Method::GET, path, Value::Null).await.1;
    let (rules, world) = (get("rules").await, get("world").await);
    let scenarios = get("scenarios").await;
    let scenarios = scenarios.as_array().expect("a list");
    assert!(scenarios.len() > 5, "{scenarios:?}");
    for scenario in scenarios {
        let name = scenario["name"].as_str().expect("a name");
        let path = format!("scenarios/{name}");
        let (status, body) = sandbox.control(Method::POST, &path, Value::Null).await;
        assert_eq!(status, 204, "{name}: {body}");
        let changed = get("rules").await != rules || get("faults").await != json!([]);
        assert_eq!(changed, name != "ordinary", "{name}");
        let page = page(&sandbox).await;
        let pressed = page.matches("aria-pressed=\"true\"").count();
        assert_eq!(pressed, 1, "{name}: {page}");
    }
    sandbox
        .control(Method::POST, "scenarios/ordinary", Value::Null)
        .await;
    assert_eq!(get("rules").await, rules);
    assert_eq!(get("faults").await, json!([]));
    assert_eq!(get("world").await["phones"], world["phones"]);
    let unknown = sandbox.control(Method::POST, "scenarios/none", Value::Null);
    assert_eq!(unknown.await.0, 400);
}

#[tokio::test]
async fn start_page_is_for_people_and_its_buttons_lead_back_to_it() {
    let sandbox = TestSandbox::start().await;
    assert!(page(&sandbox).await.contains("<!DOCTYPE html>"));
    sandbox.rules(json!({"ids": "never"})).await;
    assert!(!page(&sandbox).await.contains("aria-pressed=\"true\""));
    let url = sandbox.running.url();
    let plain = sandbox.http.get(&url).send().await.expect("a response");
    let plain = plain.text().await.expect("text");
    assert!(plain.starts_with("embark-sandbox plays Meta"), "{plain}");
    let form = sandbox
        .http
        .post(format!("{url}/_sandbox/scenarios/pin"))
        .header("accept", "text/html,application/xhtml+xml")
        .send()
        .await
        .expect("a response");
    assert_eq!(form.status().as_u16(), 303);
    assert_eq!(form.headers()["location"], "/");
}

/// The start page as a browser gets it.
async fn page(sandbox: &TestSandbox) -> String {
    let request = sandbox.http.get(sandbox.running.url());
    let response = request.header("accept", "text/html").send().await;
    response.expect("a response").text().await.expect("a page")
}
