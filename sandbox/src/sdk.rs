//! Serves `/{locale}/sdk.js`: the script, with what it must know rendered in front of it.

use crate::call::Call;
use crate::reply::Reply;
use crate::state::State;
use serde_json::{Map, json};

pub fn script(state: &State, popup_origin: Option<&str>, call: &Call) -> Reply {
    let apps: Map<String, _> = state
        .world
        .apps
        .iter()
        .map(|(id, app)| (id.clone(), json!({"domains": app.domains})))
        .collect();
    let config = json!({
        "popupOrigin": popup_origin.map_or_else(|| popups_of(call), str::to_owned),
        "apps": apps,
        "live": state.rules.live_mode,
    });
    let text = format!("/* Sandbox: plays Meta's JavaScript SDK. */\nvar SANDBOX = {config};\n");
    let reply = Reply::new(
        200,
        "application/x-javascript; charset=utf-8",
        text_around(&text),
    )
    .header("access-control-allow-origin", "*")
    .header("cross-origin-resource-policy", "cross-origin");
    // Meta lets browsers keep the SDK for twenty minutes. On loopback a stale one would only confuse.
    if call.host == META_SDK_HOST {
        reply.header("cache-control", "public,max-age=1200")
    } else {
        reply
    }
}

fn text_around(config: &str) -> String {
    format!("(function () {{\n{config}{SCRIPT}\n}})();\n")
}

/// Under Meta's names the popup lives on its own host; elsewhere with the SDK.
fn popups_of(call: &Call) -> String {
    if call.host == META_SDK_HOST {
        "https://www.facebook.com".into()
    } else {
        call.origin()
    }
}

const META_SDK_HOST: &str = "connect.facebook.net";
const SCRIPT: &str = include_str!("sdk.js");
