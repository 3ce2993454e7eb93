//! The Run object: one signup, named by its id.
//!
//! Stores the [`Signup`] as its record, nothing else. Answers [`RunRequest`]: posts and long polls from the public
//! routes and from the OAuth callback, reports from the operator's routes, Infobip's webhooks, and wake-ups from
//! the Site object.
//!
//! Requests and the workflow share the record in memory. A request works on a copy, which replaces the record only
//! once it is stored: one that is refused changes nothing. The workflow stores the record before each effect and
//! after each outcome, and holds no borrow across an await, so that requests are answered while it waits. At most
//! one workflow runs at a time. The object's alarm is set to when the record next wants to run; while the workflow
//! runs, to a moment in case it dies.
//!
//! [`Signup`]: embark_onboarding::signup::Signup

mod drive;
mod host;
mod requests;
mod state;

use super::backup;
use super::rpc;
use crate::liveness;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::Problem;
use serde::Serialize;
use state::RunState;
use std::rc::Rc;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Run {
    pub(super) state: Rc<RunState>,
}

impl DurableObject for Run {
    fn new(state: State, env: Env) -> Self {
        Self {
            state: Rc::new(RunState::open(state, env)),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        if backup::is_request(&request) {
            return backup::respond(self, request).await;
        }
        let (id, request) = rpc::read_request::<RunRequest>(request).await?;
        let state = &self.state;
        // A rotation of keys visits thousands of signups that have ended.
        let continues = !matches!(request, RunRequest::Reseal { .. });
        let reply = match request {
            RunRequest::Post { grant, post } => reply(state.post(*grant, *post).await),
            RunRequest::Get { grant, after } => reply(state.long_poll(&grant, after).await),
            RunRequest::Wake => {
                state.wake();
                reply(state.snapshot())
            }
            RunRequest::InfobipWebhook { site, webhook } => {
                reply(state.infobip_webhook(&site, webhook))
            }
            RunRequest::StartHosted(hosted) => reply(state.start_hosted(&id, hosted)),
            RunRequest::AccountUpdate { waba, update } => {
                reply(state.account_update(&waba, update))
            }
            RunRequest::Link { site } => reply(state.link(&site)),
            RunRequest::Calls { site } => reply(state.calls(&site).await),
            RunRequest::Cancel { site } => reply(state.cancel(&site).await),
            RunRequest::Retry { site } => reply(state.retry(&site).await),
            RunRequest::Report { refresh } => reply(state.report(refresh)),
            RunRequest::ApplyMessages => reply(state.apply_messages()),
            RunRequest::Reseal { key } => reply(state.reseal(key)),
            RunRequest::Erase(withdrawal) => reply(state.erase_secrets(&withdrawal)),
        };
        // Any other request continues a signup whose alarm was lost.
        if continues {
            state.spawn_drive();
        }
        rpc::respond(&reply?)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        self.state.storage.on_alarm();
        let done = self.state.on_alarm().await;
        done.map_err(|problem| problem.code.as_str())?;
        Response::ok("")
    }
}

fn reply<T: Serialize>(
    result: core::result::Result<T, Problem>,
) -> core::result::Result<RunReply, serde_json::Error> {
    Ok(match result {
        Ok(document) => RunReply::Document(serde_json::value::to_raw_value(&document)?),
        Err(problem) => RunReply::Refused(Box::new(problem)),
    })
}
