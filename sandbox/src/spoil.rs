//! Spoils an answer the way a fault says: errors, proxies' pages, cut and dripping connections, and bodies
//! no parser should trust.

use crate::fault::{Fault, Kind};
use crate::graph::error::GraphError;
use crate::reply::Reply;
use crate::wire::Wire;
use axum::body::Body;
use axum::http::Response;
use futures_util::stream;
use serde_json::json;
use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::time::sleep;

/// What the client is told, for the log: status 0 when the connection is cut.
pub fn told(reply: &Reply, strike: Option<&Fault>) -> Reply {
    let Some(fault) = strike else {
        return reply.clone();
    };
    match &fault.kind {
        Kind::Reset | Kind::AnswerLost | Kind::Hang { .. } => Reply {
            status: 0,
            ..Reply::default()
        },
        kind => in_place(kind).unwrap_or_else(|| reply.clone()),
    }
}

pub async fn answer(reply: Reply, strike: Option<Fault>, wire: &Wire) -> Response<Body> {
    let Some(fault) = strike else {
        return reply.into_response(None);
    };
    match fault.kind {
        Kind::Reset | Kind::AnswerLost => cut(wire),
        Kind::Hang { ms } => {
            sleep(Duration::from_millis(ms)).await;
            cut(wire)
        }
        Kind::Truncate => truncated(reply, wire.clone()),
        Kind::SlowDrip { ms } => dripping(reply, ms),
        kind => in_place(&kind).unwrap_or(reply).into_response(None),
    }
}

/// The answer that stands in for the true one, for kinds that have one.
fn in_place(kind: &Kind) -> Option<Reply> {
    Some(match kind {
        Kind::Error {
            http,
            code,
            subcode,
            message,
            details,
            transient,
        } => {
            let message = message
                .clone()
                .unwrap_or_else(|| format!("(#{code}) Ordered by a fault"));
            let mut error = GraphError::new(*http, *code, message);
            error.subcode = *subcode;
            error.details = details.clone();
            error.transient = *transient;
            Reply::error(&error)
        }
        Kind::Status { http, body } => {
            Reply::new(*http, "text/html; charset=utf-8", body.as_bytes())
        }
        Kind::Redirect { to } => Reply::redirect(302, to),
        Kind::DeepJson => json_text(format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))),
        Kind::BigBody { bytes } => json_text(format!(
            "{{\"data\":\"{}\"}}",
            "x".repeat(bytes.saturating_sub(11))
        )),
        Kind::WrongType => Reply::json(
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

/// The response is never written: the first byte meets the cut connection.
fn cut(wire: &Wire) -> Response<Body> {
    wire.cut();
    Response::new(Body::empty())
}

/// The full length is promised, half of it is sent, then the connection is cut.
fn truncated(reply: Reply, wire: Wire) -> Response<Body> {
    let whole = reply.body.clone();
    let half = whole[..whole.len() / 2].to_vec();
    let parts = stream::unfold(Some(half), move |half| {
        let wire = wire.clone();
        async move {
            match half {
                Some(half) => Some((Ok(half), None)),
                None => {
                    // Time for the first half to leave, else the reset would overtake it.
                    sleep(Duration::from_millis(50)).await;
                    wire.cut();
                    Some((Err(Error::from(ErrorKind::ConnectionReset)), None))
                }
            }
        }
    });
    reply
        .header("content-length", &whole.len().to_string())
        .into_response(Some(Body::from_stream(parts)))
}

fn dripping(reply: Reply, ms: u64) -> Response<Body> {
    let drops: Vec<Vec<u8>> = reply.body.chunks(8).map(<[u8]>::to_vec).collect();
    let parts = stream::unfold(drops.into_iter(), move |mut drops| async move {
        let drop = drops.next()?;
        sleep(Duration::from_millis(ms)).await;
        Some((Ok::<_, Error>(drop), drops))
    });
    reply.into_response(Some(Body::from_stream(parts)))
}

const DEPTH: usize = 50_000;
