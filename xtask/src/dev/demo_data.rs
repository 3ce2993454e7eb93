//! The app, secrets and site of the demo, put through the operator API. The ids are those of the sandbox's initial
//! data.

use super::Session;
use anyhow::{Context, Result};
use embark_cli::worker_api;
use serde_json::{Value, json};

/// Puts app, secrets and site.
///
/// # Errors
/// When the Worker refuses one of them.
pub fn put(session: &Session) -> Result<()> {
    put_below(
        session,
        &format!("apps/{APP}"),
        &json!({ "key": APP, "app_id": "1000000000000001", "partner_business_id": "2000000000000001" }),
    )?;
    for (name, value) in SECRETS {
        put_below(
            session,
            &format!("secrets/app/{APP}/{name}"),
            &json!({ "value": value }),
        )?;
    }
    put_below(
        session,
        &format!("sites/{SITE}"),
        &json!({ "key": SITE, "app": APP, "origins": [session.website_url(), EXAMPLE_ORIGIN], "config_id": CONFIG_ID }),
    )
}

fn put_below(session: &Session, path: &str, body: &Value) -> Result<()> {
    let url = format!("{}/v1/admin/{path}", session.operator_url());
    worker_api::put(&url, session.operator_token(), body)
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
