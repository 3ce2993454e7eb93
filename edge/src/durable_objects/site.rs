//! The Site object: one customer website, named by its site id.
//!
//! Stores the [`SiteRecord`] (settings, webhook token, a provider's keys, pending copies), and in tables of their own the
//! index of its signups (`signup_index`), invitations (`invitations`), sessions (`sessions`), events (`site_events`) and what its budget was
//! spent on (`site_budget`). KV has copies of the settings, of each secret, and of the webhook address's site. The
//! source of truth for everything of a site.
//!
//! Answers [`SiteRequest`]: settings from the operator's routes, admission, index rows and events from Run and Waba
//! objects, invitations from both sides, and wake-ups from the cron trigger. Each is one synchronous change of
//! storage, so that two requests never see half of each other; what follows it (KV, the Partner object, Run
//! objects) is repeated by later requests and by the alarm.

use super::backend_writes;
use super::backup;
use super::drive_lock::DriveLock;
use super::event_delivery::EventDeliverer;
use super::kv_copies::CopyWriter;
use super::record::ObjectRecord;
use super::retention;
use super::rpc;
use super::signup_index;
use super::signup_objects;
use super::site_backend;
use super::site_budget;
use super::solution_watch;
use super::storage::ObjectStorage;
use super::{invitations, sessions, signup_index::IDLE_AFTER};
use crate::clock;
use crate::kv;
use crate::liveness;
use core::cell::Cell;
use core::time::Duration;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::Singleton;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_onboarding::resources::site::{SiteRecord, SiteReply, SiteRequest};
use embark_onboarding::resources::site_admission::Candidate;
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{ProblemCode, SignupId, SiteId};
use std::rc::Rc;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Site {
    pub(super) storage: Rc<ObjectStorage>,
    pub(super) record: Rc<ObjectRecord<SiteRecord>>,
    deliverer: Rc<EventDeliverer>,
    copies: CopyWriter,
    /// Held while the Partner object is told of open signups.
    reporting: DriveLock,
    /// When this incarnation last deleted outdated rows.
    pruned_at: Cell<UnixMillis>,
}

impl DurableObject for Site {
    fn new(state: State, env: Env) -> Self {
        let storage = Rc::new(ObjectStorage::open(state, env));
        let record = Rc::new(ObjectRecord::default());
        Self {
            deliverer: Rc::new(EventDeliverer::new(storage.clone(), record.clone())),
            storage,
            record,
            copies: CopyWriter::default(),
            reporting: DriveLock::default(),
            pruned_at: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        if backup::is_request(&request) {
            return backup::respond(self, request).await;
        }
        retention::prune_site(&self.storage, &self.pruned_at);
        let (id, request) = rpc::read_request::<SiteRequest>(request).await?;
        rpc::respond(&self.handle(id, request).await?)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        self.storage.on_alarm();
        self.deliverer.spawn_due().await;
        signup_index::wake_idle(&self.storage).await?;
        let record = self.record.get(&self.storage)?;
        let key = record.borrow().config.as_ref().map(|site| site.key.clone());
        if let Some(id) = key {
            let changed = solution_watch::read_if_due(&self.storage, &self.record, &id).await?;
            if let Some(event) = changed {
                self.deliverer.enqueue(&event).await?;
            }
            self.report_open_signups(id).await?;
        }
        self.copies.flush(&self.storage, &self.record).await?;
        solution_watch::wake_to_read(&self.storage, &self.record).await?;
        retention::prune_site(&self.storage, &self.pruned_at);
        retention::wake_site_to_prune(&self.storage).await?;
        Response::ok("")
    }
}

impl Site {
    async fn handle(&self, id: SiteId, request: SiteRequest) -> Result<SiteReply> {
        let storage = &self.storage;
        let record = self.record.get(storage)?;
        let unknown = record.borrow().config.is_none();
        match request {
            SiteRequest::Admit {
                page_origin,
                signup,
                renewal,
            } => {
                let settings = storage.settings().ok_or("settings")?;
                let candidate = self.candidate(signup.as_ref(), renewal).await?;
                // Read after the await: the settings may have changed meanwhile.
                let record = record.borrow();
                return Ok(record.admit(&page_origin, &settings.origin, candidate));
            }
            SiteRequest::Spend { .. } if unknown => {
                let code = ProblemCode::UnknownSite;
                return Ok(SiteReply::Refused { code });
            }
            SiteRequest::Spend { key } => return site_budget::spend(storage, &key),
            SiteRequest::Get => {
                let config = record.borrow().config.clone().map(Box::new);
                return Ok(SiteReply::Config { config });
            }
            SiteRequest::Health => {
                let keyring = storage.settings().ok_or("settings")?.keyring;
                let now = clock::now();
                let endpoint = site_backend::endpoint_status(storage, &self.record, now)?;
                let health = record.borrow().health(endpoint, now, &keyring);
                return Ok(SiteReply::Health(Box::new(health)));
            }
            SiteRequest::MessageRoute => {
                let route = record.borrow().message_route().map(Box::new);
                return Ok(SiteReply::MessageRoute { route });
            }
            SiteRequest::Put(settings) => return self.put(*settings, None, &id).await,
            SiteRequest::PutIf { settings, expected } => {
                return self.put(*settings, Some(&expected), &id).await;
            }
            SiteRequest::ResolveWebhookToken { digest } => {
                let record = record.borrow();
                let is_current = record.webhook_token_digest == Some(digest);
                let config = record.config.clone().filter(|_| is_current).map(Box::new);
                return Ok(SiteReply::Config { config });
            }
            SiteRequest::SetWebhookToken { .. }
            | SiteRequest::PutSecret { .. }
            | SiteRequest::SecretTimes
            | SiteRequest::Backend(_)
            | SiteRequest::CreateInvitation(_)
            | SiteRequest::Invitations { .. }
                if unknown =>
            {
                let code = ProblemCode::UnknownSite;
                return Ok(SiteReply::Refused { code });
            }
            SiteRequest::Backend(request) => {
                let (record, deliverer) = (&self.record, &self.deliverer);
                let reply = site_backend::handle(storage, record, deliverer, &id, *request).await?;
                return Ok(SiteReply::Backend(Box::new(reply)));
            }
            SiteRequest::PutSecret { key, secret } => {
                let copy = key.clone();
                self.change(|record| record.put_secret(key, secret, clock::now()))?;
                let copied = self.copies.write(storage, &self.record, &copy).await?;
                return Ok(SiteReply::Stored { copied });
            }
            SiteRequest::SecretTimes => {
                let times = record.borrow().secret_times();
                return Ok(SiteReply::SecretTimes(times));
            }
            SiteRequest::GetSecret { key } => {
                let secret = record.borrow().secrets.get(&key).cloned();
                return Ok(SiteReply::Secret { secret });
            }
            SiteRequest::SetWebhookToken { digest } => {
                let current = kv::webhook_site_key(&digest);
                self.change(|record| {
                    let previous = record.webhook_token_digest.replace(digest);
                    let previous = previous.map(|digest| kv::webhook_site_key(&digest));
                    let copies = &mut record.pending_copies;
                    copies.enqueue(current.clone(), id.as_str().to_owned());
                    if let Some(previous) = previous.filter(|previous| *previous != current) {
                        copies.enqueue_deletion(previous);
                    }
                })?;
                let copied = self.copies.write(storage, &self.record, &current).await?;
                return Ok(SiteReply::Stored { copied });
            }
            SiteRequest::Index(row) => {
                signup_index::upsert(storage, &row)?;
                self.report_open_signups(id).await?;
                retention::wake_site_to_prune(storage).await?;
            }
            SiteRequest::WakeIdle => {
                signup_index::wake_idle(storage).await?;
                self.report_open_signups(id).await?;
                solution_watch::wake_to_read(storage, &self.record).await?;
            }
            SiteRequest::Event(event) => {
                self.deliverer.enqueue(&event).await?;
                retention::wake_site_to_prune(storage).await?;
            }
            SiteRequest::Quota(quota) => {
                let settings = record.borrow().config.clone();
                let event = settings.and_then(|settings| quota.site_event(&id, &settings));
                if let Some(event) = event {
                    self.deliverer.enqueue(&event).await?;
                    retention::wake_site_to_prune(storage).await?;
                }
            }
            SiteRequest::Queue(request) => return self.deliverer.on_queue_request(*request).await,
            SiteRequest::CreateInvitation(invitation) => invitations::create(storage, &invitation)?,
            SiteRequest::Invitations { after, limit } => {
                let page = invitations::list(storage, after.as_ref(), limit)?;
                return Ok(SiteReply::Invitations(page));
            }
            SiteRequest::RevokeInvitation { id } => invitations::revoke(storage, &id)?,
            SiteRequest::Reseal { key } => return self.reseal(key).await,
            SiteRequest::Objects { after, limit } => {
                signup_index::create_table(storage)?;
                let page = signup_objects::page(storage, after.as_deref(), limit)?;
                return Ok(SiteReply::Objects(page));
            }
            SiteRequest::CheckInvitation { id } => return invitations::check(storage, &id),
            SiteRequest::CheckSession {
                digest,
                page_origin,
            } => {
                let lookup = sessions::check(storage, &digest, page_origin.as_deref())?;
                return Ok(SiteReply::Session(lookup));
            }
            SiteRequest::RedeemSession { digest, signup } => {
                return sessions::redeem(storage, &digest, &signup);
            }
            SiteRequest::Redeem { id, signup } => {
                return invitations::redeem(storage, &id, &signup);
            }
        }
        Ok(SiteReply::Accepted)
    }

    fn change<T>(&self, change: impl FnOnce(&mut SiteRecord) -> T) -> Result<T> {
        self.record.change(&self.storage, change)
    }

    /// Seals the site's secrets again. The alarm writes their copies in KV.
    async fn reseal(&self, key: u32) -> Result<SiteReply> {
        let settings = self.storage.settings_with_key(key)?;
        let cx = settings.context();
        let mut count = self
            .record
            .reseal(&self.storage, |record| record.reseal(&cx))?;
        count += backend_writes::reseal(&self.storage, &cx)?;
        // Also of copies that an incarnation enqueued which ended before it set the alarm.
        let record = self.record.get(&self.storage)?;
        let copies_at = record.borrow().pending_copies.next_wake_at(cx.now);
        if let Some(at) = copies_at {
            self.storage.set_alarm_within(cx.now.until(at)).await;
        }
        Ok(SiteReply::Resealed(count))
    }

    /// What is known of a signup that wants to be admitted.
    async fn candidate(&self, signup: Option<&SignupId>, is_renewal: bool) -> Result<Candidate> {
        let (is_invited, session) = match signup {
            Some(signup) => (
                invitations::has_redeemed(&self.storage, signup)?,
                sessions::redeemed_by(&self.storage, signup)?,
            ),
            None => (false, None),
        };
        let has_session = session.is_some();
        let solution = session.and_then(|session| session.order.options.solution_id);
        let quota = self
            .quota_request(solution.as_ref())?
            .filter(|_| !is_renewal);
        let quota_is_full = match quota {
            Some(request) => self.quota_is_full(request).await,
            None => false,
        };
        Ok(Candidate {
            is_renewal,
            is_invited,
            has_session,
            solution,
            quota_is_full,
        })
    }

    /// If that cannot be known now it counts as not full: Meta enforces its limit itself.
    async fn quota_is_full(&self, request: PartnerRequest) -> bool {
        let reply = rpc::call(self.storage.env(), &Singleton, &request).await;
        matches!(reply, Ok(PartnerReply::IsFull { full: true }))
    }

    /// The question whether the site's app and partner solution take new businesses. `of_session`: the solution that the signup's
    /// session names. `None`: the site was never set up.
    fn quota_request(&self, of_session: Option<&String>) -> Result<Option<PartnerRequest>> {
        let record = self.record.get(&self.storage)?;
        let record = record.borrow();
        Ok(record.config.as_ref().map(|config| PartnerRequest::IsFull {
            key: config.app.clone(),
            solution: of_session.or(config.solution_id.as_ref()).cloned(),
        }))
    }

    /// Stores the settings if they are valid, then their copy in KV.
    /// `expected`: the version of the settings that these replace; `None`: whatever is stored.
    async fn put(
        &self,
        settings: SiteSettings,
        expected: Option<&SettingsVersion>,
        id: &SiteId,
    ) -> Result<SiteReply> {
        let key = kv::site_record_key(id);
        let stored = self.change(|record| {
            let reply = match expected {
                Some(expected) => record.put_if(settings, expected),
                None => record.put(settings),
            };
            if matches!(reply, SiteReply::Put { .. }) {
                let copy = serde_json::to_string(&record.published())?;
                record.pending_copies.enqueue(key.clone(), copy);
            }
            Ok::<_, serde_json::Error>(reply)
        })??;
        match stored {
            SiteReply::Put { version, .. } => {
                let copied = self.copies.write(&self.storage, &self.record, &key).await?;
                solution_watch::wake_to_read(&self.storage, &self.record).await?;
                Ok(SiteReply::Put { version, copied })
            }
            refused => Ok(refused),
        }
    }

    /// Tells the Partner object whether the site has open signups, if that has changed; only such sites are woken
    /// by the cron trigger. One message at a time, until the last one said what is so. Repeated by alarm until
    /// acknowledged.
    async fn report_open_signups(&self, id: SiteId) -> Result<()> {
        if signup_index::has_open(&self.storage)? {
            self.storage.set_alarm_within(IDLE_AFTER).await;
        }
        if !self.reporting.try_acquire() {
            // The report under way looks again after its reply.
            return Ok(());
        }
        let result = self.report_until_acknowledged(id).await;
        self.reporting.release();
        if !result? {
            self.storage.set_alarm_within(REPORT_AGAIN_AFTER).await;
        }
        Ok(())
    }

    /// Repeats the report until the Partner object has acknowledged what is so by then. Returns whether it has; `false`:
    /// it did not reply, and what it knows is not known.
    async fn report_until_acknowledged(&self, id: SiteId) -> Result<bool> {
        loop {
            let open = signup_index::has_open(&self.storage)?;
            if self.record.get(&self.storage)?.borrow().reported_open == open {
                return Ok(true);
            }
            let site = id.clone();
            let request = PartnerRequest::SetSiteOpen { site, open };
            let reply = rpc::call(self.storage.env(), &Singleton, &request).await;
            if reply.is_err() {
                return Ok(false);
            }
            self.reporting.renew();
            self.change(|record| record.reported_open = open)?;
        }
    }
}

const REPORT_AGAIN_AFTER: Duration = Duration::from_secs(30);
