//! Cloudflare Access before the console: whom it signs in, which tokens are refused, and that a token of an operator always works.

use crate::console::{Console, set_cookie};
use anyhow::{Context, Result};
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_tests::Deployment;
use embark_tests::deployment::OPERATOR_TOKEN;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Response;
use rsa::PrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TEAM_DOMAIN: &str = "partner.cloudflareaccess.com";
const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const CERTS: &str = "/cdn-cgi/access/certs";

fn team_key() -> Result<PrivateKey> {
    Ok(PrivateKey::from_pkcs8_pem(include_str!(
        "access_team_key.pem"
    ))?)
}

fn other_key() -> Result<PrivateKey> {
    Ok(PrivateKey::from_pkcs8_pem(include_str!(
        "access_other_key.pem"
    ))?)
}

fn base64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "team", "typ": "JWT"})
}

fn claims(email: &str) -> Result<Value> {
    Ok(
        json!({"aud": [AUDIENCE], "email": email, "exp": now()? + 600, "nbf": now()?,
        "iss": format!("https://{TEAM_DOMAIN}"), "type": "app"}),
    )
}

fn signed_part(header: &Value, claims: &Value) -> String {
    [header, claims]
        .map(|part| base64(part.to_string().as_bytes()))
        .join(".")
}

fn token(key: &PrivateKey, header: &Value, claims: &Value) -> String {
    let signed = signed_part(header, claims);
    let signing = SigningKey::<Sha256>::new(key.clone());
    let signature = signing.sign(signed.as_bytes()).to_bytes();
    [&signed, ".", &base64(&signature)].concat()
}

/// The token of a person who has signed in at Cloudflare Access.
fn token_of(email: &str) -> Result<String> {
    Ok(token(&team_key()?, &header(), &claims(email)?))
}

/// A deployment behind Cloudflare Access, of whose keys the sandbox has one.
async fn behind_access() -> Result<Deployment> {
    let deployment = Deployment::start().await?;
    publish(&deployment, &[("team", &team_key()?)]).await?;
    let vars = [
        ("ACCESS_TEAM_DOMAIN", TEAM_DOMAIN),
        ("ACCESS_AUD", AUDIENCE),
    ];
    deployment.restart_with_vars(&vars).await?;
    Ok(deployment)
}

async fn publish(deployment: &Deployment, keys: &[(&str, &PrivateKey)]) -> Result<()> {
    let jwk = |(id, key): &(&str, &PrivateKey)| {
        let modulus = base64(&key.n().to_be_bytes());
        json!({"kid": id, "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB", "n": modulus})
    };
    let keys: Vec<Value> = keys.iter().map(jwk).collect();
    let request = deployment.sandbox_control("PUT", "access-keys");
    let request = request.json(&json!({"keys": keys}));
    request.send().await?.error_for_status()?;
    Ok(())
}

async fn add_with_email(deployment: &Deployment, email: &str, role: &str) -> Result<String> {
    let order = json!({"name": "Ada", "role": role, "email": email});
    let added = deployment.admin_post("operators", &order).await?;
    let added: Value = added.error_for_status()?.json().await?;
    assert_eq!(added["email"], email.to_lowercase(), "{added}");
    Ok(added["id"].as_str().context("no id")?.to_owned())
}

/// Opens a page as a browser without a cookie that Cloudflare Access has let through.
async fn open(deployment: &Deployment, path: &str, token: &str) -> Result<Response> {
    let request = deployment.client.get(deployment.operator_url(path));
    let request = request.header("cf-access-jwt-assertion", token);
    Ok(request.send().await?)
}

#[tokio::test]
async fn person_whom_access_has_signed_in_is_the_operator_of_that_address() -> Result<()> {
    let deployment = behind_access().await?;
    let id = add_with_email(&deployment, "Ada@Partner.Example", "operator").await?;
    let token = token_of("ada@PARTNER.example")?;
    let opened = open(&deployment, "/console/sites/acme", &token).await?;
    assert_eq!(opened.status().as_u16(), 200);
    let cookie = set_cookie(opened.headers())?;
    let page = opened.text().await?;
    assert!(page.contains("Ada") && page.contains("Sign out"), "{page}");

    // The cookie is that of an ordinary session: with forms, a role, and an end.
    let console = Console::with_cookie(&deployment, cookie).await?;
    let invited = console.post("/console/sites/acme/invite", &[]).await?;
    assert_eq!(invited.status().as_u16(), 200);
    assert!(invited.text().await?.contains("?invite="));
    let refused = console.post("/console/keys", &[]).await?;
    assert_eq!(refused.status().as_u16(), 403, "an operator is no owner");
    let log: Value = deployment.admin_get("audit").await?.json().await?;
    let entries = log["entries"].as_array().context("no entries")?;
    let invited = entries.iter().find(|entry| entry["who"] == "Ada");
    assert_eq!(invited.context("no entry")?["result"], "done", "{log}");

    // A form of no session does nothing, whoever sends it.
    let form = deployment
        .client
        .post(deployment.operator_url("/console/sites/acme/invite"))
        .header("origin", &deployment.operator_origin)
        .header("cf-access-jwt-assertion", &token)
        .body("csrf=");
    assert_eq!(form.send().await?.status().as_u16(), 303);
    // The API takes operators' tokens only.
    let api = open(&deployment, "/v1/admin/sites", &token).await?;
    assert_eq!(api.status().as_u16(), 401);

    deployment.admin_delete(&format!("operators/{id}")).await?;
    assert_eq!(console.get("/console").await?.status().as_u16(), 303);
    let opened = open(&deployment, "/console", &token).await?;
    assert_eq!(opened.status().as_u16(), 401);
    Ok(())
}

#[tokio::test]
async fn whoever_is_no_operator_reads_why_and_may_sign_in_with_a_token() -> Result<()> {
    let deployment = behind_access().await?;
    add_with_email(&deployment, "ada@partner.example", "owner").await?;
    let key = team_key()?;
    let with = |name: &str, value: Value| -> Result<Value> {
        let mut claims = claims("ada@partner.example")?;
        claims[name] = value;
        Ok(claims)
    };
    let ada = claims("ada@partner.example")?;
    let header_with = |name: &str, value: &str| {
        let mut header = header();
        header[name] = json!(value);
        header
    };
    let none = signed_part(&header_with("alg", "none"), &ada);
    let symmetric = signed_part(&header_with("alg", "HS256"), &ada);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.n().to_be_bytes())?;
    mac.update(symmetric.as_bytes());
    let symmetric = [&symmetric, ".", &base64(&mac.finalize().into_bytes())].concat();
    for (token, reason) in [
        (
            token_of("eve@partner.example")?,
            "you are eve@partner.example",
        ),
        (
            token(&key, &header(), &with("aud", json!(["0".repeat(64)]))?),
            "another application",
        ),
        (
            token(
                &key,
                &header(),
                &with("iss", json!("https://other.cloudflareaccess.com"))?,
            ),
            "another team",
        ),
        (
            token(&key, &header(), &with("exp", json!(now()? - 61))?),
            "has expired",
        ),
        (
            token(&key, &header(), &with("nbf", json!(now()? + 120))?),
            "not valid yet",
        ),
        (
            token(&other_key()?, &header(), &ada),
            "not that of the team",
        ),
        (
            token(&key, &header_with("kid", "other"), &ada),
            "no key of the token",
        ),
        ([&none, "."].concat(), "not signed with RS256"),
        (symmetric, "not signed with RS256"),
        ("x".repeat(9_000), "too long"),
        ("a.b.c".to_owned(), "not a JSON Web Token"),
    ] {
        let refused = open(&deployment, "/console", &token).await?;
        assert_eq!(refused.status().as_u16(), 401, "{reason}");
        assert!(refused.headers().get("set-cookie").is_none(), "{reason}");
        let page = refused.text().await?;
        assert!(page.contains(reason), "{reason}: {page}");
        assert!(page.contains("name=\"token\""), "{reason}");
        assert!(page.contains("/cdn-cgi/access/logout"), "{reason}");
    }
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    assert_eq!(console.get("/console").await?.status().as_u16(), 200);
    // Nothing of a token or an address is in the log.
    let log = deployment.workerd.log();
    assert!(!log.contains("partner.example"), "{log}");
    Ok(())
}

#[tokio::test]
async fn session_ends_with_the_token_of_access() -> Result<()> {
    let deployment = behind_access().await?;
    add_with_email(&deployment, "ada@partner.example", "viewer").await?;
    let mut claims = claims("ada@partner.example")?;
    claims["exp"] = json!(now()? + 4);
    let opened = open(
        &deployment,
        "/console",
        &token(&team_key()?, &header(), &claims),
    )
    .await?;
    assert_eq!(opened.status().as_u16(), 200);
    let header = opened.headers()["set-cookie"].to_str()?.to_owned();
    let seconds = header
        .split("max-age=")
        .nth(1)
        .and_then(|rest| rest.split(';').next());
    let seconds: u64 = seconds.context("no max-age")?.parse()?;
    assert!(seconds <= 4, "{header}");
    let cookie = set_cookie(opened.headers())?;
    let get = async || {
        let request = deployment.client.get(deployment.operator_url("/console"));
        request.header("cookie", &cookie).send().await
    };
    assert_eq!(get().await?.status().as_u16(), 200);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(get().await?.status().as_u16(), 303);
    // The page that a signed-out operator comes to signs nobody in by itself.
    let page = open(
        &deployment,
        "/console/sign-in",
        &token_of("ada@partner.example")?,
    )
    .await?;
    assert!(page.headers().get("set-cookie").is_none());
    assert!(page.text().await?.contains("Go on as who you are"));
    Ok(())
}

#[tokio::test]
async fn keys_are_read_once_and_again_for_an_unknown_one() -> Result<()> {
    let deployment = behind_access().await?;
    add_with_email(&deployment, "ada@partner.example", "viewer").await?;
    let status = async |token: &str| -> Result<u16> {
        Ok(open(&deployment, "/console", token)
            .await?
            .status()
            .as_u16())
    };
    deployment
        .add_fault(json!({"path": CERTS, "kind": "status", "http": 500}))
        .await?;
    let ada = token_of("ada@partner.example")?;
    let refused = open(&deployment, "/console", &ada).await?;
    assert_eq!(refused.status().as_u16(), 500);
    let page = refused.text().await?;
    assert!(page.contains("cannot be read at the moment") && page.contains("name=\"token\""));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = deployment.count_calls(CERTS, None).await?;
    for _ in 0..3 {
        assert_eq!(status(&ada).await?, 200);
    }
    assert_eq!(deployment.count_calls(CERTS, None).await?, before + 1);
    // Within a minute after that, ids of keys that nobody has cost nothing.
    let mut header = header();
    header["kid"] = json!("new");
    let new = token(&other_key()?, &header, &claims("ada@partner.example")?);
    publish(&deployment, &[("new", &other_key()?)]).await?;
    for _ in 0..3 {
        assert_eq!(status(&new).await?, 401);
    }
    assert_eq!(deployment.count_calls(CERTS, None).await?, before + 1);
    Ok(())
}

#[tokio::test]
async fn address_has_one_operator_and_a_lone_variable_is_named() -> Result<()> {
    let deployment = Deployment::start().await?;
    add_with_email(&deployment, "ada@partner.example", "viewer").await?;
    let add = async |email: &str| -> Result<(u16, Value)> {
        let order = json!({"name": "Bob", "role": "viewer", "email": email});
        let response = deployment.admin_post("operators", &order).await?;
        Ok((response.status().as_u16(), response.json().await?))
    };
    let (status, problem) = add("ADA@partner.example").await?;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.starts_with("email: "), "{problem}");
    for email in ["ada", "@partner.example", "a b@partner.example"] {
        let (status, problem) = add(email).await?;
        assert_eq!(status, 400, "{email}: {problem}");
    }
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let fields = [
        ("name", "Cem"),
        ("role", "viewer"),
        ("email", "Ada@partner.example"),
    ];
    let page = console
        .post("/console/operators", &fields)
        .await?
        .text()
        .await?;
    assert!(page.contains("another operator has it"), "{page}");
    let fields = [("name", "Cem"), ("role", "viewer"), ("email", "")];
    let page = console
        .post("/console/operators", &fields)
        .await?
        .text()
        .await?;
    assert!(page.contains("embark-operator_"), "{page}");
    assert!(page.contains("ada@partner.example"), "{page}");

    deployment
        .restart_with_vars(&[("ACCESS_AUD", AUDIENCE)])
        .await?;
    let opened = open(&deployment, "/console", &token_of("ada@partner.example")?).await?;
    assert_eq!(opened.status().as_u16(), 303, "nobody is signed in by it");
    let report: Value = deployment.admin_get("health").await?.json().await?;
    let checks = report["checks"].as_array().context("no checks")?;
    let access = checks.iter().find(|check| check["item"] == "access");
    let access = access.context("no line of Access")?;
    assert_eq!(access["state"], "to_do", "{access}");
    let finding = access["finding"].as_str().unwrap_or_default();
    assert!(
        finding.contains("ACCESS_TEAM_DOMAIN is missing"),
        "{access}"
    );
    Ok(())
}
