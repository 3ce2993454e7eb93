//! Who is let into the dialog, and where it may send people back to.

use crate::client::*;
use crate::visit::{ARBITER, Page, Visit, between, finish};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_redirect_dialog_returns_to_strict_uris_only() {
    let lab = Lab::start().await;
    let uri = "https://signup.partner.example/go/callback";
    let page = finish(
        &lab,
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
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    refused(&lab.exchange(&order).await, 400, 100, 36008, "redirect_uri");
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
        ("redirect_uri", uri),
    ];
    assert_eq!(lab.exchange(&order).await.0, 200);

    let (visit, _) = Visit::open(&lab, &[("redirect_uri", uri), ("state", "s")]).await;
    let left = visit.press("cancel", &[]).await;
    assert!(
        left.location.contains("error=access_denied") && left.location.contains("state=s"),
        "{}",
        left.location
    );
}

#[tokio::test]
async fn everyone_else_is_shown_a_refusal() {
    let lab = Lab::start().await;
    let elsewhere = ARBITER.replace("shop.example", "evil.example");
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
        ([("redirect_uri", &elsewhere)], "JSSDK Unknown Host domain"),
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
        let (_, page) = Visit::open(&lab, &changes).await;
        assert_eq!(
            (page.status, refusal(&page).as_str()),
            (400, title),
            "{changes:?}"
        );
    }
    let blocked = lab.log("path=*/dialog/oauth").await;
    assert_eq!(blocked[5]["error_code"], 191);
    let solution = r#"{"setup":{"solutionID":"7000000000000001"}}"#;
    assert_eq!(
        Visit::open(&lab, &[("extras", solution)]).await.1.status,
        200,
        "an active solution"
    );
    assert_eq!(
        Visit::open(&lab, &[("redirect_uri", &localhost)])
            .await
            .1
            .status,
        200,
        "development mode"
    );
    lab.rules(json!({"person_has_role": false})).await;
    assert_eq!(refusal(&Visit::open(&lab, &[]).await.1), "App not active");
    lab.rules(json!({"live_mode": true})).await;
    assert_eq!(
        Visit::open(&lab, &[]).await.1.status,
        200,
        "live apps need no role"
    );
    let page = Visit::open(&lab, &[("redirect_uri", &localhost)]).await.1;
    assert_eq!(
        refusal(&page),
        "JSSDK Unknown Host domain",
        "live mode knows no localhost"
    );
}

#[tokio::test]
async fn only_get_opens_it() {
    let lab = Lab::start().await;
    let response = lab
        .send(Method::POST, "dialog/oauth", "", None)
        .await
        .expect("answers");
    assert_eq!(response.status(), 400);
}
