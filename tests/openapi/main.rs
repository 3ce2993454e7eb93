//! The OpenAPI documents against the Worker: Schemathesis sends requests by them, and no answer is one that they do not
//! describe, or a 5xx.

mod documents;
mod fuzzer;

use anyhow::{Context, Result};
use documents::{Document, document, keep_header_of, set_value, with_known_values};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use fuzzer::Fuzzer;
use serde_json::{Value, json};

/// A deployment with a connected account, the ids of which the requests use.
struct Connected {
    deployment: Deployment,
    known: Vec<(&'static str, String)>,
}

impl Connected {
    async fn start() -> Result<Self> {
        let deployment = Deployment::start_local().await?;
        let end = deployment.connect("acme", json!({})).await?;
        let text = |pointer: &str| -> Result<String> {
            let value = end.pointer(pointer).and_then(Value::as_str);
            Ok(value.with_context(|| end.to_string())?.to_owned())
        };
        let known = vec![
            ("site", "acme".to_owned()),
            ("app", "main".to_owned()),
            ("signup", text("/id")?),
            ("waba", text("/connected/waba_id")?),
            ("waba_id", text("/connected/waba_id")?),
            ("number", text("/connected/phone_number_id")?),
            ("phone_number_id", text("/connected/phone_number_id")?),
        ];
        Ok(Self { deployment, known })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn back_end_is_answered_as_described() -> Result<()> {
    let Connected { deployment, known } = Connected::start().await?;
    deployment.put_endpoint("acme").await?;
    let scopes = ["read", "token", "write"];
    let backend = deployment.backend("acme", &scopes).await?;
    let mut document = with_known_values(document(&deployment, Document::Public).await?, &known);
    // The keys that come up are few: most requests would be refused, as the key was used for another one.
    keep_header_of(&mut document, "Idempotency-Key", "backendCreateInvitation");
    Fuzzer::new(&deployment.origin, "Back end")
        .bearer(&backend.token)
        .at_least(80)
        .run(&document)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_answered_as_described() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let known = [
        ("site", "acme".to_owned()),
        ("signup", widget.signup_id().to_owned()),
        ("host", SHOP_ORIGIN.to_owned()),
        ("Origin", SHOP_ORIGIN.to_owned()),
    ];
    let mut document = with_known_values(document(&deployment, Document::Public).await?, &known);
    // Another number may be held back for 20 seconds.
    set_value(&mut document, "publicGetSnapshot", "after", 0);
    Fuzzer::new(&deployment.origin, "Signups")
        .bearer(widget.grant())
        .at_least(80)
        .run(&document)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_answered_as_described() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let verify_token = "a-verify-token-of-a-test";
    let secret = "secrets/app/main/verify_token";
    let token_value = json!({"value": verify_token});
    let put = deployment.admin_put(secret, &token_value);
    put.await?.error_for_status()?;
    let path = "sites/acme/infobip/webhook";
    let created = deployment.admin_post(path, &json!({})).await?;
    let created: Value = created.error_for_status()?.json().await?;
    let url = created["url"].as_str().context("no address")?;
    let (_, token) = url.rsplit_once('/').context("no token")?;
    let known = [("app", "main".to_owned()), ("token", token.to_owned())];
    let mut document = with_known_values(document(&deployment, Document::Public).await?, &known);
    for (name, value) in [
        ("hub.mode", "subscribe"),
        ("hub.verify_token", verify_token),
        ("hub.challenge", "1158201444"),
    ] {
        set_value(&mut document, "publicMetaHandshake", name, value);
    }
    Fuzzer::new(&deployment.origin, "Webhooks")
        .at_least(1)
        .run(&document)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_is_answered_as_described() -> Result<()> {
    let Connected { deployment, known } = Connected::start().await?;
    let mut document = with_known_values(document(&deployment, Document::Operator).await?, &known);
    // With another id or secret Meta would refuse what the app `main` asks of it: 500 `app_misconfigured`.
    let other = json!({"key": "other", "app_id": "1000000000000099"});
    let put = deployment.admin_put("apps/other", &other).await?;
    put.error_for_status()?;
    for operation in ["adminPutApp", "adminPatchApp", "adminPutAppSecret"] {
        set_value(&mut document, operation, "app", "other");
    }
    // As above; and a version that comes up is that of no settings.
    keep_header_of(&mut document, "Idempotency-Key", "adminCreateInvitation");
    keep_header_of(&mut document, "If-Match", "adminPatchSite");
    for operation in ["adminGetAppWebhook", "adminPutAppWebhook"] {
        set_value(&mut document, operation, "app", "main");
    }
    Fuzzer::new(&deployment.operator_url(""), "Operator")
        .bearer(OPERATOR_TOKEN)
        .at_least(200)
        .run(&document)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn document_of_the_public_origin_names_nothing_of_the_operator() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let public = document(&deployment, Document::Public).await?;
    let operator = document(&deployment, Document::Operator).await?;
    assert!(!public.to_string().contains("/v1/admin"));
    assert!(operator.to_string().contains("/v1/admin"));
    for (origin, path) in [
        (&deployment.origin, "/v1/openapi-admin.json"),
        (&deployment.origin, "/openapi-admin.json"),
    ] {
        let response = deployment.client.get(format!("{origin}{path}")).send();
        assert_eq!(response.await?.status().as_u16(), 404, "{path}");
    }
    Ok(())
}
