//! The Waba object: one WhatsApp Business Account, named by its id.
//!
//! Stores the [`WabaRecord`]: the owning sites, the token of record of each app, and events for the owners that
//! were not acknowledged yet. Publishes each token of record to KV, sealed.
//!
//! Answers [`WabaRequest`]: claims from Run objects, ownership and tokens for the operator's routes, the signup of
//! a token for webhooks. Each is one synchronous change, so that of two signups of one account the newer token is
//! kept. The alarm enqueues notices of tokens that expire soon, and delivers the events to the Site objects.

use super::rpc;
use super::storage::{ObjectStorage, commit_failed};
use crate::clock;
use crate::kv;
use crate::liveness;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::waba::{WabaRecord, WabaRequest, token_name};
use embark_protocol::{AppKey, WabaId};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Waba {
    storage: ObjectStorage,
}

impl DurableObject for Waba {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        let (id, request) = rpc::read_request::<WabaRequest>(request).await?;
        let mut record = self.record()?;
        let claimed_for = match &request {
            WabaRequest::Claim { token, .. } => Some(token.app.clone()),
            _ => None,
        };
        let only_reads = matches!(
            request,
            WabaRequest::Token { .. } | WabaRequest::Signup { .. }
        );
        let reply = record.handle(&id, request);
        if !only_reads {
            self.commit(&record)?;
            self.schedule_alarm(&record).await;
        }
        if let Some(app) = claimed_for {
            self.publish_token(&record, &id, &app).await;
        }
        rpc::respond(&reply)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        let name = self.storage.state().id().name();
        if let Some(id) = name.and_then(|name| WabaId::parse(&name).ok()) {
            let mut record = self.record()?;
            record.enqueue_expiry_notices(&id, clock::now());
            self.commit(&record)?;
            self.deliver_events(record).await?;
            self.schedule_alarm(&self.record()?).await;
        }
        Response::ok("")
    }
}

impl Waba {
    fn record(&self) -> Result<WabaRecord> {
        Ok(self.storage.load()?.unwrap_or_default())
    }

    fn commit(&self, record: &WabaRecord) -> Result<()> {
        self.storage.commit(record).map_err(commit_failed)
    }

    /// Writes the token of record of an app to KV.
    async fn publish_token(&self, record: &WabaRecord, id: &WabaId, app: &AppKey) {
        if let Some(token) = record.tokens.iter().find(|token| token.app == *app) {
            // The record is the truth. A copy that was not written is written by the next claim.
            let key = token_name(app, id);
            let _ = kv::write_text(self.storage.env(), &key, token.token.as_str()).await;
        }
    }

    /// Sends each event to its site once. Those not acknowledged stay in the record.
    async fn deliver_events(&self, record: WabaRecord) -> Result<()> {
        for event in record.outbox {
            let request = SiteRequest::Event(event.clone());
            let reply = rpc::call(self.storage.env(), &event.site, &request).await;
            if let Ok(SiteReply::Accepted) = reply {
                // Read again: a claim may have changed the record meanwhile.
                let mut record = self.record()?;
                record.outbox.retain(|entry| *entry != event);
                self.commit(&record)?;
            }
        }
        Ok(())
    }

    async fn schedule_alarm(&self, record: &WabaRecord) {
        let now = clock::now();
        if let Some(at) = record.next_wake_at(now) {
            self.storage.set_alarm_in(now.until(at)).await;
        }
    }
}
