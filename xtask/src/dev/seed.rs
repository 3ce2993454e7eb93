//! The demo's app, site and secrets, put through the same admin routes an operator uses. The ids are
//! the sandbox's seed world.

use super::Session;
use crate::json::put;
use anyhow::{Context, Result};
use serde_json::json;

pub fn plant(session: &Session) -> Result<()> {
    let app = json!({ "key": APP, "app_id": "1000000000000001", "partner_business_id": "2000000000000001" });
    let site =
        json!({ "key": SITE, "app": APP, "origins": [session.website()], "config_id": CONFIG_ID });
    let secrets = [
        ("app_secret", "sandbox-app-secret"),
        ("system_token", "sandbox-system-token"),
        ("verify_token", "sandbox-verify-token"),
    ];

    let admin = |below: String, body| {
        put(
            &format!("{}/v1/admin/{below}", session.operator()),
            session.operator_token(),
            &body,
        )
        .context("the demo could not be set up")
    };
    admin(format!("apps/{APP}"), app)?;
    for (name, value) in secrets {
        admin(
            format!("secrets/app/{APP}/{name}"),
            json!({ "value": value }),
        )?;
    }
    admin(format!("sites/{SITE}"), site)
}

pub const SITE: &str = "demo";
pub const CONFIG_ID: &str = "3000000000000001";
const APP: &str = "demo";
