//! The app, secrets and site of the demo, put through the operator API. The ids are those of the sandbox's initial
//! data.

use super::Session;
use anyhow::{Context, Result};
use embark_cli::worker_api::{self, Method};
use serde_json::{Value, json};

/// Puts app, secrets and site. Settings that it does not name stay as they are: those of an earlier run may have been changed.
///
/// # Errors
/// When the Worker refuses one of them.
pub fn put(session: &Session) -> Result<()> {
    send(
        session,
        Method::PATCH,
        &format!("apps/{APP}"),
        &json!({ "key": APP, "app_id": "1000000000000001", "partner_business_id": "2000000000000001" }),
    )?;
    for (name, value) in SECRETS {
        send(
            session,
            Method::PUT,
            &format!("secrets/app/{APP}/{name}"),
            &json!({ "value": value }),
        )?;
    }
    send(
        session,
        Method::PATCH,
        &format!("sites/{SITE}"),
        &json!({ "key": SITE, "app": APP, "origins": [session.website_url(), EXAMPLE_ORIGIN], "config_id": CONFIG_ID }),
    )
}

fn send(session: &Session, method: Method, path: &str, body: &Value) -> Result<()> {
    let url = format!("{}/v1/admin/{path}", session.operator_url());
    worker_api::send(method, &url, session.operator_token(), Some(body))
        .map(|_| ())
        .context("the data of the demo could not be stored")
}

/// The demo's site, as in `data-site`.
pub const SITE: &str = "demo";
/// A Facebook Login for Business configuration that the sandbox has.
pub const CONFIG_ID: &str = "3000000000000001";
/// Where the back ends of `examples/` show the button.
const EXAMPLE_ORIGIN: &str = "http://localhost:3000";
const APP: &str = "demo";
const SECRETS: [(&str, &str); 3] = [
    ("app_secret", "sandbox-app-secret"),
    ("system_token", "sandbox-system-token"),
    ("verify_token", "sandbox-verify-token"),
];
