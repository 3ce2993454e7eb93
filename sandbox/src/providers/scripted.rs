//! The provider under `/provider/`: returns the replies of a list, in order. The last one that matches is repeated.

use crate::glob::glob_matches;
use crate::http::{IncomingRequest, Reply};
use crate::world::{ScriptedProvider, ScriptedReply};
use serde_json::{Value, json};

/// The first unused reply that matches; it counts as used if another one matches too. 404 when none does.
pub fn handle_request(provider: &mut ScriptedProvider, request: &IncomingRequest) -> Reply {
    provider.used.resize(provider.replies.len(), false);
    let matching: Vec<usize> = (0..provider.replies.len())
        .filter(|n| !provider.used[*n] && matches_request(&provider.replies[*n], request))
        .collect();
    let Some(first) = matching.first() else {
        return Reply::json(
            404,
            &json!({"error": "no reply is scripted for this request"}),
        );
    };
    provider.used[*first] = matching.len() > 1;
    let scripted = &provider.replies[*first];
    let mut reply = match &scripted.body {
        Value::Null => Reply::new(scripted.status, "application/json", ""),
        Value::String(text) => {
            Reply::new(scripted.status, "text/plain; charset=utf-8", text.clone())
        }
        json => Reply::json(scripted.status, json),
    };
    for (name, value) in &scripted.headers {
        reply = reply.with_header(name.clone(), value);
    }
    let is_success = (200..300).contains(&scripted.status);
    reply.with_effect(is_success && request.method != "GET")
}

fn matches_request(reply: &ScriptedReply, request: &IncomingRequest) -> bool {
    let method = reply.method.as_deref();
    method.is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
        && glob_matches(&reply.path, &request.path)
}
