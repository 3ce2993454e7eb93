//! A sandbox of its own for each test, and the requests that most tests make.

use embark_sandbox::{Options, Running, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Ids and credentials of the seed world.
pub const APP: &str = "1000000000000001";
pub const SECRET: &str = "sandbox-app-secret";
pub const SYSTEM: &str = "sandbox-system-token";
pub const APP_TOKEN: &str = "1000000000000001|sandbox-app-secret";
pub const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";

/// A running sandbox and a client that follows no redirects.
pub struct TestSandbox {
    pub running: Running,
    pub http: reqwest::Client,
}

/// Status and JSON body of one reply; a body that is not JSON is a JSON string.
pub type StatusAndBody = (u16, Value);

impl TestSandbox {
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

    /// A request to the control API; `path` is relative to `/_sandbox/`.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> StatusAndBody {
        let url = format!("{}/_sandbox/{path}", self.running.url());
        let request = self.http.request(method, url).json(&body);
        read_reply(request.send().await.expect("a response")).await
    }

    /// Changes rules.
    pub async fn rules(&self, rules: Value) {
        assert_eq!(self.control(Method::PATCH, "rules", rules).await.0, 200);
    }

    /// Adds a fault.
    pub async fn fault(&self, fault: Value) {
        let (status, body) = self.control(Method::POST, "faults", fault).await;
        assert_eq!(status, 200, "{body}");
    }

    /// How many log entries match.
    pub async fn count(&self, query: &str) -> u64 {
        let (_, body) = self
            .control(Method::GET, &format!("count?{query}"), Value::Null)
            .await;
        body["count"].as_u64().expect("a count")
    }

    /// The log entries that match.
    pub async fn log(&self, query: &str) -> Vec<Value> {
        let (_, body) = self
            .control(Method::GET, &format!("log?{query}"), Value::Null)
            .await;
        body.as_array().expect("a list").clone()
    }

    /// The row of a number.
    pub async fn phone(&self, id: &str) -> Value {
        self.control(Method::GET, "world", Value::Null).await.1["phones"][id].clone()
    }

    pub async fn set_phone(&self, id: &str, row: Value) {
        let (status, body) = self
            .control(Method::PATCH, &format!("phones/{id}"), row)
            .await;
        assert_eq!(status, 200, "{body}");
    }

    /// An authorization code from `POST /_sandbox/codes`.
    pub async fn code(&self, grant: Value) -> String {
        let (status, body) = self.control(Method::POST, "codes", grant).await;
        assert_eq!(status, 200, "{body}");
        body["code"].as_str().expect("a code").to_owned()
    }

    /// `POST oauth/access_token` with a form.
    pub async fn exchange(&self, params: &[(&str, &str)]) -> StatusAndBody {
        let url = format!("{}/v25.0/oauth/access_token", self.running.url());
        read_reply(
            self.http
                .post(url)
                .form(params)
                .send()
                .await
                .expect("a response"),
        )
        .await
    }

    /// A business token; `grant` is the body of `POST /_sandbox/codes`.
    pub async fn token(&self, grant: Value) -> String {
        let code = self.code(grant).await;
        let params = [
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", &code),
        ];
        let (status, body) = self.exchange(&params).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// A GET of the Graph API; an empty token sends none.
    pub async fn get(&self, path: &str, token: &str) -> StatusAndBody {
        read_reply(
            self.send(Method::GET, path, token, None)
                .await
                .expect("a response"),
        )
        .await
    }

    /// A POST to the Graph API with a JSON body.
    pub async fn post(&self, path: &str, token: &str, body: Value) -> StatusAndBody {
        read_reply(
            self.send(Method::POST, path, token, Some(body))
                .await
                .expect("a response"),
        )
        .await
    }

    /// A request to the Graph API; `Err` when the connection breaks off.
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

    /// Registers the seed number.
    pub async fn register(&self, token: &str, pin: &str) -> StatusAndBody {
        let body = json!({"messaging_product": "whatsapp", "pin": pin});
        self.post(&format!("{PHONE}/register"), token, body).await
    }
}

pub async fn read_reply(response: Response) -> StatusAndBody {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a complete body");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Asserts one of Meta's errors: HTTP status, code, subcode (0: none), and part of the message.
#[track_caller]
pub fn assert_graph_error(
    reply: &StatusAndBody,
    http: u16,
    code: i64,
    subcode: i64,
    message: &str,
) {
    let error = &reply.1["error"];
    assert_eq!(reply.0, http, "{error}");
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
