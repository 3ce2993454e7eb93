//! The routes of the control API, with CORS for every origin.

use super::{
    access, codes, faults, hosted, log, play, providers, receiver, rules, scenarios,
    user_callbacks, webhooks, world,
};
use crate::state::SharedState;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post, put};
use std::sync::Arc;

/// All routes but those the server falls back to.
pub fn router() -> Router<Arc<SharedState>> {
    Router::new()
        .route("/_sandbox/reset", post(world::reset))
        .route("/_sandbox/world", get(world::show))
        .route("/_sandbox/seed", post(world::seed))
        .route("/_sandbox/codes", post(codes::issue_code))
        .route("/_sandbox/rules", get(rules::show).patch(rules::change))
        .route(
            "/_sandbox/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route("/_sandbox/scenarios", get(scenarios::list))
        .route("/_sandbox/scenarios/{name}", post(scenarios::apply))
        .route("/_sandbox/log", get(log::list))
        .route("/_sandbox/count", get(log::count))
        .route(
            "/_sandbox/infobip",
            get(providers::show_infobip).put(providers::set_infobip_webhook),
        )
        .route(
            "/_sandbox/infobip/send",
            post(providers::send_infobip_webhook),
        )
        .route("/_sandbox/webhook", put(webhooks::set_callback))
        .route(
            "/_sandbox/webhooks",
            get(webhooks::list).post(webhooks::send),
        )
        .route("/_sandbox/user-callbacks", post(user_callbacks::send))
        .route("/_sandbox/access-keys", put(access::set_keys))
        .route("/_sandbox/play", post(play::play))
        .route("/_sandbox/hosted", post(hosted::sign_up))
        .route(
            "/_sandbox/provider",
            get(providers::show_scripted).put(providers::set_scripted),
        )
        .route(
            "/receiver",
            get(receiver::show_page).post(receiver::receive),
        )
        .route(
            "/receiver/{*path}",
            post(receiver::receive).get(receiver::shake_hands),
        )
        .route(
            "/_sandbox/receiver",
            get(receiver::show)
                .put(receiver::set)
                .delete(receiver::clear),
        )
        .route("/_sandbox/{collection}/{id}", patch(world::patch_one))
        .layer(from_fn(allow_any_origin))
}

async fn allow_any_origin(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
