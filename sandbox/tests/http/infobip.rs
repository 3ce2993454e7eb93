//! Infobip: a WABA is shared, its numbers are registered, and webhooks report it.

use crate::test_sandbox::*;
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{sleep, timeout};

const SHARE: &str = "whatsapp/1/embedded-signup/registrations/share-waba";
pub const KEY: &str = "App sandbox-infobip-key";

/// A request to a provider; an empty `login` sends no `Authorization` header.
pub async fn send_to_provider(
    sandbox: &TestSandbox,
    method: Method,
    path: &str,
    login: &str,
    body: Value,
) -> StatusAndBody {
    let url = format!("{}/{path}", sandbox.running.url());
    let mut request = sandbox.http.request(method.clone(), url);
    if !login.is_empty() {
        request = request.header("authorization", login);
    }
    if method != Method::GET {
        request = request.json(&body);
    }
    read_reply(request.send().await.expect("a response")).await
}

/// Shares the seed WABA with Infobip.
pub async fn share(sandbox: &TestSandbox) -> StatusAndBody {
    let body = json!({"businessAccountId": WABA});
    send_to_provider(sandbox, Method::POST, SHARE, KEY, body).await
}

/// Asserts one of Infobip's errors.
#[track_caller]
pub fn assert_infobip_error(reply: &StatusAndBody, status: u16, id: &str) {
    let exception = &reply.1["requestError"]["serviceException"];
    assert_eq!(
        (reply.0, &exception["messageId"]),
        (status, &json!(id)),
        "{}",
        reply.1
    );
    assert!(exception["text"].is_string());
}

/// A sandbox whose WABA was shared through the solution with Infobip, and the webhooks it sends: `Host` header and
/// body of each.
pub async fn sandbox_with_webhook() -> (TestSandbox, UnboundedReceiver<(String, String)>) {
    let sandbox = TestSandbox::start().await;
    sandbox
        .token(json!({"solution_id": "7000000000000002"}))
        .await;
    sandbox.rules(json!({"infobip_after_ms": 20})).await;
    let (sender, webhooks) = unbounded_channel();
    let hook = move |headers: HeaderMap, text: String| async move {
        let host = headers["host"].to_str().unwrap_or_default().to_owned();
        sender.send((host, text)).ok();
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let app = Router::new().route("/hook", post(hook));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let target =
        json!({"webhook": format!("http://localhost:{port}/hook"), "host_header": "edge.example"});
    let (status, body) = sandbox.control(Method::PUT, "infobip", target).await;
    assert_eq!(status, 200, "{body}");
    (sandbox, webhooks)
}

/// The bodies of the next `n` webhooks; asserts that none follows them.
pub async fn receive(webhooks: &mut UnboundedReceiver<(String, String)>, n: usize) -> Vec<Value> {
    let mut bodies = Vec::new();
    for _ in 0..n {
        let next = timeout(Duration::from_secs(5), webhooks.recv()).await;
        let (host, text) = next.expect("a post in time").expect("a post");
        assert_eq!(host, "edge.example");
        bodies.push(serde_json::from_str(&text).expect("JSON"));
    }
    sleep(Duration::from_millis(60)).await;
    assert!(webhooks.try_recv().is_err(), "too many");
    bodies
}

/// Status of the registration and of its first sender, for each webhook.
fn statuses(bodies: &[Value]) -> Vec<String> {
    let status = |body: &Value| format!("{}:{}", body["status"], body["senders"][0]["status"]);
    bodies
        .iter()
        .map(status)
        .map(|status| status.replace('"', ""))
        .collect()
}

#[tokio::test]
async fn infobip_accepts_four_authorization_schemes() {
    let sandbox = TestSandbox::start().await;
    sandbox
        .token(json!({"solution_id": "7000000000000002"}))
        .await;
    let body = || json!({"businessAccountId": WABA});
    for login in [
        KEY,
        "Basic c2FuZGJveDpzYW5kYm94LWluZm9iaXAtcGFzc3dvcmQ=",
        "IBSSO sandbox-infobip-token",
        "Bearer sandbox-infobip-token",
    ] {
        assert_eq!(
            send_to_provider(&sandbox, Method::POST, SHARE, login, body())
                .await
                .0,
            200,
            "{login}"
        );
    }
    for login in [
        "",
        "App wrong",
        "Bearer sandbox-infobip-key",
        "sandbox-infobip-key",
        "Basic eA==",
    ] {
        let reply = send_to_provider(&sandbox, Method::POST, SHARE, login, body()).await;
        assert_infobip_error(&reply, 401, "UNAUTHORIZED");
        let exception = &reply.1["requestError"]["serviceException"];
        assert_eq!(exception["text"], "Invalid login details", "{login}");
    }
    let log = sandbox.log("path=*/share-waba").await;
    assert_eq!(log[0]["token_kind"], "provider");
    assert_eq!(log[4]["token_kind"], "none");
    assert!(
        log[0]["headers"]["authorization"]
            .as_str()
            .is_some_and(|masked| masked.starts_with("sha256:"))
    );
    assert_eq!(log[0]["body"]["businessAccountId"], WABA);
    assert!(!json!(log).to_string().contains("sandbox-infobip"));
    assert_eq!(
        sandbox.count("path=*/share-waba&effect=true").await,
        1,
        "sharing it again changes nothing"
    );
}

#[tokio::test]
async fn share_waba_outside_an_infobip_solution_is_refused() {
    let sandbox = TestSandbox::start().await;
    assert_infobip_error(&share(&sandbox).await, 404, "NOT_FOUND");
    sandbox.token(json!({})).await;
    assert_infobip_error(&share(&sandbox).await, 403, "FORBIDDEN");
    sandbox
        .token(json!({"solution_id": "7000000000000001"}))
        .await;
    assert_infobip_error(&share(&sandbox).await, 403, "FORBIDDEN");
    for (body, status, id) in [
        (json!({}), 400, "BAD_REQUEST"),
        (json!({"businessAccountId": "1"}), 404, "NOT_FOUND"),
    ] {
        assert_infobip_error(
            &send_to_provider(&sandbox, Method::POST, SHARE, KEY, body).await,
            status,
            id,
        );
    }
    let unknown_path =
        send_to_provider(&sandbox, Method::POST, "whatsapp/1/nothing", KEY, json!({})).await;
    assert_infobip_error(&unknown_path, 404, "NOT_FOUND");
    sandbox
        .token(json!({"solution_id": "7000000000000002"}))
        .await;
    assert_eq!(
        share(&sandbox).await,
        (200, Value::String(String::new())),
        "an empty body"
    );
    for body in [json!({}), json!({"status": "ok"})] {
        sandbox
            .rules(json!({"infobip_answer": body, "infobip_status": 202}))
            .await;
        assert_eq!(share(&sandbox).await, (202, body));
    }
    let (_, world) = sandbox.control(Method::GET, "world", Value::Null).await;
    let registration = &world["registrations"][WABA];
    assert_eq!(
        registration["entity_id"], "4000000000000001",
        "the customer's portfolio"
    );
    assert_eq!(registration["application_id"], "sandbox-application");
}

#[tokio::test]
async fn share_waba_connects_the_number_and_sends_webhooks() {
    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    share(&sandbox).await;
    let bodies = receive(&mut webhooks, 2).await;
    assert_eq!(
        statuses(&bodies),
        ["IN_PROGRESS:IN_PROGRESS", "FINISHED:FINISHED"]
    );
    assert_eq!(
        bodies[1]["businessAccountId"],
        json!(5_000_000_000_000_001_u64),
        "a number"
    );
    let created = bodies[1]["createdAt"].as_str().expect("a time");
    assert!(
        created.ends_with("+0000") && created.len() == 28,
        "{created}"
    );
    assert_eq!(
        bodies[1]["senders"],
        json!([{"phoneNumberId": PHONE, "displayPhoneNumber": "+1 631-555-0101", "type": "CLOUD",
            "status": "FINISHED"}])
    );
    let phone = sandbox.phone(PHONE).await;
    assert_eq!(
        (&phone["platform_type"], &phone["status"]),
        (&json!("CLOUD_API"), &json!("CONNECTED"))
    );
    assert_eq!(
        (&phone["is_pin_enabled"], &phone["pin"]),
        (&json!(true), &Value::Null)
    );
    let (_, sent) = sandbox.control(Method::GET, "infobip", Value::Null).await;
    assert_eq!(sent["sent"][1]["status"], 200);
}

#[tokio::test]
async fn webhook_rule_selects_the_webhooks_that_are_sent() {
    for (rule, expected, connected) in [
        ("never", vec![], true),
        (
            "failed",
            vec!["IN_PROGRESS:IN_PROGRESS", "FAILED:FAILED"],
            false,
        ),
        (
            "sender_failed",
            vec!["IN_PROGRESS:IN_PROGRESS", "FINISHED:FAILED"],
            false,
        ),
        (
            "duplicates",
            vec![
                "IN_PROGRESS:IN_PROGRESS",
                "IN_PROGRESS:IN_PROGRESS",
                "FINISHED:FINISHED",
                "FINISHED:FINISHED",
            ],
            true,
        ),
        (
            "out_of_order",
            vec!["FINISHED:FINISHED", "IN_PROGRESS:IN_PROGRESS"],
            true,
        ),
    ] {
        let (sandbox, mut webhooks) = sandbox_with_webhook().await;
        sandbox.rules(json!({"infobip_webhook": rule})).await;
        share(&sandbox).await;
        assert_eq!(
            statuses(&receive(&mut webhooks, expected.len()).await),
            expected,
            "{rule}"
        );
        let is_connected = sandbox.phone(PHONE).await["status"] == "CONNECTED";
        assert_eq!(is_connected, connected, "{rule}");
    }
}

#[tokio::test]
async fn webhook_finished_can_come_before_the_number_is_connected_or_never() {
    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    sandbox
        .rules(json!({"infobip_webhook": "early", "infobip_after_ms": null}))
        .await;
    share(&sandbox).await;
    assert_eq!(
        statuses(&receive(&mut webhooks, 2).await)[1],
        "FINISHED:FINISHED"
    );
    assert_eq!(sandbox.phone(PHONE).await["status"], "PENDING");

    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    sandbox
        .rules(json!({"infobip_after_ms": null, "infobip_webhook_ms": 30}))
        .await;
    share(&sandbox).await;
    assert_eq!(
        statuses(&receive(&mut webhooks, 1).await),
        ["IN_PROGRESS:IN_PROGRESS"]
    );
    assert_eq!(sandbox.phone(PHONE).await["status"], "PENDING");
}

#[tokio::test]
async fn reset_ends_running_jobs() {
    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    let (_, target) = sandbox.control(Method::GET, "infobip", Value::Null).await;
    sandbox.rules(json!({"infobip_webhook_ms": 50})).await;
    share(&sandbox).await;
    sandbox.control(Method::POST, "reset", Value::Null).await;
    let target = json!({"webhook": target["webhook"], "host_header": target["host_header"]});
    assert_eq!(sandbox.control(Method::PUT, "infobip", target).await.0, 200);
    // The webhook was due after 50 ms, the number 20 ms later.
    sleep(Duration::from_millis(150)).await;
    assert!(receive(&mut webhooks, 0).await.is_empty());
    assert_eq!(sandbox.phone(PHONE).await["status"], "PENDING");
}

#[tokio::test]
async fn webhook_is_sent_on_request_to_loopback_only() {
    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    let send = |request: Value| sandbox.control(Method::POST, "infobip/send", request);
    let (_, sent) =
        send(json!({"waba_id": WABA, "status": "FAILED", "sender_status": "BLOCKED"})).await;
    assert_eq!(sent["status"], 200, "{sent}");
    send(json!({"body": {"businessAccountId": 12_345_678_901_234_567_u64}})).await;
    let reply = receive(&mut webhooks, 2).await;
    assert_eq!(statuses(&reply[..1]), ["FAILED:BLOCKED"]);
    assert_eq!(
        reply[1],
        json!({"businessAccountId": 12_345_678_901_234_567_u64})
    );
    send(json!({"body": "{\"half"})).await;
    assert_eq!(webhooks.recv().await.expect("a post").1, "{\"half");
    for request in [
        json!({}),
        json!({"waba_id": "1"}),
        json!({"waba_id": WABA, "body": {}}),
    ] {
        assert_eq!(send(request).await.0, 400);
    }
    for url in ["https://localhost/x", "http://example.com/x", "x"] {
        let target = json!({"webhook": url});
        assert_eq!(
            sandbox.control(Method::PUT, "infobip", target).await.0,
            400,
            "{url}"
        );
    }
    sandbox
        .control(Method::PUT, "infobip", json!({"webhook": null}))
        .await;
    let (_, sent) = send(json!({"waba_id": WABA})).await;
    assert_eq!(sent["error"], "no webhook is set");
}
