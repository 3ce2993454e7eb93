//! Who may send webhooks: the handshake, and the forms of a signature.

use crate::meta::{WABA, body, callback, change, connect_webhook, post, sign};
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, APP_SECRET};
use serde_json::{Value, json};

#[tokio::test]
async fn handshake_echoes_the_challenge_for_the_token_only() -> Result<()> {
    let deployment = Deployment::start().await?;
    let url = callback(&deployment, "main");
    let handshake =
        |url: &str, query: &[(&str, &str)]| deployment.client.get(url).query(query).send();
    let with = |token: &str, challenge: &str| {
        [
            ("hub.mode", "subscribe"),
            ("hub.verify_token", token),
            ("hub.challenge", challenge),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    let before = handshake(
        &url,
        &[
            ("hub.mode", "subscribe"),
            ("hub.verify_token", ""),
            ("hub.challenge", "1"),
        ],
    );
    assert_eq!(
        before.await?.status().as_u16(),
        403,
        "there is no token yet"
    );
    let first = connect_webhook(&deployment).await?;
    assert_eq!(first["callback_url"], url);
    let second = connect_webhook(&deployment).await?;
    let [old, new] = [&first, &second].map(|webhook| {
        webhook["verify_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    assert!(old != new && new.len() == 64, "{old} {new}");
    for (token, challenge, status) in [
        (new.as_str(), "1158201444", 200),
        (old.as_str(), "1158201444", 403),
        ("", "1158201444", 403),
        ("wrong", "1158201444", 403),
        (new.as_str(), "<script>alert(1)</script>", 403),
        (new.as_str(), "", 403),
    ] {
        let query = with(token, challenge);
        let query: Vec<(&str, &str)> = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let response = handshake(&url, &query).await?;
        assert_eq!(response.status().as_u16(), status, "{token} {challenge}");
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff");
        if status == 200 {
            assert!(header("content-type").starts_with("text/plain"));
            assert_eq!(response.text().await?, challenge);
        } else {
            assert_eq!(response.json::<Value>().await?["code"], "unauthorized");
        }
    }
    let unknown = handshake(&callback(&deployment, "other"), &[]).await?;
    assert_eq!(unknown.status().as_u16(), 404);
    let response = deployment
        .admin_post("apps/other/webhook", &json!({}))
        .await?;
    assert_eq!(response.status().as_u16(), 404);
    // Through the Graph API, as an operator's script does.
    let graph = format!("{}/v25.0/{APP_ID}/subscriptions", deployment.sandbox.url());
    for (token, status) in [(new.as_str(), 200), (old.as_str(), 400)] {
        let set = json!({"object": "whatsapp_business_account", "callback_url": url, "verify_token": token,
            "fields": "account_update,messages", "access_token": format!("{APP_ID}|{APP_SECRET}")});
        let response = deployment.client.post(&graph).json(&set).send().await?;
        assert_eq!(response.status().as_u16(), status);
    }
    Ok(())
}

#[tokio::test]
async fn unsigned_or_unknown_webhook_is_refused_and_stores_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let text = body(&change(
        WABA,
        "account_review_update",
        json!({"decision": "APPROVED"}),
    ));
    let right = sign(APP_SECRET, text.as_bytes())?;
    let foreign = sign("another-app-secret", text.as_bytes())?;
    let cut = right.get(..right.len() - 1).context("short")?;
    let digits = right.strip_prefix("sha256=").context("prefix")?;
    let sha1 = format!("sha1={digits}");
    for (app, signatures, status) in [
        ("main", vec![], 401),
        ("main", vec![foreign.as_str()], 401),
        ("main", vec![cut], 401),
        ("main", vec![digits], 401),
        ("main", vec![sha1.as_str()], 401),
        ("main", vec![right.as_str(), right.as_str()], 401),
        ("main", vec![right.as_str(), foreign.as_str()], 401),
        ("other", vec![right.as_str()], 404),
        ("Not-An-App", vec![right.as_str()], 404),
    ] {
        let response = post(&deployment, app, text.clone().into_bytes(), &signatures).await?;
        assert_eq!(response.status().as_u16(), status, "{app} {signatures:?}");
        let problem: Value = response.json().await?;
        assert_eq!(problem["status"], status);
    }
    assert_eq!(
        deployment.workerd.count_objects("Waba")?,
        0,
        "nothing was created"
    );
    for (text, status) in [
        ("", 400),
        ("no JSON", 400),
        ("{\"entry\":", 400),
        ("{}", 200),
    ] {
        let signature = sign(APP_SECRET, text.as_bytes())?;
        let response = post(&deployment, "main", text.into(), &[&signature]).await?;
        assert_eq!(response.status().as_u16(), status, "{text}");
    }
    let response = deployment
        .client
        .put(callback(&deployment, "main"))
        .send()
        .await?;
    assert_eq!(response.status().as_u16(), 405);
    Ok(())
}

#[tokio::test]
async fn previous_secret_is_accepted_for_a_day() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let text = body(&change(
        WABA,
        "account_review_update",
        json!({"decision": "APPROVED"}),
    ));
    let send = async |secret: &str| -> Result<u16> {
        let signature = sign(secret, text.as_bytes())?;
        let response = post(
            &deployment,
            "main",
            text.clone().into_bytes(),
            &[&signature],
        )
        .await?;
        Ok(response.status().as_u16())
    };
    let put = async |secret: &str| {
        deployment
            .admin_put("secrets/app/main/app_secret", &json!({"value": secret}))
            .await
    };
    // Put twice, as by an operator whose first put had no response.
    for _ in 0..2 {
        assert!(put("rotated-app-secret").await?.status().is_success());
    }
    for (secret, status) in [
        ("rotated-app-secret", 200),
        (APP_SECRET, 200),
        ("a-third-secret", 401),
    ] {
        assert_eq!(send(secret).await?, status, "{secret}");
    }
    deployment
        .advance_clock(std::time::Duration::from_secs(25 * 3_600))
        .await?;
    for (secret, status) in [("rotated-app-secret", 200), (APP_SECRET, 401)] {
        assert_eq!(send(secret).await?, status, "{secret}");
    }
    Ok(())
}

#[tokio::test]
async fn body_of_three_megabytes_is_taken_and_one_byte_more_is_not() -> Result<()> {
    let deployment = Deployment::start().await?;
    const CAP: usize = 3 << 20;
    for (length, status) in [(CAP, 200), (CAP + 1, 413), (CAP + (1 << 20), 413)] {
        let mut text = "{\"entry\":[],\"padding\":\"".to_owned();
        text.push_str(&"x".repeat(length - text.len() - 2));
        text.push_str("\"}");
        assert_eq!(text.len(), length);
        let signature = sign(APP_SECRET, text.as_bytes())?;
        let response = post(&deployment, "main", text.into_bytes(), &[&signature]).await;
        match response {
            Ok(response) => assert_eq!(response.status().as_u16(), status, "{length}"),
            // The Worker may end a connection on which far too much is sent.
            Err(error) => assert!(length > CAP + 1, "{error}"),
        }
    }
    Ok(())
}
