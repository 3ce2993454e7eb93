//! Bad input: each kind its own code and a 4xx, no call to Meta that is not needed, nothing stored, and
//! nothing lost of what was stored before.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::page::outcome;
use embark_tests::stage::HOST;
use serde_json::{Value, json};

#[tokio::test]
async fn every_bad_request_has_its_own_code_and_calls_nobody() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let other = stage.page("acme", HOST).await?;
    let good = outcome(&json!({"code": "c", "waba_id": "5000000000000001"}), false);
    let grant = page.launch["grant"].as_str().unwrap_or_default().to_owned();
    let forged = grant.replace("g1.1.", "g1.1.A");
    let outcome_of = |id: &str| format!("{}/v1/signups/{id}/outcome", stage.origin);
    let mine = outcome_of(page.signup());
    let post = |address: &str, grant: &str| stage.client.post(address).bearer_auth(grant);
    let deep = format!("{{\"code\":{}1{}}}", "[".repeat(4_000), "]".repeat(4_000));
    let big = format!("{{\"code\":\"{}\"}}", "x".repeat(17_000));
    let number = r#"{"code":"c","code_source":"sdk","ids":{"waba_id":5000000000000001}}"#;
    let word = r#"{"code":"c","code_source":"sdk","ids":{"waba_id":"my account"}}"#;
    let uri = r#"{"code":"c","code_source":"sdk","redirect_uri":"https://evilfacebook.com/"}"#;
    let json_type = ("content-type", "application/json");
    let with = |body: &str| {
        post(&mine, &grant)
            .header(json_type.0, json_type.1)
            .body(body.to_owned())
    };
    let cases = [
        (stage.client.post(&mine).json(&good), 401, "grant_missing"),
        (post(&mine, "nonsense").json(&good), 401, "grant_invalid"),
        (post(&mine, &forged).json(&good), 401, "grant_invalid"),
        (
            post(&outcome_of(other.signup()), &grant).json(&good),
            403,
            "grant_mismatch",
        ),
        (
            post(&mine, &grant)
                .header("origin", "https://evil.example")
                .json(&good),
            403,
            "origin_not_allowed",
        ),
        (
            post(&mine, &grant).header("origin", "null").json(&good),
            403,
            "origin_not_allowed",
        ),
        (
            post(&mine, &grant)
                .header("content-type", "text/plain")
                .body("{}"),
            415,
            "unsupported_media_type",
        ),
        (with(&big), 413, "body_too_large"),
        (with(&deep), 400, "bad_json"),
        (with("{"), 400, "bad_json"),
        (with(""), 400, "bad_json"),
        (with("[]"), 400, "bad_json"),
        (
            with(r#"{"code":"c","code_source":"sdk","extra":1}"#),
            400,
            "bad_json",
        ),
        (with(number), 400, "bad_json"),
        (with(word), 400, "bad_id"),
        (
            with(r#"{"code":"","code_source":"sdk"}"#),
            400,
            "bad_request",
        ),
        (with(uri), 422, "redirect_uri_refused"),
        (
            post(&outcome_of("not-an-id"), &grant).json(&good),
            400,
            "bad_id",
        ),
        (page.request("GET", "?after=soon"), 400, "bad_request"),
        (page.request("GET", ""), 404, "not_launched"),
        (page.request("DELETE", ""), 405, "method_not_allowed"),
        (
            page.request("POST", "/nothing").json(&good),
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
    assert!(stage.log().await?.is_empty(), "Meta was not called");
    let nothing = page.request("GET", "").send().await?;
    assert_eq!(nothing.status().as_u16(), 404, "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn a_bad_request_does_not_harm_the_signup_it_names() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({})).await?;
    page.submit(&minted).await?;
    let before = page.follow(&["connected"]).await?;
    let deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
    for body in [
        "{",
        deep.as_str(),
        r#"{"code":"other","code_source":"sdk"}"#,
    ] {
        let request = page
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
    let after = page.snapshot().await?;
    assert_eq!(
        (&after["status"], &after["connected"]),
        (&before["status"], &before["connected"])
    );
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_code_sent_twice_is_exchanged_once() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({})).await?;
    let body = outcome(&minted, true);
    let posts = (0..20).map(|_| page.request("POST", "/outcome").json(&body).send());
    for response in futures_all(posts).await? {
        assert_eq!(
            response.status().as_u16(),
            202,
            "the same answer twice is a retry"
        );
    }
    let mut other = body.clone();
    other["ids"]["waba_id"] = "5000000000000009".into();
    let (status, problem) = page.post("/outcome", &other).await?;
    assert_eq!(
        (status.as_u16(), problem["code"].as_str()),
        (409, Some("code_already_sent"))
    );
    page.follow(&["connected"]).await?;
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(stage.count("*/register", None).await?, 1);
    // On another signup it is a spent code: Meta says so, and the person goes again.
    let second = stage.page("acme", HOST).await?;
    second.submit(&minted).await?;
    let end = second.follow(&["relaunch", "failed", "connected"]).await?;
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
async fn ids_that_the_token_does_not_prove_are_refused() -> Result<()> {
    let stage = Stage::new().await?;
    let mine = stage.mint(json!({"new": true})).await?;
    let theirs = stage.mint(json!({"new": true})).await?;
    for (ids, code) in [
        (json!({"waba_id": theirs["waba_id"]}), "waba_unreachable"),
        (
            json!({"waba_id": mine["waba_id"], "phone_number_id": theirs["phone_number_id"]}),
            "phone_not_in_waba",
        ),
    ] {
        let page = stage.page("acme", HOST).await?;
        let minted = stage.mint(json!({"waba_id": mine["waba_id"]})).await?;
        let mut body = outcome(&minted, false);
        body["ids"] = ids;
        page.post("/outcome", &body).await?;
        let end = page.follow(&["relaunch", "failed", "connected"]).await?;
        assert_eq!(end["problem"]["code"], code, "{end}");
        assert!(
            end["problem"]["status"]
                .as_u64()
                .is_some_and(|status| (400..500).contains(&status))
        );
    }
    assert_eq!(stage.count("*/register", None).await?, 0);
    assert_eq!(
        stage
            .log()
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
async fn a_number_of_another_site_is_not_taken_over() -> Result<()> {
    let stage = Stage::new().await?;
    stage.configure("rival", &["https://rival.example"]).await?;
    let first = stage.page("acme", HOST).await?;
    first.submit(&stage.mint(json!({})).await?).await?;
    first.follow(&["connected"]).await?;
    let second = stage.page("rival", "https://rival.example").await?;
    second.submit(&stage.mint(json!({})).await?).await?;
    let end = second.follow(&["failed", "connected", "relaunch"]).await?;
    assert_eq!(end["problem"]["code"], "owned_elsewhere", "{end}");
    assert_eq!(first.snapshot().await?["status"], "connected");
    assert_eq!(stage.count("*/register", None).await?, 1);
    Ok(())
}

/// Awaits all of them, side by side.
async fn futures_all<T, E: Into<anyhow::Error>>(
    futures: impl Iterator<Item = impl Future<Output = std::result::Result<T, E>>>,
) -> Result<Vec<T>> {
    let mut done = Vec::new();
    for result in futures_join(futures.map(Box::pin).collect()).await {
        done.push(result.map_err(Into::into)?);
    }
    Ok(done)
}

async fn futures_join<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut pending = false;
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match std::pin::Pin::new(future).poll(cx) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
