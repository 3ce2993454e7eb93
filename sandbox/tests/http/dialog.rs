//! The dialog without a browser: who is let in, each way through, and what the closing page says.

use crate::client::*;
use reqwest::{Method, Response};
use serde_json::{Value, json};

const ARBITER: &str = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f77&domain=shop.example\
     &is_canvas=false&origin=https%3A%2F%2Fshop.example%2Ff88&relation=opener&frame=f88";

/// One person at one dialog.
struct Visit<'a> {
    lab: &'a Lab,
    screen: String,
}

impl<'a> Visit<'a> {
    async fn open(lab: &'a Lab, changes: &[(&str, &str)]) -> (Self, Page) {
        let mut params = vec![
            ("client_id", APP),
            ("config_id", "3000000000000001"),
            ("response_type", "code"),
            ("override_default_response_type", "true"),
            ("extras", r#"{"setup":{},"sessionInfoVersion":"3"}"#),
            ("redirect_uri", ARBITER),
            ("display", "popup"),
        ];
        params.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
        params.extend(changes);
        let url = format!("{}/v25.0/dialog/oauth", lab.running.url());
        let page = Page::of(
            lab.http
                .get(url)
                .query(&params)
                .send()
                .await
                .expect("answers"),
        )
        .await;
        let id = between(&page.text, "action=\"", "\"").to_owned();
        (
            Self {
                lab,
                screen: format!("{}{id}", lab.running.url()),
            },
            page,
        )
    }

    async fn press(&self, button: &str, fields: &[(&str, &str)]) -> Page {
        let form: Vec<(&str, &str)> = fields.iter().copied().chain([("do", button)]).collect();
        let response = self
            .lab
            .http
            .post(&self.screen)
            .form(&form)
            .send()
            .await
            .expect("answers");
        if response.status() == 303 {
            return Page::of(
                self.lab
                    .http
                    .get(&self.screen)
                    .send()
                    .await
                    .expect("answers"),
            )
            .await;
        }
        Page::of(response).await
    }
}

struct Page {
    status: u16,
    location: String,
    text: String,
}

impl Page {
    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let location = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        Self {
            status,
            location,
            text: response.text().await.expect("text"),
        }
    }

    fn step(&self) -> &str {
        between(&self.text, "data-step=\"", "\"")
    }

    /// The closing page's messages: their targets and texts.
    fn words(&self) -> Vec<(String, String, u64)> {
        let json = between(
            &self.text,
            "<script type=\"application/json\" id=\"words\">",
            "</script>",
        );
        let words: Vec<Value> = serde_json::from_str(json).expect("words");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        words
            .iter()
            .map(|word| {
                (
                    text(&word["to"]),
                    text(&word["text"]),
                    word["after_ms"].as_u64().unwrap_or(0),
                )
            })
            .collect()
    }

    fn event(&self) -> Value {
        let words = self.words();
        let event = words.iter().find(|word| word.0 == "*").expect("an event");
        serde_json::from_str(&event.1).expect("JSON")
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split(start)
        .nth(1)
        .and_then(|rest| rest.split(end).next())
        .unwrap_or_default()
}

#[tokio::test]
async fn four_clicks_to_a_code_that_works() {
    let lab = Lab::start().await;
    let (visit, page) = Visit::open(&lab, &[]).await;
    assert_eq!(
        (page.status, page.step()),
        (200, "BUSINESS_ACCOUNT_SELECTION")
    );
    for id in [
        "continue",
        "cancel",
        "report",
        "business-4000000000000001",
        "business-new",
    ] {
        assert!(page.text.contains(&format!("data-testid=\"{id}\"")), "{id}");
    }
    assert!(
        !page.text.contains("Somebody Else"),
        "other people's portfolios are not offered"
    );
    let page = visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    assert_eq!(page.step(), "WABA_PHONE_PROFILE_PICKER");
    let page = visit.press("continue", &[("waba", WABA)]).await;
    assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
    let page = visit.press("continue", &[("number", PHONE)]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let page = visit.press("finish", &[]).await;
    let words = page.words();
    assert_eq!(words[0].0, "*");
    assert_eq!(
        page.event(),
        json!({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 3, "data":
            {"waba_id": WABA, "phone_number_id": PHONE, "business_id": "4000000000000001"}})
    );
    assert_eq!(
        words[1].0, "https://shop.example",
        "the private word is for the opener only"
    );
    assert!(words[1].1.starts_with("cb=f77&"), "{}", words[1].1);
    let code = words[1].1.split("code=").nth(1).expect("a code");
    assert_eq!(
        lab.exchange(&[
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", code)
        ])
        .await
        .0,
        200
    );
    assert_eq!(
        visit.press("finish", &[]).await.status,
        404,
        "a dialog ends once"
    );
}

#[tokio::test]
async fn everything_new_and_verified_by_the_shown_code() {
    let lab = Lab::start().await;
    let extras = r#"{"setup":{"business":{"name":"A </script> B"},"phone":{"displayName":"Pre"}}}"#;
    let (visit, page) = Visit::open(&lab, &[("extras", extras)]).await;
    assert!(page.text.contains("A &lt;/script&gt; B"));
    visit
        .press(
            "continue",
            &[("business", "new"), ("business_name", "Brand New")],
        )
        .await;
    let page = visit.press("continue", &[("waba", "new")]).await;
    assert_eq!(page.step(), "WHATSAPP_BUSINESS_PROFILE_SETUP");
    let page = visit
        .press("continue", &[("waba_name", "Brand New WABA")])
        .await;
    assert!(page.text.contains("value=\"Pre\""));
    let number = |text: &'static str| {
        [
            ("number", "new"),
            ("number_text", text),
            ("display_name", "Brand New"),
        ]
    };
    for bad in ["12345", "+1 631-555-0101"] {
        let page = visit.press("continue", &number(bad)).await;
        assert!(page.text.contains("data-testid=\"problem\""), "{bad}");
    }
    let page = visit.press("continue", &number("+1 631-555-7777")).await;
    assert_eq!(page.step(), "PHONE_NUMBER_VERIFICATION");
    let page = visit
        .press("continue", &[("verification_code", "nope")])
        .await;
    let code = between(&page.text, "data-testid=\"sent-code\">", "<").to_owned();
    let page = visit
        .press("continue", &[("verification_code", &code)])
        .await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = visit.press("finish", &[]).await.event();
    let phone = lab
        .phone(event["data"]["phone_number_id"].as_str().expect("an id"))
        .await;
    assert_eq!(phone["code_verification_status"], "VERIFIED");
    assert_eq!(
        (&phone["waba_id"], &phone["status"]),
        (&event["data"]["waba_id"], &json!("PENDING"))
    );
    let log = json!(lab.log("path=/dialog/*").await).to_string();
    assert!(!log.contains(&code), "the verification code is masked");
}

#[tokio::test]
async fn verify_later_no_number_and_two_wabas() {
    let lab = Lab::start().await;
    let (visit, _) = Visit::open(&lab, &[]).await;
    let page = visit
        .press("continue", &[("business", "4000000000000002")])
        .await;
    assert!(page.text.contains("data-testid=\"waba-all\""));
    visit.press("continue", &[("waba", "all")]).await;
    visit
        .press("continue", &[("number", "6000000000000003")])
        .await;
    visit.press("later", &[]).await;
    let event = visit.press("finish", &[]).await.event();
    assert_eq!(
        event["data"]["waba_id"], "5000000000000003",
        "the chosen number's WABA"
    );
    assert_eq!(event["data"]["waba_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        lab.phone("6000000000000003").await["code_verification_status"],
        "NOT_VERIFIED"
    );

    let (visit, _) = Visit::open(&lab, &[]).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    visit.press("continue", &[("waba", WABA)]).await;
    let page = visit.press("continue", &[("number", "none")]).await;
    assert_eq!(page.step(), "PERMISSIONS");
    let event = visit.press("finish", &[]).await.event();
    assert_eq!(event["event"], "FINISH_ONLY_WABA");
    assert!(event["data"].get("phone_number_id").is_none());
}

#[tokio::test]
async fn coexistence_leaves_the_number_in_the_app() {
    let lab = Lab::start().await;
    for ids in ["waba", "all"] {
        lab.rules(json!({"coexistence_ids": ids})).await;
        let extras = r#"{"setup":{},"featureType":"whatsapp_business_app_onboarding"}"#;
        let (visit, _) = Visit::open(&lab, &[("extras", extras)]).await;
        let page = visit
            .press("continue", &[("business", "4000000000000001")])
            .await;
        assert_eq!(page.step(), "PHONE_NUMBER_SETUP");
        let text = if ids == "all" {
            "+1 631-555-8888"
        } else {
            "+1 631-555-8889"
        };
        visit
            .press(
                "continue",
                &[("number_text", text), ("display_name", "App Shop")],
            )
            .await;
        visit.press("continue", &[]).await;
        let event = visit.press("finish", &[]).await.event();
        assert_eq!(event["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING");
        assert_eq!(
            event["data"].as_object().map(|data| data.len()),
            Some(if ids == "all" { 3 } else { 1 })
        );
        if let Some(id) = event["data"]["phone_number_id"].as_str() {
            let phone = lab.phone(id).await;
            assert_eq!(
                (&phone["is_on_biz_app"], &phone["platform_type"]),
                (&json!(true), &json!("CLOUD_API"))
            );
            assert_eq!(
                (&phone["status"], &phone["code_verification_status"]),
                (&json!("CONNECTED"), &json!("VERIFIED"))
            );
        }
    }
}

#[tokio::test]
async fn leaving_names_the_screen_and_reporting_names_the_error() {
    let lab = Lab::start().await;
    let (visit, _) = Visit::open(&lab, &[]).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    let page = visit.press("cancel", &[]).await;
    assert_eq!(page.event()["event"], "CANCEL");
    assert_eq!(
        page.event()["data"],
        json!({"current_step": "WABA_PHONE_PROFILE_PICKER"})
    );
    assert!(page.words()[1].1.contains("error=access_denied"));

    let (visit, _) = Visit::open(&lab, &[]).await;
    let page = visit.press("report", &[("error_code", "2655095")]).await;
    let data = page.event()["data"].clone();
    assert_eq!(
        (&page.event()["event"], &data["error_code"]),
        (&json!("CANCEL"), &json!("2655095"))
    );
    for key in ["error_message", "session_id", "timestamp"] {
        assert!(data[key].is_string(), "{key}");
    }
    assert_eq!(lab.count("path=*&effect=true").await, 0);
}

#[tokio::test]
async fn ids_come_before_after_or_never() {
    let lab = Lab::start().await;
    for (rule, targets) in [
        ("before", vec!["*", "code"]),
        ("after", vec!["code", "*"]),
        ("never", vec!["code"]),
    ] {
        lab.rules(json!({"ids": rule, "ids_delay_ms": 750})).await;
        let words = finish(&lab, &[]).await.words();
        let kinds: Vec<&str> = words
            .iter()
            .map(|word| if word.0 == "*" { "*" } else { "code" })
            .collect();
        assert_eq!(kinds, targets, "{rule}");
        assert_eq!(
            words.iter().map(|word| word.2).max(),
            Some(if rule == "after" { 750 } else { 0 })
        );
    }
    lab.rules(json!({"ids": "before"})).await;
    let v2 = finish(&lab, &[("extras", r#"{"version":"v2"}"#)]).await;
    assert_eq!(
        v2.words().len(),
        1,
        "v2 without sessionInfoVersion posts no ids"
    );
}

#[tokio::test]
async fn the_redirect_dialog_returns_to_strict_uris_only() {
    let lab = Lab::start().await;
    let uri = "https://signup.partner.example/go/callback";
    let page = finish(
        &lab,
        &[("redirect_uri", uri), ("display", "page"), ("state", "s/1")],
    )
    .await;
    assert_eq!(page.status, 302);
    assert!(
        page.location
            .starts_with("https://signup.partner.example/go/callback?code="),
        "{}",
        page.location
    );
    assert!(page.location.contains("&state=s%2F1"), "{}", page.location);
    let code = between(&page.location, "code=", "&").to_owned();
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    refused(&lab.exchange(&order).await, 400, 100, 36008, "redirect_uri");
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
        ("redirect_uri", uri),
    ];
    assert_eq!(lab.exchange(&order).await.0, 200);

    let (visit, _) = Visit::open(&lab, &[("redirect_uri", uri), ("state", "s")]).await;
    let left = visit.press("cancel", &[]).await;
    assert!(
        left.location.contains("error=access_denied") && left.location.contains("state=s"),
        "{}",
        left.location
    );
}

#[tokio::test]
async fn everyone_else_is_shown_a_refusal() {
    let lab = Lab::start().await;
    let elsewhere = ARBITER.replace("shop.example", "evil.example");
    let localhost = ARBITER.replace("https%3A%2F%2Fshop.example", "http%3A%2F%2Flocalhost:3000");
    let refusal = |page: &Page| between(&page.text, "data-testid=\"refused\">", "<").to_owned();
    for (changes, title) in [
        ([("client_id", "1")], "Invalid App ID"),
        ([("config_id", "1")], "Invalid parameter"),
        ([("response_type", "token")], "Invalid parameter"),
        ([("extras", "{")], "Invalid parameter"),
        (
            [("extras", r#"{"setup":{"solutionID":"1"}}"#)],
            "Something went wrong",
        ),
        (
            [(
                "redirect_uri",
                "https://signup.partner.example/go/callback/",
            )],
            "URL blocked",
        ),
        ([("redirect_uri", "https://evil.example/")], "URL blocked"),
        ([("redirect_uri", &elsewhere)], "JSSDK Unknown Host domain"),
    ] {
        let (_, page) = Visit::open(&lab, &changes).await;
        assert_eq!(
            (page.status, refusal(&page).as_str()),
            (400, title),
            "{changes:?}"
        );
    }
    let blocked = lab.log("path=*/dialog/oauth").await;
    assert_eq!(blocked[5]["error_code"], 191);
    let solution = r#"{"setup":{"solutionID":"7000000000000001"}}"#;
    assert_eq!(
        Visit::open(&lab, &[("extras", solution)]).await.1.status,
        200,
        "an active solution"
    );
    assert_eq!(
        Visit::open(&lab, &[("redirect_uri", &localhost)])
            .await
            .1
            .status,
        200,
        "development mode"
    );
    lab.rules(json!({"person_has_role": false})).await;
    assert_eq!(refusal(&Visit::open(&lab, &[]).await.1), "App not active");
    lab.rules(json!({"live_mode": true})).await;
    assert_eq!(
        Visit::open(&lab, &[]).await.1.status,
        200,
        "live apps need no role"
    );
    let page = Visit::open(&lab, &[("redirect_uri", &localhost)]).await.1;
    assert_eq!(
        refusal(&page),
        "JSSDK Unknown Host domain",
        "live mode knows no localhost"
    );
}

async fn finish(lab: &Lab, changes: &[(&str, &str)]) -> Page {
    let (visit, _) = Visit::open(lab, changes).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    visit.press("continue", &[("waba", WABA)]).await;
    visit.press("continue", &[("number", PHONE)]).await;
    assert_eq!(lab.count("method=POST&path=*/dialog/screen/*").await % 4, 3);
    visit.press("finish", &[]).await
}

#[tokio::test]
async fn only_get_opens_it() {
    let lab = Lab::start().await;
    let response = lab
        .send(Method::POST, "dialog/oauth", "", None)
        .await
        .expect("answers");
    assert_eq!(response.status(), 400);
}
