//! Bad input: each kind is answered with 4xx and its own problem code, calls Meta no more than needed, and changes
//! nothing that is stored.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

#[tokio::test]
async fn bad_requests_have_their_own_code_and_call_nobody() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let other = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let good = outcome_body(&json!({"code": "c", "waba_id": "5000000000000001"}), false);
    let grant = widget.grant();
    let forged = grant.replace("g1.1.", "g1.1.A");
    let outcome_url = |id: &str| format!("{}/v1/signups/{id}/outcome", deployment.origin);
    let url = outcome_url(widget.signup_id());
    let post = |url: &str, grant: &str| deployment.client.post(url).bearer_auth(grant);
    let deeply_nested = format!("{{\"code\":{}1{}}}", "[".repeat(4_000), "]".repeat(4_000));
    let too_large = format!("{{\"code\":\"{}\"}}", "x".repeat(17_000));
    let numeric_id = r#"{"code":"c","code_source":"sdk","ids":{"waba_id":5000000000000001}}"#;
    let id_with_letters = r#"{"code":"c","code_source":"sdk","ids":{"waba_id":"my account"}}"#;
    let foreign_redirect_uri =
        r#"{"code":"c","code_source":"sdk","redirect_uri":"https://evilfacebook.com/"}"#;
    let post_json = |body: &str| {
        post(&url, grant)
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    let cases = [
        (
            deployment.client.post(&url).json(&good),
            401,
            "grant_missing",
        ),
        (post(&url, "nonsense").json(&good), 401, "grant_invalid"),
        (post(&url, &forged).json(&good), 401, "grant_invalid"),
        (
            post(&outcome_url(other.signup_id()), grant).json(&good),
            403,
            "grant_mismatch",
        ),
        (
            post(&url, grant)
                .header("origin", "https://evil.example")
                .json(&good),
            403,
            "origin_not_allowed",
        ),
        (
            post(&url, grant).header("origin", "null").json(&good),
            403,
            "origin_not_allowed",
        ),
        (
            post(&url, grant)
                .header("content-type", "text/plain")
                .body("{}"),
            415,
            "unsupported_media_type",
        ),
        (post_json(&too_large), 413, "body_too_large"),
        (post_json(&deeply_nested), 400, "bad_json"),
        (post_json("{"), 400, "bad_json"),
        (post_json(""), 400, "bad_json"),
        (post_json("[]"), 400, "bad_json"),
        (
            post_json(r#"{"code":"c","code_source":"sdk","extra":1}"#),
            400,
            "bad_json",
        ),
        (post_json(numeric_id), 400, "bad_json"),
        (post_json(id_with_letters), 400, "bad_id"),
        (
            post_json(r#"{"code":"not an id","code_source":"not an id"}"#),
            400,
            "bad_json",
        ),
        (
            post_json(r#"{"code":"","code_source":"sdk"}"#),
            400,
            "bad_request",
        ),
        (post_json(foreign_redirect_uri), 422, "redirect_uri_refused"),
        (
            post(&outcome_url("not-an-id"), grant).json(&good),
            400,
            "bad_id",
        ),
        (widget.request("GET", "?after=soon"), 400, "bad_request"),
        (widget.request("GET", ""), 404, "not_launched"),
        (widget.request("DELETE", ""), 405, "method_not_allowed"),
        (
            widget.request("POST", "/nothing").json(&good),
            404,
            "not_found",
        ),
    ];
    for (n, (request, status, code)) in cases.into_iter().enumerate() {
        let response = request.send().await?;
        let kind = response.headers().get("content-type").cloned();
        let (got, problem): (u16, Value) = (response.status().as_u16(), response.json().await?);
        assert_eq!(
            (got, problem["code"].as_str()),
            (status, Some(code)),
            "case {n}: {problem}"
        );
        assert_eq!(
            kind.as_ref().and_then(|kind| kind.to_str().ok()),
            Some("application/problem+json")
        );
        assert!(
            problem["remedy"].is_string() && problem["title"].is_string(),
            "{problem}"
        );
    }
    assert!(
        deployment.call_log().await?.is_empty(),
        "Meta was not called"
    );
    let nothing = widget.request("GET", "").send().await?;
    assert_eq!(nothing.status().as_u16(), 404, "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn bad_request_on_connected_signup_changes_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    widget.post_outcome(&minted).await?;
    let before = widget.poll_until(&["connected"]).await?;
    let deeply_nested = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
    for body in [
        "{",
        deeply_nested.as_str(),
        r#"{"code":"other","code_source":"sdk"}"#,
    ] {
        let request = widget
            .request("POST", "/outcome")
            .header("content-type", "application/json");
        assert!(
            request
                .body(body.to_owned())
                .send()
                .await?
                .status()
                .is_client_error()
        );
    }
    let after = widget.snapshot().await?;
    assert_eq!(
        (&after["status"], &after["connected"]),
        (&before["status"], &before["connected"])
    );
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    Ok(())
}

#[tokio::test]
async fn code_sent_twice_is_exchanged_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let body = outcome_body(&minted, true);
    let posts = (0..20).map(|_| widget.request("POST", "/outcome").json(&body).send());
    for response in try_join_all(posts).await? {
        assert_eq!(
            response.status().as_u16(),
            202,
            "the same outcome again is a retry"
        );
    }
    let mut other = body.clone();
    other["ids"]["waba_id"] = "5000000000000009".into();
    let (status, problem) = widget.post("/outcome", &other).await?;
    assert_eq!(
        (status.as_u16(), problem["code"].as_str()),
        (409, Some("code_already_sent"))
    );
    widget.poll_until(&["connected"]).await?;
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    deployment.assert_calls("*/register", 1).await?;
    // For another signup the code is spent: Meta refuses it, and the person is asked to launch again.
    let second = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    second.post_outcome(&minted).await?;
    let end = second.poll_until_end().await?;
    assert_eq!(
        (
            end["problem"]["code"].as_str(),
            end["problem"]["status"].as_u64()
        ),
        (Some("code_spent"), Some(410))
    );
    Ok(())
}

#[tokio::test]
async fn ids_not_granted_by_token_are_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mine = deployment.mint_code(json!({"new": true})).await?;
    let theirs = deployment.mint_code(json!({"new": true})).await?;
    for (ids, code) in [
        (json!({"waba_id": theirs["waba_id"]}), "waba_unreachable"),
        (
            json!({"waba_id": mine["waba_id"], "phone_number_id": theirs["phone_number_id"]}),
            "phone_not_in_waba",
        ),
    ] {
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        let minted = deployment
            .mint_code(json!({"waba_id": mine["waba_id"]}))
            .await?;
        let mut body = outcome_body(&minted, false);
        body["ids"] = ids;
        widget.post("/outcome", &body).await?;
        let end = widget.poll_until_end().await?;
        assert_eq!(end["problem"]["code"], code, "{end}");
        assert!(
            end["problem"]["status"]
                .as_u64()
                .is_some_and(|status| (400..500).contains(&status))
        );
    }
    deployment.assert_calls("*/register", 0).await?;
    assert_eq!(
        deployment
            .call_log()
            .await?
            .iter()
            .filter(|call| call["effect"] == true
                && call["path"]
                    .as_str()
                    .is_some_and(|path| path.ends_with("subscribed_apps")))
            .count(),
        0
    );
    Ok(())
}

#[tokio::test]
async fn number_of_other_site_is_not_taken_over() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    first
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    first.poll_until(&["connected"]).await?;
    let second = deployment
        .open_widget("rival", "https://rival.example")
        .await?;
    second
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = second.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "owned_elsewhere", "{end}");
    assert_eq!(first.snapshot().await?["status"], "connected");
    deployment.assert_calls("*/register", 1).await?;
    Ok(())
}
