//! Alters or suppresses a reply as a fault requires: errors, pages of a proxy, reset and slow connections, and bodies that
//! a parser must not trust.

use super::fault::{Fault, FaultKind};
use crate::http::{Connection, Reply};
use crate::meta::GraphError;
use axum::body::Body;
use axum::http::Response;
use futures_util::stream;
use serde_json::json;
use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::sleep;

/// The reply as the log shows it: what the client receives, with status 0 when the connection is reset.
pub fn logged_reply(reply: &Reply, active_fault: Option<&Fault>) -> Reply {
    let Some(fault) = active_fault else {
        return reply.clone();
    };
    match &fault.kind {
        FaultKind::Reset {} | FaultKind::AnswerLost {} | FaultKind::Hang { .. } => Reply {
            status: 0,
            ..Reply::default()
        },
        kind => substitute_reply(kind).unwrap_or_else(|| reply.clone()),
    }
}

/// The HTTP response for the reply, after the fault.
pub async fn send_reply(
    reply: Reply,
    active_fault: Option<Fault>,
    connection: &Connection,
) -> Response<Body> {
    let Some(fault) = active_fault else {
        return reply.into_response(None);
    };
    match fault.kind {
        FaultKind::Reset {} | FaultKind::AnswerLost {} => reset_response(connection),
        FaultKind::Hang { ms } => {
            sleep(Duration::from_millis(ms)).await;
            reset_response(connection)
        }
        FaultKind::Truncate {} => truncated_response(reply, connection.clone()),
        FaultKind::SlowDrip { ms } => slow_response(reply, ms),
        kind => substitute_reply(&kind).unwrap_or(reply).into_response(None),
    }
}

/// The reply in place of the real one; `None` for kinds that leave it as it is.
fn substitute_reply(kind: &FaultKind) -> Option<Reply> {
    Some(match kind {
        FaultKind::Error {
            http,
            code,
            subcode,
            message,
            details,
            transient,
            headers,
        } => {
            let message = message
                .clone()
                .unwrap_or_else(|| format!("(#{code}) Ordered by a fault"));
            let mut error = GraphError::new(*http, *code, message);
            error.subcode = *subcode;
            error.details = details.clone();
            error.transient = *transient;
            let reply = error.to_reply();
            let with_header = |reply: Reply, (name, value): (&String, &String)| {
                reply.with_header(name.to_owned(), value)
            };
            headers.iter().fold(reply, with_header)
        }
        FaultKind::Status { http, body } => {
            Reply::new(*http, "text/html; charset=utf-8", body.as_bytes())
        }
        FaultKind::Redirect { to } => Reply::redirect(302, to),
        FaultKind::DeepJson {} => json_text(format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))),
        FaultKind::BigBody { bytes } => json_text(format!(
            "{{\"data\":\"{}\"}}",
            "x".repeat(bytes.saturating_sub(11))
        )),
        FaultKind::WrongType {} => Reply::json(
            200,
            &json!({
                "access_token": 12345, "token_type": [], "expires_in": "soon", "success": "yes", "id": 5.5,
                "data": "not a list", "paging": false, "owner_business_info": "none",
            }),
        ),
        _ => return None,
    })
}

fn json_text(text: String) -> Reply {
    Reply::new(200, "application/json; charset=UTF-8", text)
}

/// This response is never written: the connection is reset at its first byte.
fn reset_response(connection: &Connection) -> Response<Body> {
    connection.reset();
    Response::new(Body::empty())
}

/// `Content-Length` announces the whole body, half of it is sent, then the connection is reset.
fn truncated_response(reply: Reply, connection: Connection) -> Response<Body> {
    let length = reply.body.len();
    let half = reply.body[..length / 2].to_vec();
    let parts = stream::unfold(Some(half), move |half| {
        let connection = connection.clone();
        async move {
            match half {
                Some(half) => Some((Ok(half), None)),
                None => {
                    // Without this pause the reset would discard the first half before it is sent.
                    sleep(Duration::from_millis(50)).await;
                    connection.reset();
                    Some((Err(Error::from(ErrorKind::ConnectionReset)), None))
                }
            }
        }
    });
    reply
        .with_header("content-length", &length.to_string())
        .into_response(Some(Body::from_stream(parts)))
}

/// Eight bytes at a time, `ms` apart.
fn slow_response(reply: Reply, ms: u64) -> Response<Body> {
    let pieces: Vec<Vec<u8>> = reply.body.chunks(8).map(<[u8]>::to_vec).collect();
    let parts = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        sleep(Duration::from_millis(ms)).await;
        Some((Ok::<_, Error>(piece), pieces))
    });
    reply.into_response(Some(Body::from_stream(parts)))
}

/// Of the nested JSON.
const DEPTH: usize = 50_000;
