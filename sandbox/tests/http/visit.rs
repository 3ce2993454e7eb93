//! A person at the dialog, without a browser: opens it, presses buttons, reads pages.

use crate::client::*;
use reqwest::Response;
use serde_json::Value;

pub const ARBITER: &str = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f77&domain=shop.example\
     &is_canvas=false&origin=https%3A%2F%2Fshop.example%2Ff88&relation=opener&frame=f88";

/// One person at one dialog.
pub struct Visit<'a> {
    lab: &'a Lab,
    screen: String,
}

impl<'a> Visit<'a> {
    pub async fn open(lab: &'a Lab, changes: &[(&str, &str)]) -> (Self, Page) {
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

    pub async fn press(&self, button: &str, fields: &[(&str, &str)]) -> Page {
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

pub struct Page {
    pub status: u16,
    pub location: String,
    pub text: String,
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

    pub fn step(&self) -> &str {
        between(&self.text, "data-step=\"", "\"")
    }

    /// The closing page's messages: their targets and texts.
    pub fn words(&self) -> Vec<(String, String, u64)> {
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

    pub fn event(&self) -> Value {
        let words = self.words();
        let event = words.iter().find(|word| word.0 == "*").expect("an event");
        serde_json::from_str(&event.1).expect("JSON")
    }
}

pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split(start)
        .nth(1)
        .and_then(|rest| rest.split(end).next())
        .unwrap_or_default()
}

/// The shortest way to the closing page.
pub async fn finish(lab: &Lab, changes: &[(&str, &str)]) -> Page {
    let (visit, _) = Visit::open(lab, changes).await;
    visit
        .press("continue", &[("business", "4000000000000001")])
        .await;
    visit.press("continue", &[("waba", WABA)]).await;
    visit.press("continue", &[("number", PHONE)]).await;
    visit.press("finish", &[]).await
}
