//! The Partner object: the directory of Meta apps, which sites have open signups, the quotas, and the audit log.
//! There is one, named `main`. No page view needs it while KV has a copy.
//!
//! Stores the [`PartnerRecord`], and in tables of their own:
//!
//! | table | rows |
//! |---|---|
//! | `businesses (owner, business, at)` | one per customer business and owner of a quota, `app/<key>` or `solution/<id>`: when it first connected. Deleted after 400 days |
//! | `audit (n, at, what)` | one per audited action of an operator, as an English sentence. Deleted after 400 days |
//!
//! Publishes app settings to KV, and the quota of apps that do not take launches when it is full.
//!
//! Answers [`PartnerRequest`]: apps, quotas and audit entries from the operator's routes, open signups from Site
//! objects, connected businesses from Run objects, and the cron trigger's question which sites to wake. Each is one
//! synchronous change of storage; publishing follows, and is repeated by a repeated request.

use super::retention;
use super::rpc;
use super::storage::{ObjectStorage, Row, commit_failed, sql_time};
use crate::clock;
use crate::kv::{self, KvError};
use crate::liveness;
use core::cell::Cell;
use embark_onboarding::resources::partner::{
    AuditEntry, ConnectedBusiness, PartnerRecord, PartnerReply, PartnerRequest,
};
use embark_onboarding::resources::quota::{Level, Quota, SOLUTION_LIMIT, WINDOW, measure};
use embark_onboarding::time::UnixMillis;
use embark_protocol::AppKey;
use embark_protocol::admin::AppSettings;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorageValue, State, durable_object,
};

/// The Durable Object class.
#[durable_object]
pub struct Partner {
    storage: ObjectStorage,
    /// When this incarnation last deleted outdated rows.
    pruned_at: Cell<UnixMillis>,
}

impl DurableObject for Partner {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            pruned_at: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        // The cron trigger asks every few minutes, so that rows go also where nobody else asks.
        retention::prune_partner(&self.storage, &self.pruned_at);
        let (_, request) = rpc::read_request::<PartnerRequest>(request).await?;
        rpc::respond(&self.answer(request).await?)
    }
}

impl Partner {
    async fn answer(&self, request: PartnerRequest) -> Result<PartnerReply> {
        let mut record: PartnerRecord = self.storage.load()?.unwrap_or_default();
        match request {
            PartnerRequest::GetApp { key } => {
                let app = record.app(&key).cloned();
                return Ok(PartnerReply::App { app });
            }
            PartnerRequest::Apps => return Ok(PartnerReply::Apps { apps: record.apps }),
            PartnerRequest::PutApp { app } => return self.put_app(record, app).await,
            PartnerRequest::AddSite { site } => {
                if record.add_site(site) {
                    self.commit(&record)?;
                }
            }
            PartnerRequest::Sites => {
                let sites = record.sites;
                return Ok(PartnerReply::Sites { sites });
            }
            PartnerRequest::IsFull { key, solution } => {
                let blocks = record.app(&key).is_some_and(|app| app.block_when_full);
                let full = blocks
                    && (self.quota(&record, &key)?.level == Level::Full
                        || self.is_solution_full(solution.as_deref())?);
                return Ok(PartnerReply::IsFull { full });
            }
            PartnerRequest::SolutionQuota { solution } => {
                let quota = self.window(&solution_owner(&solution), SOLUTION_LIMIT)?;
                return Ok(PartnerReply::Quota { quota });
            }
            PartnerRequest::Quota { key } => {
                let quota = self.quota(&record, &key)?;
                return Ok(PartnerReply::Quota { quota });
            }
            PartnerRequest::NextOpenSites { limit } => {
                let sites = record.next_open_sites(limit);
                self.commit(&record)?;
                return Ok(PartnerReply::Sites { sites });
            }
            PartnerRequest::SetSiteOpen { site, open } => {
                if record.set_site_open(site, open) {
                    self.commit(&record)?;
                }
            }
            PartnerRequest::BusinessConnected(business) => {
                self.count(&business)?;
                self.publish_quota(&record, &business.app).await?;
            }
            PartnerRequest::Audit(entry) => self.audit(&entry)?,
        }
        Ok(PartnerReply::Accepted)
    }

    fn commit(&self, record: &PartnerRecord) -> Result<()> {
        self.storage.commit(record).map_err(commit_failed)
    }

    /// Stores the settings if they are valid, then their copy in KV. If the copy fails there is no reply, and the
    /// operator puts them again.
    async fn put_app(&self, mut record: PartnerRecord, app: AppSettings) -> Result<PartnerReply> {
        let reply = record.put_app(app);
        if let PartnerReply::App { app: Some(app) } = &reply {
            self.commit(&record)?;
            kv::write_json(self.storage.env(), &kv::app_settings_key(&app.key), app)
                .await
                .map_err(no_reply)?;
            // A limit that was raised, or blocks no more, counts at once.
            self.publish_quota(&record, &app.key).await?;
        }
        Ok(reply)
    }

    /// Counts a business once for its app, and once for its solution.
    fn count(&self, business: &ConnectedBusiness) -> Result<()> {
        self.create_tables()?;
        let solution = business.solution.as_ref();
        let solution = solution.map(|solution| solution_owner(solution));
        for owner in [app_owner(&business.app)].into_iter().chain(solution) {
            let insert = "INSERT INTO businesses (owner, business, at) VALUES (?, ?, ?) \
                          ON CONFLICT DO NOTHING";
            let values = vec![
                owner.into(),
                business.business.as_str().into(),
                sql_time(business.at),
            ];
            self.storage.exec(insert, values)?;
        }
        Ok(())
    }

    fn quota(&self, record: &PartnerRecord, app: &AppKey) -> Result<Quota> {
        let limit = record.app(app).map_or(0, |app| app.weekly_limit);
        self.window(&app_owner(app), limit)
    }

    fn is_solution_full(&self, solution: Option<&str>) -> Result<bool> {
        let Some(solution) = solution else {
            return Ok(false);
        };
        let quota = self.window(&solution_owner(solution), SOLUTION_LIMIT)?;
        Ok(quota.level == Level::Full)
    }

    /// The window of an app or a solution, by its name in `businesses`.
    fn window(&self, owner: &str, limit: u32) -> Result<Quota> {
        self.create_tables()?;
        let now = clock::now();
        let select = "SELECT at FROM businesses WHERE owner = ? AND at > ?";
        let values = vec![owner.into(), sql_time(now.before(WINDOW))];
        let connected_at = |row: Row| match row.first() {
            Some(SqlStorageValue::Integer(at)) => u64::try_from(*at).ok().map(UnixMillis),
            _ => None,
        };
        let rows = self.storage.rows(select, values)?;
        let connected: Vec<UnixMillis> = rows.into_iter().filter_map(connected_at).collect();
        Ok(measure(&connected, limit, now))
    }

    /// Publishes the quota of an app that takes no launches when it is full.
    async fn publish_quota(&self, record: &PartnerRecord, app: &AppKey) -> Result<()> {
        let quota = self.quota(record, app)?;
        if quota.level != Level::Fine {
            let (used, limit) = (quota.used, quota.limit);
            worker::console_warn!("quota of app {app}: {used} of {limit}");
        }
        if record.app(app).is_some_and(|app| app.block_when_full) {
            kv::write_json(self.storage.env(), &kv::quota_key(app), &quota)
                .await
                .map_err(no_reply)?;
        }
        Ok(())
    }

    fn audit(&self, entry: &AuditEntry) -> Result<()> {
        self.create_tables()?;
        let insert = "INSERT INTO audit (at, what) VALUES (?, ?)";
        let values = vec![sql_time(entry.at), entry.action.as_str().into()];
        self.storage.exec(insert, values)
    }

    fn create_tables(&self) -> Result<()> {
        let businesses = "CREATE TABLE IF NOT EXISTS businesses (owner TEXT NOT NULL, \
                          business TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (owner, business))";
        self.storage.exec(businesses, vec![])?;
        let audit = "CREATE TABLE IF NOT EXISTS audit \
                     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL)";
        self.storage.exec(audit, vec![])
    }
}

/// The owner of an app's quota, in `businesses`.
fn app_owner(app: &AppKey) -> String {
    ["app/", app.as_str()].concat()
}

/// The owner of a partner solution's quota, in `businesses`.
fn solution_owner(solution: &str) -> String {
    ["solution/", solution].concat()
}

fn no_reply(error: KvError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}
