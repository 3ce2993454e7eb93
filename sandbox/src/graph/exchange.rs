//! `GET|POST /oauth/access_token`: a code becomes a business token, once, within thirty seconds. A wrong
//! `redirect_uri` does not burn the code.

use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::world::digest;
use serde_json::json;

pub fn answer(graph: &mut Graph) -> Answer {
    let call = graph.call;
    let app_id = call
        .text("client_id")
        .ok_or_else(|| oauth(101, "Missing client_id parameter."))?;
    let app = graph
        .world
        .apps
        .get(&app_id)
        .ok_or_else(|| oauth(101, "Error validating application. Invalid application ID."))?;
    match call.text("client_secret") {
        None => return Err(oauth(1, "Missing client_secret parameter.")),
        Some(secret) if secret != app.secret => {
            return Err(oauth(1, "Error validating client secret."));
        }
        Some(_) => {}
    }
    if call.text("grant_type").as_deref() == Some("client_credentials") {
        return Done::read(
            json!({"access_token": format!("{}|{}", app.id, app.secret), "token_type": "bearer"}),
        );
    }
    let code = call
        .text("code")
        .ok_or_else(|| oauth(1, "Missing authorization code"))?;
    let now_ms = graph.now_ms;
    let known = graph
        .world
        .codes
        .get_mut(&digest(&code))
        .filter(|known| known.code == code && known.grant.app_id == app_id)
        .ok_or_else(|| oauth(100, "Invalid verification code format.").subcode(36007))?;
    if known.used {
        return Err(oauth(100, "This authorization code has been used.").subcode(36009));
    }
    if now_ms.saturating_sub(known.issued_ms) > graph.rules.code_ttl_s * 1000 {
        return Err(oauth(100, "This authorization code has expired.").subcode(36007));
    }
    let redirect_uri = call.text("redirect_uri");
    if !graph
        .rules
        .redirect_fits(&known.bound_to, redirect_uri.as_deref())
    {
        return Err(oauth(100, WRONG_REDIRECT).subcode(36008));
    }
    known.used = true;
    let grant = known.grant.clone();
    let token = graph
        .world
        .mint_token(grant, now_ms, graph.rules.token_expires_in_s);
    let mut body = json!({"access_token": token, "token_type": "bearer"});
    if let Some(seconds) = graph.rules.token_expires_in_s {
        body["expires_in"] = seconds.into();
    }
    Done::changed(body)
}

fn oauth(code: i64, message: &str) -> GraphError {
    GraphError::new(400, code, message)
}

const WRONG_REDIRECT: &str = "Error validating verification code. Please make sure your redirect_uri is identical \
     to the one you used in the OAuth dialog request";
