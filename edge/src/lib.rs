//! The Cloudflare Worker: everything that touches the runtime. The rules are in `embark_onboarding`.
//!
//! Reading order: `http` (what is requested, and by whom), `durable_objects` (what is stored, and what runs without
//! a request), `event_consumer` and `event_sender` (deliveries by the queue), then the runtime's services: `kv`, `fetch`, `clock`, `random`, `config`. `telemetry` is what all of them write to the log and the metrics with. `liveness` belongs to
//! `guard.js`, the JavaScript entry.

mod clock;
pub mod config;
mod durable_objects;
mod event_consumer;
mod event_sender;
#[cfg(feature = "local")]
mod fault_injection;
mod fetch;
pub mod http;
mod kv;
mod liveness;
pub mod operations;
mod random;
mod telemetry;

use worker::{
    Context, Env, MessageBatch, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// Every HTTP request.
#[event(fetch)]
async fn on_request(request: Request, env: Env, _: Context) -> Result<Response> {
    liveness::record_poll();
    telemetry::open(&env);
    http::serve(request, &env).await
}

/// The cron trigger.
#[event(scheduled)]
async fn on_cron(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    liveness::record_poll();
    telemetry::open(&env);
    durable_objects::wake_sites(&env).await;
}

/// The queue that delivers events, and the one of the messages that it has given up.
#[event(queue)]
async fn on_queue(batch: MessageBatch<String>, env: Env, _: Context) -> Result<()> {
    liveness::record_poll();
    telemetry::open(&env);
    event_consumer::consume(&batch, &env).await;
    Ok(())
}
