//! Infobip, once it has an account: a further number, messages, and their reports.

use crate::client::*;
use crate::infobip::{KEY, ask, denied, listening, posts, share};
use reqwest::Method;
use serde_json::{Value, json};

const FROM: &str = "16315550101";

#[tokio::test]
async fn a_further_number_is_verified_by_its_code() {
    let (lab, _heard) = listening().await;
    let path = format!("whatsapp/1/embedded-signup/registrations/business-account/{WABA}/senders");
    let body = json!({"countryCode": "1", "phoneNumber": "6315550177", "displayName": "Shop",
        "type": "EXTERNAL_SMS", "locale": "en"});
    let add = |body: Value| ask(&lab, Method::POST, &path, KEY, body);
    denied(&add(body.clone()).await, 404, "NOT_FOUND");
    share(&lab).await;
    let mut pigeon = body.clone();
    pigeon["type"] = "PIGEON".into();
    denied(&add(pigeon).await, 400, "BAD_REQUEST");
    denied(&add(json!({"countryCode": "1"})).await, 400, "BAD_REQUEST");
    assert_eq!(add(body.clone()).await.0, 202);
    denied(&add(body).await, 409, "CONFLICT");
    let (_, world) = lab.control(Method::GET, "world", Value::Null).await;
    let phones = world["phones"].as_object().expect("phones");
    let added = phones
        .values()
        .find(|phone| phone["verified_name"] == "Shop");
    let (id, otp) = added
        .map(|phone| (phone["id"].clone(), phone["otp"].clone()))
        .expect("added");
    let verify = "whatsapp/1/embedded-signup/registrations/senders/16315550177/verification";
    let wrong = ask(&lab, Method::POST, verify, KEY, json!({"code": "0"})).await;
    denied(&wrong, 400, "BAD_REQUEST");
    assert_eq!(
        ask(&lab, Method::POST, verify, KEY, json!({"code": otp}))
            .await
            .0,
        202
    );
    assert_eq!(
        lab.phone(id.as_str().expect("an id")).await["status"],
        "CONNECTED"
    );
}

#[tokio::test]
async fn messages_leave_from_registered_senders_and_are_reported_once() {
    let (lab, mut heard) = listening().await;
    let text = |more: Value| {
        let mut body = json!({"from": FROM, "to": "41793026727", "content": {"text": "Hello"}});
        body.as_object_mut()
            .expect("object")
            .extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let send = |body: Value| ask(&lab, Method::POST, "whatsapp/1/message/text", KEY, body);
    let (_, early) = send(text(json!({}))).await;
    assert_eq!(early["status"]["name"], "REJECTED_SOURCE", "{early}");
    share(&lab).await;
    posts(&mut heard, 2).await;
    denied(
        &send(json!({"from": FROM, "to": "1"})).await,
        400,
        "BAD_REQUEST",
    );
    denied(
        &send(text(json!({"entityId": "else"}))).await,
        400,
        "BAD_REQUEST",
    );
    let own = json!({"messageId": "m-1", "entityId": "4000000000000001", "applicationId": "sandbox-application"});
    let (status, receipt) = send(text(own)).await;
    assert_eq!(
        (
            status,
            &receipt["messageId"],
            &receipt["status"]["groupName"]
        ),
        (200, &json!("m-1"), &json!("PENDING"))
    );

    let template = |content: Value| {
        let message =
            json!({"from": FROM, "to": "41793026727", "messageId": "m-2", "content": content});
        let body = json!({"messages": [message], "bulkId": "b-1"});
        ask(&lab, Method::POST, "whatsapp/1/message/template", KEY, body)
    };
    denied(
        &template(json!({"templateName": "hello", "language": "en"})).await,
        400,
        "BAD_REQUEST",
    );
    let data = json!({"body": {"placeholders": []}});
    let good = json!({"templateName": "hello", "templateData": data, "language": "en"});
    let (_, sent) = template(good).await;
    assert_eq!(
        (&sent["bulkId"], &sent["messages"][0]["messageId"]),
        (&json!("b-1"), &json!("m-2"))
    );

    let reports = |query: &str| {
        let path = format!("messages-api/1/reports?{query}");
        let lab = &lab;
        async move { ask(lab, Method::GET, &path, KEY, Value::Null).await.1["results"].clone() }
    };
    lab.rules(json!({"infobip_delivery": "none"})).await;
    assert_eq!(reports("messageId=m-1").await, json!([]));
    lab.rules(json!({"infobip_delivery": "delivered"})).await;
    let told = reports("messageId=m-1&entityId=4000000000000001").await;
    assert_eq!(told[0]["status"]["name"], "DELIVERED_TO_HANDSET", "{told}");
    let platform = json!({"entityId": "4000000000000001", "applicationId": "sandbox-application"});
    assert_eq!(
        (&told[0]["channel"], &told[0]["platform"]),
        (&json!("WHATSAPP"), &platform)
    );
    assert_eq!(reports("messageId=m-1").await, json!([]), "only once");
    lab.rules(json!({"infobip_delivery": "undeliverable"}))
        .await;
    let told = reports("bulkId=b-1").await;
    assert_eq!(told[0]["status"]["groupName"], "UNDELIVERABLE");
    assert_eq!(told[0]["error"]["permanent"], true);
    denied(
        &ask(&lab, Method::GET, "messages-api/1/reports", "", Value::Null).await,
        401,
        "UNAUTHORIZED",
    );
}
