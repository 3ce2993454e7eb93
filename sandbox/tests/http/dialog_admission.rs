//! Which requests may open the dialog, and where it may return to.

use crate::dialog_session::{ARBITER, DialogSession, Page, between, finish};
use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn redirect_dialog_returns_to_registered_uris_only() {
    let sandbox = TestSandbox::start().await;
    let uri = "https://signup.partner.example/go/callback";
    let page = finish(
        &sandbox,
        &[("redirect_uri", uri), ("display", "page"), ("state", "s/1")],
    )
    .await;
    assert_eq!(page.status, 302);
    assert!(
        page.location
            .starts_with("https://signup.partner.example/go/callback?code="),
        "{}",
        page.location
    );
    assert!(page.location.contains("&state=s%2F1"), "{}", page.location);
    let code = between(&page.location, "code=", "&").to_owned();
    let params = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    assert_graph_error(
        &sandbox.exchange(&params).await,
        400,
        100,
        36008,
        "redirect_uri",
    );
    let params = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
        ("redirect_uri", uri),
    ];
    assert_eq!(sandbox.exchange(&params).await.0, 200);

    let (session, _) =
        DialogSession::open(&sandbox, &[("redirect_uri", uri), ("state", "s")]).await;
    let cancelled = session.press("cancel", &[]).await;
    assert!(
        cancelled.location.contains("error=access_denied")
            && cancelled.location.contains("state=s"),
        "{}",
        cancelled.location
    );
}

#[tokio::test]
async fn dialog_request_that_meta_refuses_shows_the_reason() {
    let sandbox = TestSandbox::start().await;
    let foreign_domain = ARBITER.replace("shop.example", "evil.example");
    let localhost = ARBITER.replace("https%3A%2F%2Fshop.example", "http%3A%2F%2Flocalhost:3000");
    let refusal = |page: &Page| between(&page.text, "data-testid=\"refused\">", "<").to_owned();
    for (changes, title) in [
        ([("client_id", "1")], "Invalid App ID"),
        ([("config_id", "1")], "Invalid parameter"),
        ([("response_type", "token")], "Invalid parameter"),
        ([("extras", "{")], "Invalid parameter"),
        (
            [("extras", r#"{"setup":{"solutionID":"1"}}"#)],
            "Something went wrong",
        ),
        (
            [(
                "redirect_uri",
                "https://signup.partner.example/go/callback/",
            )],
            "URL blocked",
        ),
        ([("redirect_uri", "https://evil.example/")], "URL blocked"),
        (
            [("redirect_uri", &foreign_domain)],
            "JSSDK Unknown Host domain",
        ),
        ([("extras", r#"{"version":"v9"}"#)], "Invalid parameter"),
        (
            [(
                "extras",
                r#"{"version":"v4","featureType":"only_waba_sharing"}"#,
            )],
            "Invalid parameter",
        ),
        (
            [(
                "extras",
                r#"{"features":[{"name":"marketing_messages_lite"}]}"#,
            )],
            "Invalid parameter",
        ),
        (
            [(
                "extras",
                r#"{"setup":{"business":{"phone":{"code":"49","number":"30"}}}}"#,
            )],
            "Invalid parameter",
        ),
    ] {
        let (_, page) = DialogSession::open(&sandbox, &changes).await;
        assert_eq!(
            (page.status, refusal(&page).as_str()),
            (400, title),
            "{changes:?}"
        );
    }
    let entries = sandbox.log("path=*/dialog/oauth").await;
    assert_eq!(entries[5]["error_code"], 191);
    let solution = r#"{"setup":{"solutionID":"7000000000000001"}}"#;
    assert_eq!(
        DialogSession::open(&sandbox, &[("extras", solution)])
            .await
            .1
            .status,
        200,
        "an active solution"
    );
    for (status, expected) in [("PENDING_DEACTIVATION", 200), ("DEACTIVATED", 400)] {
        let body = json!({"status": status});
        sandbox
            .control(Method::PATCH, "solutions/7000000000000001", body)
            .await;
        let (_, page) = DialogSession::open(&sandbox, &[("extras", solution)]).await;
        assert_eq!(page.status, expected, "{status}");
    }
    assert_eq!(
        DialogSession::open(&sandbox, &[("redirect_uri", &localhost)])
            .await
            .1
            .status,
        200,
        "development mode"
    );
    sandbox.rules(json!({"person_has_role": false})).await;
    assert_eq!(
        refusal(&DialogSession::open(&sandbox, &[]).await.1),
        "App not active"
    );
    sandbox.rules(json!({"live_mode": true})).await;
    assert_eq!(
        DialogSession::open(&sandbox, &[]).await.1.status,
        200,
        "live apps need no role"
    );
    let page = DialogSession::open(&sandbox, &[("redirect_uri", &localhost)])
        .await
        .1;
    assert_eq!(
        refusal(&page),
        "JSSDK Unknown Host domain",
        "live mode does not allow localhost"
    );
}

#[tokio::test]
async fn dialog_request_with_post_is_not_found() {
    let sandbox = TestSandbox::start().await;
    let response = sandbox
        .send(Method::POST, "dialog/oauth", "", None)
        .await
        .expect("a response");
    assert_eq!(response.status(), 400);
}
