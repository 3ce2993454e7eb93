//! Operators with tokens and roles of their own, and the audit log of what they did.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use reqwest::Method;
use serde_json::{Value, json};

/// Adds an operator; returns id and token.
pub async fn add_operator(
    deployment: &Deployment,
    name: &str,
    role: &str,
) -> Result<(String, String)> {
    let order = json!({"name": name, "role": role});
    let added = deployment.admin_post("operators", &order).await?;
    let added: Value = added.error_for_status()?.json().await?;
    let text = |field: &str| added[field].as_str().map(str::to_owned);
    let id = text("id").context("no id")?;
    Ok((id, text("token").context("no token")?))
}

async fn status(
    deployment: &Deployment,
    token: &str,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<u16> {
    let path = ["/v1/admin", if path.is_empty() { "" } else { "/" }, path].concat();
    let url = deployment.operator_url(&path);
    let request = deployment.client.request(method, url).bearer_auth(token);
    let response = request.json(body).send().await?;
    Ok(response.status().as_u16())
}

#[tokio::test]
async fn role_decides_what_an_operator_may_do() -> Result<()> {
    let deployment = Deployment::start().await?;
    let end = deployment.connect("acme", json!({})).await?;
    let waba = end["connected"]["waba_id"].as_str().context("no account")?;
    let (_, viewer) = add_operator(&deployment, "Vera", "viewer").await?;
    let (_, operator) = add_operator(&deployment, "Olaf", "operator").await?;
    let (_, owner) = add_operator(&deployment, "Ada", "owner").await?;
    let token = format!("sites/acme/wabas/{waba}/token");
    let secret = json!({"value": "another-secret"});
    let another = json!({"name": "another", "role": "owner"});
    // Method, path, body, and the statuses for viewer, operator and owner.
    for (method, path, body, want) in [
        (Method::GET, "", json!({}), [200, 200, 200]),
        (
            Method::GET,
            "sites/acme/signups",
            json!({}),
            [200, 200, 200],
        ),
        (Method::GET, "operators", json!({}), [200, 200, 200]),
        (Method::GET, "audit", json!({}), [200, 200, 200]),
        (Method::GET, "keys", json!({}), [200, 200, 200]),
        (Method::POST, "keys/rotation", json!({}), [403, 403, 202]),
        (Method::GET, &token, json!({}), [403, 200, 200]),
        (
            Method::PATCH,
            "sites/acme",
            json!({"display_name": "A"}),
            [403, 200, 200],
        ),
        (
            Method::PUT,
            "secrets/app/main/system_token",
            secret,
            [403, 204, 204],
        ),
        (
            Method::POST,
            "sites/acme/invitations",
            json!({}),
            [403, 200, 200],
        ),
        (Method::DELETE, "operators/0", json!({}), [403, 403, 404]),
        (Method::POST, "operators", another, [403, 403, 200]),
    ] {
        for (token, want) in [&viewer, &operator, &owner].into_iter().zip(want) {
            let got = status(&deployment, token, method.clone(), path, &body).await?;
            assert_eq!(got, want, "{method} {path} {token}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn token_ceases_to_work_when_its_operator_is_removed() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (id, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let get = async |token: &str| status(&deployment, token, Method::GET, "", &json!({})).await;
    assert_eq!(get(&token).await?, 200);
    let list: Value = deployment.admin_get("operators").await?.json().await?;
    assert_eq!(list[0]["name"], "Vera");
    assert_eq!(list[0]["token"], Value::Null, "shown once");
    let removed = deployment.admin_delete(&format!("operators/{id}")).await?;
    assert_eq!(removed.status().as_u16(), 204);
    assert_eq!(get(&token).await?, 401);
    let changed = format!("{}0", token.get(..token.len() - 1).unwrap_or_default());
    assert_eq!(get(&changed).await?, 401);
    for order in [
        json!({"name": "", "role": "viewer"}),
        json!({"name": "a\nb", "role": "viewer"}),
        json!({"name": "a", "role": "king"}),
        json!({"name": "a", "role": "viewer", "expires_in_days": 0}),
        json!({"name": "a"}),
    ] {
        let refused = deployment.admin_post("operators", &order).await?;
        assert_eq!(refused.status().as_u16(), 400, "{order}");
    }
    // The audit log knows operators by their names.
    add_operator(&deployment, "Olaf", "viewer").await?;
    for (name, want) in [
        ("olaf", 409),
        ("EMBARK_OPERATOR_TOKEN", 409),
        ("\u{3164}", 400),
        ("Vera", 200),
    ] {
        let order = json!({"name": name, "role": "viewer"});
        let response = deployment.admin_post("operators", &order).await?;
        assert_eq!(response.status().as_u16(), want, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn audit_log_says_who_did_what_and_what_came_of_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (_, token) = add_operator(&deployment, "Olaf", "operator").await?;
    let patch =
        async |body: Value| status(&deployment, &token, Method::PATCH, "sites/acme", &body).await;
    assert_eq!(patch(json!({"display_name": "A"})).await?, 200);
    assert_eq!(patch(json!({"config_id": "no digits"})).await?, 400);
    let log: Value = deployment.admin_get("audit?limit=3").await?.json().await?;
    let lines: Vec<[&Value; 3]> = log["entries"]
        .as_array()
        .context("no entries")?
        .iter()
        .map(|entry| [&entry["who"], &entry["what"], &entry["result"]])
        .collect();
    let want = [
        ["Olaf", "changed settings of site acme", "bad_request"],
        ["Olaf", "changed settings of site acme", "done"],
        [
            "EMBARK_OPERATOR_TOKEN",
            "added an operator (operator)",
            "done",
        ],
    ];
    for (line, want) in lines.iter().zip(want) {
        assert_eq!(line.map(Value::as_str), want.map(Some), "{log}");
    }
    // The pages hang together.
    let next = log["next"].as_u64().context("no next page")?;
    let older: Value = deployment
        .admin_get(&format!("audit?limit=500&after={next}"))
        .await?
        .json()
        .await?;
    assert_eq!(older["entries"][0]["number"], next - 1);
    assert_eq!(older["next"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn counts_and_calls_say_how_far_signups_came() -> Result<()> {
    let deployment = Deployment::start().await?;
    let end = deployment.connect("acme", json!({})).await?;
    let id = end["id"].as_str().context("no id")?;
    deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    let counts: Value = deployment
        .admin_get("sites/acme/counts?days=1")
        .await?
        .json()
        .await?;
    let connected: u64 = counts["counts"]
        .as_array()
        .context("no counts")?
        .iter()
        .filter(|count| count["status"] == "connected")
        .filter_map(|count| count["count"].as_u64())
        .sum();
    assert_eq!(connected, 1, "{counts}");
    let all: u64 = counts["counts"]
        .as_array()
        .context("no counts")?
        .iter()
        .filter_map(|count| count["count"].as_u64())
        .sum();
    assert_eq!(all, 1, "each signup once: {counts}");
    let calls: Value = deployment
        .admin_get(&format!("sites/acme/signups/{id}/calls"))
        .await?
        .json()
        .await?;
    let calls = calls["calls"].as_array().context("no calls")?;
    for name in ["exchange", "debug_token", "subscribe", "register"] {
        let call = calls.iter().find(|call| call["name"] == name);
        let call = call.with_context(|| format!("no {name}: {calls:?}"))?;
        assert_eq!(call["succeeded"], true, "{call}");
        assert!(call["took_ms"].is_u64(), "{call}");
    }
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    let rival = deployment
        .admin_get(&format!("sites/rival/signups/{id}/calls"))
        .await?;
    assert_eq!(rival.status().as_u16(), 404);
    Ok(())
}
