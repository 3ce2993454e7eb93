//! One sandbox per test, and the few calls every test makes.

use embark_sandbox::{Options, Running, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

pub const APP: &str = "1000000000000001";
pub const SECRET: &str = "sandbox-app-secret";
pub const SYSTEM: &str = "sandbox-system-token";
pub const APP_TOKEN: &str = "1000000000000001|sandbox-app-secret";
pub const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";

pub struct Lab {
    pub running: Running,
    pub http: reqwest::Client,
}

/// Status and JSON body of one answer.
pub type Told = (u16, Value);

impl Lab {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let running = Sandbox::start(options).await.expect("starts");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self {
            running,
            http: http.expect("a client"),
        }
    }

    pub async fn control(&self, method: Method, path: &str, body: Value) -> Told {
        let url = format!("{}/_sandbox/{path}", self.running.url());
        let request = self.http.request(method, url).json(&body);
        told(request.send().await.expect("the control API answers")).await
    }

    pub async fn rules(&self, rules: Value) {
        assert_eq!(self.control(Method::PATCH, "rules", rules).await.0, 200);
    }

    pub async fn fault(&self, fault: Value) {
        let (status, body) = self.control(Method::POST, "faults", fault).await;
        assert_eq!(status, 200, "{body}");
    }

    pub async fn count(&self, query: &str) -> u64 {
        let (_, body) = self
            .control(Method::GET, &format!("count?{query}"), Value::Null)
            .await;
        body["count"].as_u64().expect("a count")
    }

    pub async fn log(&self, query: &str) -> Vec<Value> {
        let (_, body) = self
            .control(Method::GET, &format!("log?{query}"), Value::Null)
            .await;
        body.as_array().expect("a list").clone()
    }

    pub async fn phone(&self, id: &str) -> Value {
        self.control(Method::GET, "world", Value::Null).await.1["phones"][id].clone()
    }

    pub async fn set_phone(&self, id: &str, row: Value) {
        let (status, body) = self
            .control(Method::PATCH, &format!("phones/{id}"), row)
            .await;
        assert_eq!(status, 200, "{body}");
    }

    pub async fn code(&self, order: Value) -> String {
        let (status, body) = self.control(Method::POST, "codes", order).await;
        assert_eq!(status, 200, "{body}");
        body["code"].as_str().expect("a code").to_owned()
    }

    pub async fn exchange(&self, pairs: &[(&str, &str)]) -> Told {
        let url = format!("{}/v25.0/oauth/access_token", self.running.url());
        told(
            self.http
                .post(url)
                .form(pairs)
                .send()
                .await
                .expect("answers"),
        )
        .await
    }

    /// A business token for the seed WABA, or for what the order says.
    pub async fn token(&self, order: Value) -> String {
        let code = self.code(order).await;
        let pairs = [
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", &code),
        ];
        let (status, body) = self.exchange(&pairs).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    pub async fn get(&self, path: &str, token: &str) -> Told {
        told(
            self.send(Method::GET, path, token, None)
                .await
                .expect("answers"),
        )
        .await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Told {
        told(
            self.send(Method::POST, path, token, Some(body))
                .await
                .expect("answers"),
        )
        .await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self
            .http
            .request(method, format!("{}/v25.0/{path}", self.running.url()));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await
    }

    pub async fn register(&self, token: &str, pin: &str) -> Told {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        self.post(&format!("{PHONE}/register"), token, body).await
    }
}

pub async fn told(response: Response) -> Told {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a whole body");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Asserts an error of Meta's: HTTP status, code, subcode (0 = none), and part of the message.
#[track_caller]
pub fn refused(told: &Told, http: u16, code: i64, subcode: i64, message: &str) {
    let error = &told.1["error"];
    assert_eq!(told.0, http, "{error}");
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(
        error["error_subcode"].as_i64().unwrap_or(0),
        subcode,
        "{error}"
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.contains(message)),
        "{error}"
    );
    assert!(
        error["fbtrace_id"]
            .as_str()
            .is_some_and(|id| !id.is_empty()),
        "{error}"
    );
    assert!(error["type"].is_string(), "{error}");
}
