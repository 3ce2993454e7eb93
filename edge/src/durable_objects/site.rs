//! The Site object: one customer website, named by its site id.
//!
//! Stores the [`SiteRecord`] (settings, webhook token), and in tables of their own the index of its signups
//! (`signup_index`), invitations (`invitations`), events for the site's owner (`site_events`) and what its budget was spent
//! on (`site_budget`). Publishes the record to KV. The source of truth for everything of a site.
//!
//! Answers [`SiteRequest`]: settings from the operator's routes, admission, index rows and events from Run and Waba
//! objects, invitations from both sides, and wake-ups from the cron trigger. Each is one synchronous change of
//! storage, so that two requests never see half of each other; what follows it (KV, the Partner object, Run
//! objects) is repeated by later requests and by the alarm.

use super::retention;
use super::rpc;
use super::signup_index;
use super::site_budget;
use super::site_events;
use super::storage::{ObjectStorage, commit_failed};
use super::{invitations, signup_index::IDLE_AFTER};
use crate::kv;
use crate::liveness;
use core::cell::Cell;
use core::time::Duration;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::Singleton;
use embark_onboarding::resources::site::{Candidate, SiteRecord, SiteReply, SiteRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{ProblemCode, SignupId, SiteId};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Site {
    storage: ObjectStorage,
    /// When this incarnation last deleted outdated rows.
    pruned_at: Cell<UnixMillis>,
}

impl DurableObject for Site {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            pruned_at: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        retention::prune_site(&self.storage, &self.pruned_at);
        let (id, request) = rpc::read_request::<SiteRequest>(request).await?;
        rpc::respond(&self.answer(id, request).await?)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        signup_index::wake_idle(&self.storage).await?;
        if let Some(config) = self.record()?.config {
            self.report_open_signups(config.key).await?;
        }
        retention::prune_site(&self.storage, &self.pruned_at);
        retention::wake_site_to_prune(&self.storage).await;
        Response::ok("")
    }
}

impl Site {
    async fn answer(&self, id: SiteId, request: SiteRequest) -> Result<SiteReply> {
        let storage = &self.storage;
        let record = self.record()?;
        let unknown = record.config.is_none();
        match request {
            SiteRequest::Admit {
                page_origin,
                signup,
                renewal,
            } => {
                let settings = storage.settings().ok_or("settings")?;
                let candidate = self.candidate(&record, signup.as_ref(), renewal).await?;
                return Ok(record.admit(&page_origin, &settings.origin, candidate));
            }
            SiteRequest::Spend { .. } if unknown => {
                let code = ProblemCode::UnknownSite;
                return Ok(SiteReply::Refused { code });
            }
            SiteRequest::Spend { key } => return site_budget::spend(storage, &key),
            SiteRequest::Get => {
                let config = record.config.map(Box::new);
                return Ok(SiteReply::Config { config });
            }
            SiteRequest::Put(config) => return self.put(record, *config, &id).await,
            SiteRequest::ResolveWebhookToken { digest } => {
                let is_current = record.webhook_token_digest == Some(digest);
                let config = record.config.filter(|_| is_current).map(Box::new);
                return Ok(SiteReply::Config { config });
            }
            SiteRequest::SetWebhookToken { .. }
            | SiteRequest::CreateInvitation(_)
            | SiteRequest::Invitations
                if unknown =>
            {
                let code = ProblemCode::UnknownSite;
                return Ok(SiteReply::Refused { code });
            }
            SiteRequest::SetWebhookToken { digest } => {
                let previous = record.webhook_token_digest.clone();
                self.commit(&SiteRecord {
                    webhook_token_digest: Some(digest.clone()),
                    ..record
                })?;
                if let Some(previous) = previous.filter(|previous| *previous != digest) {
                    kv::delete(storage.env(), &kv::webhook_site_key(&previous)).await;
                }
            }
            SiteRequest::Index(row) => {
                signup_index::upsert(storage, &row)?;
                self.report_open_signups(id).await?;
                retention::wake_site_to_prune(storage).await;
            }
            SiteRequest::WakeIdle => {
                signup_index::wake_idle(storage).await?;
                self.report_open_signups(id).await?;
            }
            SiteRequest::Event(event) => {
                site_events::enqueue(storage, &event)?;
                retention::wake_site_to_prune(storage).await;
            }
            SiteRequest::CreateInvitation(invitation) => invitations::put(storage, &invitation)?,
            SiteRequest::Invitations => {
                let list = invitations::list(storage)?;
                return Ok(SiteReply::Invitations { list });
            }
            SiteRequest::RevokeInvitation { id } => invitations::revoke(storage, &id)?,
            SiteRequest::CheckInvitation { id } => return invitations::check(storage, &id),
            SiteRequest::Redeem { id, signup } => {
                return invitations::redeem(storage, &id, &signup);
            }
        }
        Ok(SiteReply::Accepted)
    }

    /// What is known of a signup that wants to be admitted.
    async fn candidate(
        &self,
        record: &SiteRecord,
        signup: Option<&SignupId>,
        is_renewal: bool,
    ) -> Result<Candidate> {
        let is_invited = match signup {
            Some(signup) => invitations::has_redeemed(&self.storage, signup)?,
            None => false,
        };
        let quota_is_full = match &record.config {
            Some(config) if !is_renewal => self.quota_is_full(config).await,
            _ => false,
        };
        Ok(Candidate {
            is_renewal,
            is_invited,
            quota_is_full,
        })
    }

    /// If that cannot be known now it counts as not full: Meta enforces its limit itself.
    async fn quota_is_full(&self, config: &SiteSettings) -> bool {
        let request = PartnerRequest::IsFull {
            key: config.app.clone(),
            solution: config.solution_id.clone(),
        };
        let reply = rpc::call(self.storage.env(), &Singleton, &request).await;
        matches!(reply, Ok(PartnerReply::IsFull { full: true }))
    }

    fn record(&self) -> Result<SiteRecord> {
        Ok(self.storage.load()?.unwrap_or_default())
    }

    fn commit(&self, record: &SiteRecord) -> Result<()> {
        self.storage.commit(record).map_err(commit_failed)
    }

    /// Stores the settings if they are valid, then their copy in KV. If the copy fails there is no reply, and the
    /// operator puts them again.
    async fn put(
        &self,
        mut record: SiteRecord,
        settings: SiteSettings,
        id: &SiteId,
    ) -> Result<SiteReply> {
        let reply = record.put(settings);
        if matches!(reply, SiteReply::Put { .. }) {
            self.commit(&record)?;
            kv::write_json(self.storage.env(), &kv::site_record_key(id), &record)
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok(reply)
    }

    /// Tells the Partner object whether the site has open signups, if that has changed; only such sites are woken
    /// by the cron trigger. Repeated by alarm until acknowledged.
    async fn report_open_signups(&self, id: SiteId) -> Result<()> {
        let open = signup_index::has_open(&self.storage)?;
        if open {
            self.storage.set_alarm_in(IDLE_AFTER).await;
        }
        if self.record()?.reported_open == open {
            return Ok(());
        }
        let request = PartnerRequest::SetSiteOpen { site: id, open };
        if rpc::call(self.storage.env(), &Singleton, &request)
            .await
            .is_err()
        {
            self.storage.set_alarm_in(REPORT_AGAIN_AFTER).await;
            return Ok(());
        }
        // Read again: settings may have been put meanwhile.
        let record = SiteRecord {
            reported_open: open,
            ..self.record()?
        };
        self.commit(&record)
    }
}

const REPORT_AGAIN_AFTER: Duration = Duration::from_secs(30);
