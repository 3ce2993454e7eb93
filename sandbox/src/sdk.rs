//! Serves `/{locale}/sdk.js`: the script, with its configuration in front of it.

use crate::http::{IncomingRequest, Reply};
use crate::state::SandboxState;
use serde_json::{Map, json};

/// The SDK as the app's rows and the rules configure it. `popup_origin` is where it opens the dialog; `None`: where
/// Meta would, or on the host of this request.
pub fn script(
    state: &SandboxState,
    popup_origin: Option<&str>,
    request: &IncomingRequest,
) -> Reply {
    let apps: Map<String, _> = state
        .world
        .apps
        .iter()
        .map(|(id, app)| (id.clone(), json!({"domains": app.domains})))
        .collect();
    let config = json!({
        "popupOrigin": popup_origin.map_or_else(|| default_popup_origin(request), str::to_owned),
        "apps": apps,
        "live": state.rules.live_mode,
    });
    let text = format!("/* Sandbox: plays Meta's JavaScript SDK. */\nvar SANDBOX = {config};\n");
    let reply = Reply::new(
        200,
        "application/x-javascript; charset=utf-8",
        wrap_script(&text),
    )
    .with_header("access-control-allow-origin", "*")
    .with_header("cross-origin-resource-policy", "cross-origin");
    // Meta lets browsers cache the SDK for twenty minutes. On loopback a cached one would have an old configuration.
    if request.host == META_SDK_HOST {
        reply.with_header("cache-control", "public,max-age=1200")
    } else {
        reply
    }
}

fn wrap_script(config: &str) -> String {
    format!("(function () {{\n{config}{SCRIPT}\n}})();\n")
}

/// Under Meta's host names the dialog has a host of its own; elsewhere it is on the SDK's host.
fn default_popup_origin(request: &IncomingRequest) -> String {
    if request.host == META_SDK_HOST {
        "https://www.facebook.com".into()
    } else {
        request.origin()
    }
}

const META_SDK_HOST: &str = "connect.facebook.net";
const SCRIPT: &str = include_str!("sdk.js");
