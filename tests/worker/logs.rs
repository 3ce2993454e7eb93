//! The log and the metrics: each line is JSON with the ids by which a signup is found, and no secret is in any of them.

use crate::secrets::{base16, contains_alone, token_candidates};
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{APP_SECRET, OPERATOR_TOKEN, SHOP_ORIGIN, SYSTEM_TOKEN};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

const PIN: &str = "731904";

/// Reads again until each of `expected` is among what was read, with all its fields: workerd writes its log after the response.
async fn read_until(
    read: impl Fn() -> Result<Vec<Value>>,
    expected: &[Value],
) -> Result<Vec<Value>> {
    let begun = Instant::now();
    loop {
        let found = read()?;
        let missing = expected
            .iter()
            .find(|expected| !found.iter().any(|one| has(one, expected)));
        let Some(missing) = missing else {
            return Ok(found);
        };
        anyhow::ensure!(
            begun.elapsed() < Duration::from_secs(20),
            "no {missing}: {found:#?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The lines of the log, once there is a line with each of these fields.
async fn lines_with(deployment: &Deployment, expected: &[Value]) -> Result<Vec<Value>> {
    read_until(|| deployment.workerd.log_lines(), expected).await
}

/// The data points, once there is one with each of these fields.
async fn points_with(deployment: &Deployment, expected: &[Value]) -> Result<Vec<Value>> {
    read_until(|| deployment.workerd.data_points(), expected).await
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Whether a line or a data point has all of these fields.
fn has(line: &Value, fields: &Value) -> bool {
    let fields = fields.as_object().into_iter().flatten();
    fields.into_iter().all(|(name, value)| line[name] == *value)
}

#[tokio::test]
async fn signup_writes_lines_with_its_ids_and_without_secrets() -> Result<()> {
    let deployment = Deployment::start_observed("requests").await?;
    let order = json!({"expires_in_s": 3_600});
    let invitation = deployment
        .admin_post("sites/acme/invitations", &order)
        .await?;
    let invitation: Value = invitation.error_for_status()?.json().await?;
    let link = invitation["url"].as_str().context("no link")?.to_owned();
    let page = deployment.client.get(&link).send().await?;
    assert_eq!(page.status().as_u16(), 200);
    let webhook = "5ec4e7".repeat(10) + "abcd";
    let address = format!("{}/v1/webhooks/infobip/{webhook}", deployment.origin);
    deployment.client.post(address).send().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    deployment
        .patch_sandbox(&format!("phones/{phone}"), json!({"pin": PIN}))
        .await?;
    let fault = json!({"path": "*/subscribed_apps", "method": "POST", "kind": "error", "http": 500,
        "code": 2, "times": 1});
    deployment.add_fault(fault).await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["needs_input"]).await?;
    let answer = json!({"kind": "pin", "pin": PIN});
    widget.post("/input", &answer).await?;
    let end = widget.poll_until(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let signup = widget.signup_id();
    let ids = json!({"signup": signup, "site": "acme", "app": "main"});
    let expected = [
        json!({"event": "request", "route": "publicFramePage", "method": "GET", "status": 200, "site": "acme"}),
        json!({"event": "request", "route": "publicHostedPage", "status": 200, "site": "acme"}),
        json!({"event": "request", "route": "publicInfobipWebhook", "status": 404, "problem": "not_found"}),
        json!({"event": "request", "route": "signupOutcome", "method": "POST", "status": 202, "signup": signup, "site": "acme", "app": "main"}),
        json!({"event": "request", "route": "adminCreateInvitation", "site": "acme"}),
        json!({"event": "call", "api": "meta", "name": "exchange", "outcome": "ok", "status": 200, "signup": signup, "site": "acme", "app": "main"}),
        json!({"event": "call", "api": "meta", "name": "subscribe", "outcome": "refused", "status": 500, "meta_code": 2, "level": "warn", "signup": signup, "site": "acme"}),
        json!({"event": "call", "api": "meta", "name": "register", "outcome": "ok", "signup": signup, "site": "acme"}),
        json!({"event": "signup_ended", "signup_status": "connected", "signup": signup, "site": "acme", "app": "main"}),
    ];
    let lines = lines_with(&deployment, &expected).await?;
    let refused = json!({"name": "subscribe", "outcome": "refused"});
    let refused = lines.iter().find(|line| has(line, &refused));
    let refused = refused.context("no refusal")?;
    assert!(refused["fbtrace_id"].is_string(), "{refused}");
    for line in &lines {
        assert!(
            line["time"].is_string() && line["level"].is_string(),
            "{line}"
        );
        let is_request = line["event"] == "request";
        assert_eq!(line["request_id"].is_string(), is_request, "{line}");
        if ["request", "call", "signup_ended"].contains(&line["event"].as_str().unwrap_or_default())
        {
            assert!(line["duration_ms"].is_u64(), "{line}");
        }
    }
    assert!(
        !lines.iter().any(|line| line["event"] == "failure"),
        "{lines:#?}"
    );
    let log = deployment.workerd.log();
    let code = minted["code"].as_str().context("no code")?;
    let (_, invite) = link
        .split_once("invite=")
        .context("no invitation in the link")?;
    let (_, grant) = widget.grant().split_once('.').context("no grant")?;
    for secret in [
        APP_SECRET,
        SYSTEM_TOKEN,
        OPERATOR_TOKEN,
        PIN,
        code,
        grant,
        invite,
        &webhook,
    ] {
        assert!(
            !contains_alone(log.as_bytes(), secret),
            "the log has {secret}"
        );
    }
    assert!(
        contains_alone(log.as_bytes(), signup),
        "the search does not find what is logged"
    );
    // The sandbox shows of each token only the beginning of its SHA-256 digest.
    let world = deployment.sandbox_world().await?;
    let digests: Vec<&String> = world["tokens"]
        .as_object()
        .context("tokens")?
        .keys()
        .collect();
    assert!(!digests.is_empty(), "the sandbox issued no token");
    for candidate in token_candidates(log.as_bytes()) {
        let digest = base16(&Sha256::digest(candidate));
        let is_token = digests
            .iter()
            .any(|token| digest.starts_with(token.as_str()));
        assert!(!is_token, "the log has a token");
    }
    let expected = [
        (
            "request",
            ["signupOutcome", "2xx", "", "acme", "main", "POST"],
        ),
        ("call", ["exchange", "ok", "", "acme", "main", "meta"]),
        ("signup", ["connected", "", "", "acme", "main", ""]),
    ];
    let expected = expected.map(|(index, blobs)| json!({"indexes": [index], "blobs": blobs}));
    for point in points_with(&deployment, &expected).await? {
        assert_eq!(
            point["doubles"].as_array().map(Vec::len),
            Some(2),
            "{point}"
        );
    }
    assert_ids(&lines, "signup_ended", &ids);
    Ok(())
}

fn assert_ids(lines: &[Value], event: &str, ids: &Value) {
    for line in lines.iter().filter(|line| line["event"] == event) {
        assert!(has(line, ids), "{line}");
    }
}

#[tokio::test]
async fn response_has_the_id_of_its_line_and_an_operators_has_durations() -> Result<()> {
    let deployment = Deployment::start().await?;
    let ray = "8f2a1b3c4d5e6f70-FRA";
    let page = format!("{}/frame?site=acme&host={SHOP_ORIGIN}", deployment.origin);
    let public = deployment.client.get(page).header("cf-ray", ray);
    let public = public.send().await?;
    assert_eq!(header(&public, "x-request-id"), Some(ray));
    assert_eq!(header(&public, "server-timing"), None);
    let operators = deployment.admin_get("apps").await?;
    let id = header(&operators, "x-request-id")
        .context("no id")?
        .to_owned();
    assert_eq!(id.len(), 32, "{id}");
    let timing = header(&operators, "server-timing").context("no durations")?;
    assert!(
        timing.starts_with("total;dur=") && timing.contains("objects;dur="),
        "{timing}"
    );
    let nobody = deployment
        .client
        .get(deployment.operator_url("/v1/admin/apps"));
    let nobody = nobody.send().await?;
    assert_eq!(nobody.status().as_u16(), 401);
    assert_eq!(header(&nobody, "server-timing"), None);
    let unknown = deployment
        .client
        .get(format!("{}/no/such", deployment.origin));
    let unknown = unknown.header("cf-ray", "\"x\"").send().await?;
    let other = header(&unknown, "x-request-id")
        .context("no id")?
        .to_owned();
    assert_eq!(other.len(), 32, "not what the client sent: {other}");
    let expected = [
        json!({"request_id": ray, "route": "publicFramePage", "status": 200}),
        json!({"request_id": id, "route": "adminListApps", "status": 200}),
        json!({"request_id": other, "route": "none", "status": 404, "problem": "not_found"}),
    ];
    lines_with(&deployment, &expected).await?;
    deployment.workerd.fire_cron().await?;
    let cron = json!({"event": "cron", "unanswered": 0, "level": "info"});
    lines_with(&deployment, &[cron]).await?;
    Ok(())
}

#[tokio::test]
async fn setting_leaves_out_lines_and_no_data_points() -> Result<()> {
    let deployment = Deployment::start_observed("errors").await?;
    deployment.admin_get("apps").await?.error_for_status()?;
    let blobs = json!(["adminListApps", "2xx", "", "", "", "GET"]);
    points_with(&deployment, &[json!({"blobs": blobs})]).await?;
    let lines = deployment.workerd.log_lines()?;
    assert!(
        lines.iter().all(|line| line["level"] != "info"),
        "{lines:#?}"
    );
    Ok(())
}
