//! The Waba object: one WhatsApp Business Account, named by its id.
//!
//! Stores the [`WabaRecord`]: the owning sites, the tokens of record of each app and site, and events for the owners
//! that were not acknowledged yet. KV has a copy of one token of each app, sealed. What Meta's webhooks say waits in rows
//! of its own (`waba_rows.rs`).
//!
//! Answers [`WabaRequest`]: claims from Run objects, ownership and tokens for the operator's routes, the signup of
//! a token for webhooks. Each is one synchronous change, so that of two signups of a site the newer token is kept. The
//! alarm enqueues notices of tokens that expire soon, delivers the events to the Site objects, and writes the copies.

use super::backup;
use super::forwarding_sites::ForwardingSites;
use super::kv_copies::CopyWriter;
use super::record::ObjectRecord;
use super::rpc;
use super::storage::ObjectStorage;
use super::waba_rows::WabaRows;
use crate::clock;
use crate::liveness;
use embark_onboarding::resources::key_rotation::ResealCount;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::resources::waba::{RESEND_AFTER, WabaRecord, WabaReply, WabaRequest};
use embark_protocol::WabaId;
use std::collections::BTreeSet;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Waba {
    pub(super) storage: ObjectStorage,
    pub(super) record: ObjectRecord<WabaRecord>,
    pub(super) forwarding: ForwardingSites,
    copies: CopyWriter,
}

impl DurableObject for Waba {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            record: ObjectRecord::default(),
            forwarding: ForwardingSites::default(),
            copies: CopyWriter::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        if backup::is_request(&request) {
            return backup::respond(self, request).await;
        }
        let (id, request) = rpc::read_request::<WabaRequest>(request).await?;
        let only_reads = matches!(
            request,
            WabaRequest::Token { .. }
                | WabaRequest::TokenOfSite { .. }
                | WabaRequest::Signup { .. }
        );
        if only_reads {
            let record = self.record.get(&self.storage)?;
            return rpc::respond(&record.borrow_mut().handle(&id, request));
        }
        if let WabaRequest::Reseal { key } = request {
            return rpc::respond(&WabaReply::Resealed(self.reseal(&id, key).await?));
        }
        if let WabaRequest::Changes {
            app,
            changes,
            listing,
        } = request
        {
            return rpc::respond(&self.receive(&id, &app, changes, listing).await?);
        }
        let reply = self.claim_with_pending(&id, request)?;
        self.schedule_alarm().await?;
        rpc::respond(&reply)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        self.storage.on_alarm();
        let stored = self.record.get(&self.storage)?.borrow().id.clone();
        let name = self.storage.state().id().name();
        let id = stored.or(name.and_then(|name| WabaId::parse(&name).ok()));
        let is_known = id.is_some();
        if let Some(id) = &id {
            self.change(|record| record.enqueue_expiry_notices(id, clock::now()))?;
        }
        self.deliver_events().await?;
        if let Some(id) = &id {
            self.deliver_account_updates(id).await?;
            self.start_hosted(id).await?;
        }
        let rows_wake_at = match &id {
            Some(id) => self.work_on_rows(id).await?,
            None => None,
        };
        // After the others, because it sets an alarm: until there is one, the platform repeats an alarm that was killed.
        self.copies.flush(&self.storage, &self.record).await?;
        let now = clock::now();
        let wake_at = self.record.get(&self.storage)?.borrow().next_wake_at(now);
        if let Some(at) = wake_at.into_iter().chain(rows_wake_at).min() {
            // Notices that nobody can be sent stay due.
            let earliest = if is_known { now } else { now + RESEND_AFTER };
            self.storage
                .set_alarm_within(now.until(at.max(earliest)))
                .await;
        }
        Response::ok("")
    }
}

impl Waba {
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut WabaRecord) -> T) -> Result<T> {
        self.record.change(&self.storage, change)
    }

    /// Seals tokens and events again. Nothing of an account that has nothing stored.
    async fn reseal(&self, id: &WabaId, key: u32) -> Result<ResealCount> {
        let settings = self.storage.settings_with_key(key)?;
        let record = self.record.get(&self.storage)?;
        // A record of an earlier version has tokens, and not its id.
        let is_unused = record.borrow().id.is_none() && record.borrow().tokens.is_empty();
        if is_unused {
            return Ok(ResealCount::default());
        }
        let reseal = |record: &mut WabaRecord| record.reseal(id, &settings.context());
        let mut count = self.record.reseal(&self.storage, reseal)?;
        count += WabaRows::open(&self.storage)?.reseal(id, &settings)?;
        self.schedule_alarm().await?;
        Ok(count)
    }

    /// Sends each event to its site once. Those not acknowledged stay in the record.
    async fn deliver_events(&self) -> Result<()> {
        let events = self.record.get(&self.storage)?.borrow().outbox.clone();
        let mut silent = BTreeSet::new();
        for event in events {
            // A site that does not reply holds up the others once.
            if silent.contains(&event.site) {
                continue;
            }
            if send_event(self.storage.env(), &event).await {
                self.change(|record| record.outbox.retain(|entry| *entry != event))?;
            } else {
                silent.insert(event.site);
            }
        }
        Ok(())
    }

    pub(super) async fn schedule_alarm(&self) -> Result<()> {
        let now = clock::now();
        let record = self.record.get(&self.storage)?;
        let copy_is_due = record.borrow().pending_copies.next_task(now).is_some();
        // Events of an account that was listed wait for its owner.
        let is_due = copy_is_due || record.borrow().unlisting_due();
        let wake_at = record.borrow().next_wake_at(now);
        // The alarm writes copies: a claim does not wait for KV.
        let wake_at = if is_due { Some(now) } else { wake_at };
        if let Some(at) = wake_at {
            self.storage.set_alarm_within(now.until(at)).await;
        }
        Ok(())
    }
}

/// Whether the site has the event.
pub(super) async fn send_event(env: &Env, event: &SiteEvent) -> bool {
    let request = SiteRequest::Event(event.clone());
    let reply = rpc::call(env, &event.site, &request).await;
    matches!(reply, Ok(SiteReply::Accepted))
}
