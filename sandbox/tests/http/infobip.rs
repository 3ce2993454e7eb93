//! Infobip: an account is shared, numbers come up, the webhook says so, messages go out.

use crate::client::*;
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

pub async fn ask(lab: &Lab, method: Method, path: &str, login: &str, body: Value) -> Told {
    let url = format!("{}/{path}", lab.running.url());
    let mut request = lab.http.request(method.clone(), url);
    if !login.is_empty() {
        request = request.header("authorization", login);
    }
    if method != Method::GET {
        request = request.json(&body);
    }
    told(request.send().await.expect("answers")).await
}

pub async fn share(lab: &Lab) -> Told {
    let body = json!({"businessAccountId": WABA});
    ask(lab, Method::POST, SHARE, KEY, body).await
}

/// Asserts an error of Infobip's.
#[track_caller]
pub fn denied(told: &Told, status: u16, id: &str) {
    let exception = &told.1["requestError"]["serviceException"];
    assert_eq!(
        (told.0, &exception["messageId"]),
        (status, &json!(id)),
        "{}",
        told.1
    );
    assert!(exception["text"].is_string());
}

/// A lab whose account was shared through the solution with Infobip, and the posts of its webhook: the
/// `Host` header and the text.
pub async fn listening() -> (Lab, UnboundedReceiver<(String, String)>) {
    let lab = Lab::start().await;
    lab.token(json!({"solution_id": "7000000000000002"})).await;
    lab.rules(json!({"infobip_after_ms": 20})).await;
    let (tell, heard) = unbounded_channel();
    let hook = move |headers: HeaderMap, text: String| async move {
        let host = headers["host"].to_str().unwrap_or_default().to_owned();
        tell.send((host, text)).ok();
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let app = Router::new().route("/hook", post(hook));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let order =
        json!({"webhook": format!("http://localhost:{port}/hook"), "host_header": "edge.example"});
    let (status, body) = lab.control(Method::PUT, "infobip", order).await;
    assert_eq!(status, 200, "{body}");
    (lab, heard)
}

/// The next `n` posts, and that nothing follows them.
pub async fn posts(heard: &mut UnboundedReceiver<(String, String)>, n: usize) -> Vec<Value> {
    let mut posts = Vec::new();
    for _ in 0..n {
        let next = timeout(Duration::from_secs(5), heard.recv()).await;
        let (host, text) = next.expect("a post in time").expect("a post");
        assert_eq!(host, "edge.example");
        posts.push(serde_json::from_str(&text).expect("JSON"));
    }
    sleep(Duration::from_millis(60)).await;
    assert!(heard.try_recv().is_err(), "too many");
    posts
}

fn words(posts: &[Value]) -> Vec<String> {
    let word = |post: &Value| format!("{}:{}", post["status"], post["senders"][0]["status"]);
    posts
        .iter()
        .map(word)
        .map(|word| word.replace('"', ""))
        .collect()
}

#[tokio::test]
async fn four_ways_to_log_in_and_one_refusal() {
    let lab = Lab::start().await;
    lab.token(json!({"solution_id": "7000000000000002"})).await;
    let body = || json!({"businessAccountId": WABA});
    for login in [
        KEY,
        "Basic c2FuZGJveDpzYW5kYm94LWluZm9iaXAtcGFzc3dvcmQ=",
        "IBSSO sandbox-infobip-token",
        "Bearer sandbox-infobip-token",
    ] {
        assert_eq!(
            ask(&lab, Method::POST, SHARE, login, body()).await.0,
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
        let told = ask(&lab, Method::POST, SHARE, login, body()).await;
        denied(&told, 401, "UNAUTHORIZED");
        let exception = &told.1["requestError"]["serviceException"];
        assert_eq!(exception["text"], "Invalid login details", "{login}");
    }
    let log = lab.log("path=*/share-waba").await;
    assert_eq!(log[0]["token_kind"], "provider");
    assert_eq!(log[4]["token_kind"], "none");
    assert!(
        log[0]["headers"]["authorization"]
            .as_str()
            .is_some_and(|shown| shown.starts_with("sha256:"))
    );
    assert_eq!(log[0]["body"]["businessAccountId"], WABA);
    assert!(!json!(log).to_string().contains("sandbox-infobip"));
    assert_eq!(
        lab.count("path=*/share-waba&effect=true").await,
        1,
        "asking again changes nothing"
    );
}

#[tokio::test]
async fn only_accounts_of_an_infobip_solution_are_taken() {
    let lab = Lab::start().await;
    denied(&share(&lab).await, 404, "NOT_FOUND");
    lab.token(json!({})).await;
    denied(&share(&lab).await, 403, "FORBIDDEN");
    lab.token(json!({"solution_id": "7000000000000001"})).await;
    denied(&share(&lab).await, 403, "FORBIDDEN");
    for (body, status, id) in [
        (json!({}), 400, "BAD_REQUEST"),
        (json!({"businessAccountId": "1"}), 404, "NOT_FOUND"),
    ] {
        denied(&ask(&lab, Method::POST, SHARE, KEY, body).await, status, id);
    }
    let nowhere = ask(&lab, Method::POST, "whatsapp/1/nothing", KEY, json!({})).await;
    denied(&nowhere, 404, "NOT_FOUND");
    lab.token(json!({"solution_id": "7000000000000002"})).await;
    assert_eq!(
        share(&lab).await,
        (200, Value::String(String::new())),
        "an empty body"
    );
    for answer in [json!({}), json!({"status": "ok"})] {
        lab.rules(json!({"infobip_answer": answer, "infobip_status": 202}))
            .await;
        assert_eq!(share(&lab).await, (202, answer));
    }
    let (_, world) = lab.control(Method::GET, "world", Value::Null).await;
    let registration = &world["registrations"][WABA];
    assert_eq!(
        registration["entity_id"], "4000000000000001",
        "the customer's portfolio"
    );
    assert_eq!(registration["application_id"], "sandbox-application");
}

#[tokio::test]
async fn the_number_comes_up_and_the_webhook_says_so() {
    let (lab, mut heard) = listening().await;
    share(&lab).await;
    let posts = posts(&mut heard, 2).await;
    assert_eq!(
        words(&posts),
        ["IN_PROGRESS:IN_PROGRESS", "FINISHED:FINISHED"]
    );
    assert_eq!(
        posts[1]["businessAccountId"],
        json!(5_000_000_000_000_001_u64),
        "a number"
    );
    let created = posts[1]["createdAt"].as_str().expect("a time");
    assert!(
        created.ends_with("+0000") && created.len() == 28,
        "{created}"
    );
    assert_eq!(
        posts[1]["senders"],
        json!([{"phoneNumberId": PHONE, "displayPhoneNumber": "+1 631-555-0101", "type": "CLOUD",
            "status": "FINISHED"}])
    );
    let phone = lab.phone(PHONE).await;
    assert_eq!(
        (&phone["platform_type"], &phone["status"]),
        (&json!("CLOUD_API"), &json!("CONNECTED"))
    );
    assert_eq!(
        (&phone["is_pin_enabled"], &phone["pin"]),
        (&json!(true), &Value::Null)
    );
    let (_, sent) = lab.control(Method::GET, "infobip", Value::Null).await;
    assert_eq!(sent["sent"][1]["status"], 200);
}

#[tokio::test]
async fn the_webhook_may_go_every_wrong_way() {
    for (said, told, connected) in [
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
        let (lab, mut heard) = listening().await;
        lab.rules(json!({"infobip_webhook": said})).await;
        share(&lab).await;
        assert_eq!(words(&posts(&mut heard, told.len()).await), told, "{said}");
        let up = lab.phone(PHONE).await["status"] == "CONNECTED";
        assert_eq!(up, connected, "{said}");
    }
}

#[tokio::test]
async fn it_may_say_finished_too_early_or_never_get_there() {
    let (lab, mut heard) = listening().await;
    lab.rules(json!({"infobip_webhook": "early", "infobip_after_ms": null}))
        .await;
    share(&lab).await;
    assert_eq!(words(&posts(&mut heard, 2).await)[1], "FINISHED:FINISHED");
    assert_eq!(lab.phone(PHONE).await["status"], "PENDING");

    let (lab, mut heard) = listening().await;
    lab.rules(json!({"infobip_after_ms": null, "infobip_webhook_ms": 30}))
        .await;
    share(&lab).await;
    assert_eq!(
        words(&posts(&mut heard, 1).await),
        ["IN_PROGRESS:IN_PROGRESS"]
    );
    assert_eq!(lab.phone(PHONE).await["status"], "PENDING");
}

#[tokio::test]
async fn a_reset_ends_what_is_under_way() {
    let (lab, mut heard) = listening().await;
    let (_, aim) = lab.control(Method::GET, "infobip", Value::Null).await;
    lab.rules(json!({"infobip_webhook_ms": 50})).await;
    share(&lab).await;
    lab.control(Method::POST, "reset", Value::Null).await;
    let aim = json!({"webhook": aim["webhook"], "host_header": aim["host_header"]});
    assert_eq!(lab.control(Method::PUT, "infobip", aim).await.0, 200);
    // The webhook was due after 50 ms, the number 20 ms later.
    sleep(Duration::from_millis(150)).await;
    assert!(posts(&mut heard, 0).await.is_empty());
    assert_eq!(lab.phone(PHONE).await["status"], "PENDING");
}

#[tokio::test]
async fn a_webhook_can_be_sent_by_hand_to_this_machine_only() {
    let (lab, mut heard) = listening().await;
    let send = |order: Value| lab.control(Method::POST, "infobip/send", order);
    let (_, sent) =
        send(json!({"waba_id": WABA, "status": "FAILED", "sender_status": "BLOCKED"})).await;
    assert_eq!(sent["status"], 200, "{sent}");
    send(json!({"body": {"businessAccountId": 12_345_678_901_234_567_u64}})).await;
    let told = posts(&mut heard, 2).await;
    assert_eq!(words(&told[..1]), ["FAILED:BLOCKED"]);
    assert_eq!(
        told[1],
        json!({"businessAccountId": 12_345_678_901_234_567_u64})
    );
    send(json!({"body": "{\"half"})).await;
    assert_eq!(heard.recv().await.expect("a post").1, "{\"half");
    for order in [
        json!({}),
        json!({"waba_id": "1"}),
        json!({"waba_id": WABA, "body": {}}),
    ] {
        assert_eq!(send(order).await.0, 400);
    }
    for url in ["https://localhost/x", "http://example.com/x", "x"] {
        let order = json!({"webhook": url});
        assert_eq!(
            lab.control(Method::PUT, "infobip", order).await.0,
            400,
            "{url}"
        );
    }
    lab.control(Method::PUT, "infobip", json!({"webhook": null}))
        .await;
    let (_, sent) = send(json!({"waba_id": WABA})).await;
    assert_eq!(sent["error"], "no webhook is set");
}
