//! The Partner object: the Meta apps with their secrets, which sites there are and which have open signups, the quotas,
//! and the audit log. There is one, named `main`. No page view needs it while KV has a copy.
//!
//! Stores the [`PartnerRecord`], and in tables of their own:
//!
//! | table | rows |
//! |---|---|
//! | `businesses (owner, business, at)` | see `quotas.rs` |
//! | `audit (n, at, what, who, result)` | see `audit.rs` |
//! | `console_sessions` | see `operators.rs` |
//! | `checklist` | see `checklist.rs` |
//! | `unclaimed (waba, app, first_at, last_at, until)` | see `unclaimed.rs` |
//! | `grants`, `user_callbacks` | see `users.rs` |
//!
//! Keeps copies in KV: the settings and sealed secrets of apps, and the quota of apps that take no launches when full.
//!
//! Answers [`PartnerRequest`]: apps, quotas and audit entries from the operator's routes, open signups from Site
//! objects, connected businesses from Run objects, and the cron trigger's question which sites to wake. Each is one
//! synchronous change of storage; the copies in KV follow, and are repeated by the alarm until they are confirmed.

use super::backup;
use super::key_rotation::KeyRotator;
use super::kv_copies::CopyWriter;
use super::operators;
use super::quotas::Quotas;
use super::record::ObjectRecord;
use super::retention;
use super::rpc;
use super::storage::ObjectStorage;
use super::unclaimed;
use super::users;
use crate::clock;
use crate::kv;
use crate::liveness;
use crate::telemetry;
use core::cell::Cell;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::resources::health::PartnerHealth;
use embark_onboarding::resources::partner::{PartnerRecord, PartnerReply, PartnerRequest};
use embark_onboarding::resources::quota_events::QuotaOwner;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_onboarding::resources::unclaimed::UnclaimedAccounts;
use embark_onboarding::resources::users::WITHDRAW_AGAIN_AFTER;
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_protocol::AppKey;
use embark_protocol::admin::AppSettings;
use embark_protocol::quota::QuotaLevel;
use subtle::ConstantTimeEq;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Partner {
    pub(super) storage: ObjectStorage,
    pub(super) record: ObjectRecord<PartnerRecord>,
    copies: CopyWriter,
    /// When this incarnation last deleted outdated rows.
    pruned_at: Cell<UnixMillis>,
}

impl DurableObject for Partner {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            record: ObjectRecord::default(),
            copies: CopyWriter::default(),
            pruned_at: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        if backup::is_request(&request) {
            return backup::respond(self, request).await;
        }
        // The cron trigger asks every few minutes, so that rows go also where nobody else asks.
        retention::prune_partner(&self.storage, &self.pruned_at);
        let (_, request) = rpc::read_request::<PartnerRequest>(request).await?;
        rpc::respond(&self.handle(request).await?)
    }

    async fn alarm(&self) -> Result<Response> {
        liveness::record_poll();
        self.storage.on_alarm();
        // Before the copies, which set an alarm: until there is one, the platform repeats an alarm that was killed.
        if users::work(&self.storage).await? {
            self.storage.set_alarm_within(WITHDRAW_AGAIN_AFTER).await;
        }
        self.quotas().send_events().await?;
        self.copies.flush(&self.storage, &self.record).await?;
        self.rotator().work().await?;
        Response::ok("")
    }
}

impl Partner {
    async fn handle(&self, request: PartnerRequest) -> Result<PartnerReply> {
        let record = self.record.get(&self.storage)?;
        match request {
            PartnerRequest::GetApp { key } => {
                let app = record.borrow().app(&key).cloned();
                return Ok(PartnerReply::App { app });
            }
            PartnerRequest::Apps => {
                let apps = record.borrow().apps.clone();
                return Ok(PartnerReply::Apps { apps });
            }
            PartnerRequest::PutApp { app, expected } => {
                return self.put_app(app, expected.as_ref()).await;
            }
            PartnerRequest::PutSecret { key, secret } => {
                let copy = key.clone();
                let is_same = self.is_stored(&key, &secret)?;
                let now = clock::now();
                self.change(|record| {
                    if !is_same {
                        record.keep_previous_secret(&key, now);
                    }
                    record.put_secret(key, secret, now);
                })?;
                return self.stored(&copy).await;
            }
            PartnerRequest::SecretTimes { keys } => {
                let times = record.borrow().secret_times(&keys);
                return Ok(PartnerReply::SecretTimes(times));
            }
            PartnerRequest::Credentials { key, secrets } => {
                return Ok(record.borrow().credentials(&key, &secrets));
            }
            PartnerRequest::Health => {
                let health = Box::new(self.health()?);
                return Ok(PartnerReply::Health(health));
            }
            PartnerRequest::HostedSite { app } => {
                let site = record.borrow().hosted_site(&app).cloned();
                return Ok(PartnerReply::HostedSite { site });
            }
            PartnerRequest::AddSite { site, hosted_app } => {
                let is_known = record.borrow().sites.binary_search(&site).is_ok();
                if record.borrow().hosted_sites.get(&site) != hosted_app.as_ref() {
                    self.change(|record| record.put_hosted_site(&site, hosted_app))?;
                }
                if !is_known {
                    self.change(|record| record.add_site(site))?;
                }
            }
            PartnerRequest::Sites => {
                let sites = record.borrow().sites.clone();
                return Ok(PartnerReply::Sites { sites });
            }
            PartnerRequest::IsFull { key, solution } => {
                let mut full = false;
                if self.blocks_when_full(&key)? {
                    let owners = [
                        Some(QuotaOwner::App(key)),
                        solution.map(QuotaOwner::Solution),
                    ];
                    for owner in owners.into_iter().flatten() {
                        full |= self.quotas().measure(&owner)?.level == QuotaLevel::Full;
                    }
                }
                return Ok(PartnerReply::IsFull { full });
            }
            PartnerRequest::SolutionQuota { solution } => {
                let owner = QuotaOwner::Solution(solution.as_str().to_owned());
                let quota = self.quotas().measure(&owner)?;
                return Ok(PartnerReply::Quota { quota });
            }
            PartnerRequest::Quota { key } => {
                let quota = self.quotas().measure(&QuotaOwner::App(key))?;
                return Ok(PartnerReply::Quota { quota });
            }
            PartnerRequest::NextOpenSites { limit } => {
                let sites = self.change(|record| record.on_cron(limit, clock::now()))?;
                // The cron trigger asks: perhaps a crash kept the alarm from being set.
                self.quotas().wake_to_send().await?;
                self.rotator().wake().await?;
                return Ok(PartnerReply::Sites { sites });
            }
            PartnerRequest::SetSiteOpen { site, open } => {
                let is_known = record.borrow().open_sites.binary_search(&site).is_ok() == open;
                if !is_known {
                    self.change(|record| record.set_site_open(site, open))?;
                }
            }
            PartnerRequest::BusinessConnected(business) => {
                self.quotas().count(&business).await?;
                self.enqueue_quota_copy(&business.app)?;
                if let Some(solution) = business.solution {
                    self.enqueue_solution_copy(&business.app, solution)?;
                }
                self.copies.flush(&self.storage, &self.record).await?;
            }
            PartnerRequest::ListUnclaimed {
                waba,
                app,
                at,
                until,
            } => {
                let accounts = vec![(waba, until)];
                let one = UnclaimedAccounts { app, at, accounts };
                let listed = !unclaimed::list(&self.storage, &one)?.is_empty();
                return Ok(PartnerReply::Listed { listed });
            }
            PartnerRequest::ListAllUnclaimed(accounts) => {
                let listed = unclaimed::list(&self.storage, &accounts)?;
                return Ok(PartnerReply::ListedAll(listed));
            }
            PartnerRequest::Claimed { waba } => unclaimed::remove(&self.storage, &waba)?,
            PartnerRequest::Unclaimed { at, after, limit } => {
                let page = unclaimed::read(&self.storage, at, after.as_ref(), limit)?;
                return Ok(PartnerReply::Unclaimed(page));
            }
            PartnerRequest::UnclaimedAfter { after, limit } => {
                let accounts = unclaimed::after(&self.storage, after.as_ref(), limit)?;
                return Ok(PartnerReply::Accounts(accounts));
            }
            PartnerRequest::Operators(request) => {
                let now = clock::now();
                let reply = operators::handle(&self.storage, &self.record, request, now)?;
                return Ok(PartnerReply::Operators(reply));
            }
            PartnerRequest::Keys(request) => {
                return Ok(PartnerReply::Keys(self.rotator().handle(request).await?));
            }
            PartnerRequest::Users(request) => {
                if let Some(reply) = users::handle(&self.storage, request).await? {
                    return Ok(PartnerReply::Users(reply));
                }
            }
        }
        Ok(PartnerReply::Accepted)
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut PartnerRecord) -> T) -> Result<T> {
        self.record.change(&self.storage, change)
    }

    /// Stores the settings if they are valid, then their copy in KV.
    /// `expected`: the version of the settings that these replace; `None`: whatever is stored.
    async fn put_app(
        &self,
        app: AppSettings,
        expected: Option<&SettingsVersion>,
    ) -> Result<PartnerReply> {
        let key = kv::app_settings_key(&app.key);
        let copy = serde_json::to_string(&app)?;
        let owner = QuotaOwner::App(app.key.clone());
        let before = self.quotas().measure(&owner)?.level;
        let reply = self.change(|record| {
            let reply = match expected {
                Some(expected) => record.put_app_if(app, expected),
                None => record.put_app(app),
            };
            if matches!(reply, PartnerReply::App { .. }) {
                record.pending_copies.enqueue(key.clone(), copy);
            }
            reply
        })?;
        match reply {
            PartnerReply::App { app: Some(app) } => {
                // Another limit counts at once.
                self.enqueue_quota_copy(&app.key)?;
                let quota = self.quotas().measure(&owner)?;
                self.quotas().enqueue_event(owner, before, quota)?;
                self.quotas().wake_to_send().await?;
                self.stored(&key).await
            }
            invalid => Ok(invalid),
        }
    }

    /// Whether the secret of this key is stored already: its put is repeated, or it was put again.
    fn is_stored(&self, key: &str, secret: &Sealed) -> Result<bool> {
        let Some(settings) = self.storage.settings() else {
            return Ok(false);
        };
        let record = self.record.get(&self.storage)?;
        let record = record.borrow();
        let open = |sealed| settings.keyring.open(key, sealed).ok();
        let stored = record.secrets.get(key).and_then(open);
        let is_same = stored.zip(open(secret)).is_some_and(|(stored, put)| {
            let put = put.expose_secret().as_bytes();
            stored.expose_secret().as_bytes().ct_eq(put).into()
        });
        Ok(is_same)
    }

    /// Writes the copy of what was stored.
    async fn stored(&self, key: &str) -> Result<PartnerReply> {
        let copied = self.copies.write(&self.storage, &self.record, key).await?;
        Ok(PartnerReply::Stored { copied })
    }

    fn rotator(&self) -> KeyRotator<'_> {
        KeyRotator {
            storage: &self.storage,
            record: &self.record,
        }
    }

    fn health(&self) -> Result<PartnerHealth> {
        let keyring = self.storage.settings().ok_or("settings")?.keyring;
        let record = self.record.get(&self.storage)?;
        let record = record.borrow();
        let of_app = |app: &AppSettings| {
            let quota = self.quotas().measure(&QuotaOwner::App(app.key.clone()))?;
            Ok(record.app_health(&app.key, quota, &keyring))
        };
        Ok(PartnerHealth {
            cron_ran_at: record.cron_ran_at,
            unwritten_copies: record.pending_copies.count_unwritten(),
            apps: record.apps.iter().map(of_app).collect::<Result<_>>()?,
            solutions: self.quotas().of_solutions()?,
            rotation: record
                .rotation
                .as_ref()
                .map(|rotation| rotation.status(&record.sites)),
            unclaimed: unclaimed::count_all(&self.storage, clock::now())?,
            sites: record.sites.clone(),
        })
    }

    pub(super) fn quotas(&self) -> Quotas<'_> {
        Quotas {
            storage: &self.storage,
            record: &self.record,
        }
    }

    /// Enqueues the copy in KV of the quota of an app that takes no launches when it is full.
    pub(super) fn enqueue_quota_copy(&self, app: &AppKey) -> Result<()> {
        let quota = self.quotas().measure(&QuotaOwner::App(app.clone()))?;
        if quota.level != QuotaLevel::Fine {
            let (used, limit) = (quota.used, quota.limit);
            let detail = format!("{used} of {limit}");
            telemetry::warning("quota", &detail, &Subject::app(app));
        }
        if self.blocks_when_full(app)? {
            let copy = serde_json::to_string(&quota)?;
            self.change(|record| record.pending_copies.enqueue(kv::quota_key(app), copy))?;
        }
        Ok(())
    }

    /// The same of a partner solution that a business of the app has connected through.
    pub(super) fn enqueue_solution_copy(&self, app: &AppKey, solution: String) -> Result<()> {
        if !self.blocks_when_full(app)? {
            return Ok(());
        }
        let key = kv::solution_quota_key(&solution);
        let quota = self.quotas().measure(&QuotaOwner::Solution(solution))?;
        let copy = serde_json::to_string(&quota)?;
        self.change(|record| record.pending_copies.enqueue(key, copy))
    }

    fn blocks_when_full(&self, app: &AppKey) -> Result<bool> {
        let record = self.record.get(&self.storage)?;
        let record = record.borrow();
        Ok(record.app(app).is_some_and(|app| app.block_when_full))
    }
}
