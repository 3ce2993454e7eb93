//! Infobip once it has a WABA: adding a number, messages, and their reports.

use crate::infobip::{
    KEY, assert_infobip_error, receive, sandbox_with_webhook, send_to_provider, share,
};
use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

const FROM: &str = "16315550101";

#[tokio::test]
async fn added_sender_is_verified_by_its_code() {
    let (sandbox, _webhooks) = sandbox_with_webhook().await;
    let path = format!("whatsapp/1/embedded-signup/registrations/business-account/{WABA}/senders");
    let body = json!({"countryCode": "1", "phoneNumber": "6315550177", "displayName": "Shop",
        "type": "EXTERNAL_SMS", "locale": "en"});
    let add = |body: Value| send_to_provider(&sandbox, Method::POST, &path, KEY, body);
    assert_infobip_error(&add(body.clone()).await, 404, "NOT_FOUND");
    share(&sandbox).await;
    let mut wrong_type = body.clone();
    wrong_type["type"] = "EMAIL".into();
    assert_infobip_error(&add(wrong_type).await, 400, "BAD_REQUEST");
    assert_infobip_error(&add(json!({"countryCode": "1"})).await, 400, "BAD_REQUEST");
    assert_eq!(add(body.clone()).await.0, 202);
    assert_infobip_error(&add(body).await, 409, "CONFLICT");
    let (_, world) = sandbox.control(Method::GET, "world", Value::Null).await;
    let phones = world["phones"].as_object().expect("phones");
    let added = phones
        .values()
        .find(|phone| phone["verified_name"] == "Shop");
    let (id, otp) = added
        .map(|phone| (phone["id"].clone(), phone["otp"].clone()))
        .expect("added");
    let verify = "whatsapp/1/embedded-signup/registrations/senders/16315550177/verification";
    let wrong = send_to_provider(&sandbox, Method::POST, verify, KEY, json!({"code": "0"})).await;
    assert_infobip_error(&wrong, 400, "BAD_REQUEST");
    assert_eq!(
        send_to_provider(&sandbox, Method::POST, verify, KEY, json!({"code": otp}))
            .await
            .0,
        202
    );
    assert_eq!(
        sandbox.phone(id.as_str().expect("an id")).await["status"],
        "CONNECTED"
    );
}

#[tokio::test]
async fn message_from_registered_sender_is_accepted_and_reported_once() {
    let (sandbox, mut webhooks) = sandbox_with_webhook().await;
    let text = |more: Value| {
        let mut body = json!({"from": FROM, "to": "41793026727", "content": {"text": "Hello"}});
        body.as_object_mut()
            .expect("object")
            .extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let send = |body: Value| {
        send_to_provider(&sandbox, Method::POST, "whatsapp/1/message/text", KEY, body)
    };
    let (_, early) = send(text(json!({}))).await;
    assert_eq!(early["status"]["name"], "REJECTED_SOURCE", "{early}");
    share(&sandbox).await;
    receive(&mut webhooks, 2).await;
    assert_infobip_error(
        &send(json!({"from": FROM, "to": "1"})).await,
        400,
        "BAD_REQUEST",
    );
    assert_infobip_error(
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
        send_to_provider(
            &sandbox,
            Method::POST,
            "whatsapp/1/message/template",
            KEY,
            body,
        )
    };
    assert_infobip_error(
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
        let sandbox = &sandbox;
        async move {
            send_to_provider(sandbox, Method::GET, &path, KEY, Value::Null)
                .await
                .1["results"]
                .clone()
        }
    };
    sandbox.rules(json!({"infobip_delivery": "none"})).await;
    assert_eq!(reports("messageId=m-1").await, json!([]));
    sandbox
        .rules(json!({"infobip_delivery": "delivered"}))
        .await;
    let reply = reports("messageId=m-1&entityId=4000000000000001").await;
    assert_eq!(
        reply[0]["status"]["name"], "DELIVERED_TO_HANDSET",
        "{reply}"
    );
    let platform = json!({"entityId": "4000000000000001", "applicationId": "sandbox-application"});
    assert_eq!(
        (&reply[0]["channel"], &reply[0]["platform"]),
        (&json!("WHATSAPP"), &platform)
    );
    assert_eq!(reports("messageId=m-1").await, json!([]), "only once");
    sandbox
        .rules(json!({"infobip_delivery": "undeliverable"}))
        .await;
    let reply = reports("bulkId=b-1").await;
    assert_eq!(reply[0]["status"]["groupName"], "UNDELIVERABLE");
    assert_eq!(reply[0]["error"]["permanent"], true);
    assert_infobip_error(
        &send_to_provider(
            &sandbox,
            Method::GET,
            "messages-api/1/reports",
            "",
            Value::Null,
        )
        .await,
        401,
        "UNAUTHORIZED",
    );
}
