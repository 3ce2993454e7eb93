//! A dialog without a browser: opens it, presses buttons, reads pages.

use crate::test_sandbox::*;
use reqwest::Response;
use serde_json::Value;

/// A `redirect_uri` as the SDK sends it from a page of `https://shop.example`.
pub const ARBITER: &str = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f77&domain=shop.example\
     &is_canvas=false&origin=https%3A%2F%2Fshop.example%2Ff88&relation=opener&frame=f88";

/// One open dialog.
pub struct DialogSession<'a> {
    sandbox: &'a TestSandbox,
    /// Address of its screens.
    screen_url: String,
}

impl<'a> DialogSession<'a> {
    /// Opens the dialog; `changes` replace parameters of the request. Also returns its first page.
    pub async fn open(sandbox: &'a TestSandbox, changes: &[(&str, &str)]) -> (Self, Page) {
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
        let url = format!("{}/v25.0/dialog/oauth", sandbox.running.url());
        let page = Page::read(
            sandbox
                .http
                .get(url)
                .query(&params)
                .send()
                .await
                .expect("a response"),
        )
        .await;
        let id = between(&page.text, "action=\"", "\"").to_owned();
        (
            Self {
                sandbox,
                screen_url: format!("{}{id}", sandbox.running.url()),
            },
            page,
        )
    }

    /// Submits the screen with this button and these fields; returns the next page.
    pub async fn press(&self, button: &str, fields: &[(&str, &str)]) -> Page {
        let form: Vec<(&str, &str)> = fields.iter().copied().chain([("do", button)]).collect();
        let response = self
            .sandbox
            .http
            .post(&self.screen_url)
            .form(&form)
            .send()
            .await
            .expect("a response");
        if response.status() == 303 {
            return Page::read(
                self.sandbox
                    .http
                    .get(&self.screen_url)
                    .send()
                    .await
                    .expect("a response"),
            )
            .await;
        }
        Page::read(response).await
    }
}

/// One response of the dialog.
pub struct Page {
    pub status: u16,
    /// The header `Location`; empty without one.
    pub location: String,
    pub text: String,
}

impl Page {
    async fn read(response: Response) -> Self {
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

    /// Name of the screen, as in a CANCEL event.
    pub fn step(&self) -> &str {
        between(&self.text, "data-step=\"", "\"")
    }

    /// The messages of the closing page: target origin, data and delay in milliseconds.
    pub fn messages(&self) -> Vec<(String, String, u64)> {
        let json = between(
            &self.text,
            "<script type=\"application/json\" id=\"messages\">",
            "</script>",
        );
        let messages: Vec<Value> = serde_json::from_str(json).expect("messages");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        messages
            .iter()
            .map(|message| {
                (
                    text(&message["target_origin"]),
                    text(&message["data"]),
                    message["delay_ms"].as_u64().unwrap_or(0),
                )
            })
            .collect()
    }

    /// The session info event of the closing page.
    pub fn event(&self) -> Value {
        let messages = self.messages();
        let event = messages
            .iter()
            .find(|message| message.0 == "*")
            .expect("an event");
        serde_json::from_str(&event.1).expect("JSON")
    }
}

/// The text after the first `start` up to the next `end`; empty without them.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split(start)
        .nth(1)
        .and_then(|rest| rest.split(end).next())
        .unwrap_or_default()
}

/// Finishes a dialog with the seed's assets; returns the closing page.
pub async fn finish(sandbox: &TestSandbox, changes: &[(&str, &str)]) -> Page {
    let (session, _) = DialogSession::open(sandbox, changes).await;
    session
        .press("continue", &[("business", "4000000000000001")])
        .await;
    session.press("continue", &[("waba", WABA)]).await;
    session.press("continue", &[("number", PHONE)]).await;
    session.press("finish", &[]).await
}
