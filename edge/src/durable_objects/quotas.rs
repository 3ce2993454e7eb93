//! How many new businesses apps and partner solutions took on. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `businesses (owner, business, at)` | one per customer business and owner of a quota, `app/<key>` or `solution/<id>`: when it first connected. Deleted after 400 days |
//!
//! A quota that reaches a level becomes an event for the sites, in the same turn; the object's alarm sends it.

use super::record::ObjectRecord;
use super::rpc;
use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::health::SolutionHealth;
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::quota::{
    ConnectedBusiness, Quota, SOLUTION_LIMIT, WINDOW, measure,
};
use embark_onboarding::resources::quota_events::{QuotaEvent, QuotaOwner, SENT_AGAIN_AFTER};
use embark_onboarding::resources::site::SiteRequest;
use embark_onboarding::time::UnixMillis;
use embark_protocol::quota::QuotaLevel;
use futures_util::stream::{self, StreamExt};
use worker::{Result, SqlStorageValue};

/// The quotas, and the record that has the limits and the events.
#[derive(Clone, Copy)]
pub struct Quotas<'a> {
    pub storage: &'a ObjectStorage,
    pub record: &'a ObjectRecord<PartnerRecord>,
}

impl Quotas<'_> {
    /// Counts a business once for its app, and once for its solution.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn count(self, business: &ConnectedBusiness) -> Result<()> {
        let app = QuotaOwner::App(business.app.clone());
        let solution = business.solution.clone().map(QuotaOwner::Solution);
        for owner in [app].into_iter().chain(solution) {
            let name = owner.row_name();
            let key = || vec![name.as_str().into(), business.business.as_str().into()];
            self.storage.create(TABLES)?;
            let known = "SELECT 1 FROM businesses WHERE owner = ? AND business = ?";
            if !self.storage.rows(known, key())?.is_empty() {
                continue;
            }
            let mut connected = self.connected(&owner)?;
            let before = self.quota(&owner, &connected)?.level;
            connected.push(business.at);
            // Before the row: if the record cannot be stored, the business is counted when its message is repeated.
            self.enqueue_event(owner.clone(), before, self.quota(&owner, &connected)?)?;
            let insert = "INSERT INTO businesses (owner, business, at) VALUES (?, ?, ?)";
            let mut values = key();
            values.push(sql_time(business.at));
            self.storage.exec(insert, values)?;
        }
        self.wake_to_send().await
    }

    /// Enqueues an event if the level is higher than `before`.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn enqueue_event(self, owner: QuotaOwner, before: QuotaLevel, quota: Quota) -> Result<()> {
        match QuotaEvent::of_change(owner, before, quota, clock::now()) {
            Some(event) => self
                .record
                .change(self.storage, |record| record.quota_events.enqueue(event)),
            None => Ok(()),
        }
    }

    /// Sets the alarm, if events are pending.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn wake_to_send(self) -> Result<()> {
        let record = self.record.get(self.storage)?;
        let pending = !record.borrow().quota_events.is_empty();
        if pending {
            self.storage
                .set_alarm_within(core::time::Duration::ZERO)
                .await;
        }
        Ok(())
    }

    /// Sends some of the pending events, and sets the alarm for the others.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn send_events(self) -> Result<()> {
        let record = self.record.get(self.storage)?;
        let next = {
            let record = record.borrow();
            record.quota_events.next(&record.sites)
        };
        let mut all_replied = true;
        let mut sent = stream::iter(next)
            .map(async |(site, event)| {
                let request = SiteRequest::Quota(Box::new(event.clone()));
                let reply = rpc::call(self.storage.env(), &site, &request).await;
                (site, event, reply.is_ok())
            })
            .buffer_unordered(AT_ONCE);
        let mut outcomes = vec![];
        while let Some(outcome) = sent.next().await {
            all_replied &= outcome.2;
            outcomes.push(outcome);
        }
        if record.borrow().quota_events.is_empty() {
            return Ok(());
        }
        self.record.change(self.storage, |record| {
            for (site, event, replied) in &outcomes {
                record.quota_events.on_sent(site, event, *replied);
            }
            let sites = &record.sites;
            record.quota_events.drop_finished(sites, clock::now());
        })?;
        if all_replied {
            return self.wake_to_send().await;
        }
        self.storage.set_alarm_within(SENT_AGAIN_AFTER).await;
        Ok(())
    }

    /// The state of the window now.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn measure(self, owner: &QuotaOwner) -> Result<Quota> {
        self.quota(owner, &self.connected(owner)?)
    }

    /// The partner solutions that businesses connected through within the window, by their ids; a hundred at most.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn of_solutions(self) -> Result<Vec<SolutionHealth>> {
        self.storage.create(TABLES)?;
        let select = "SELECT DISTINCT substr(owner, 10) FROM businesses \
                      WHERE owner > 'solution/' AND owner < 'solution0' AND at > ? LIMIT 100";
        let begin = clock::now().before(WINDOW);
        let rows = self.storage.rows(select, vec![sql_time(begin)])?;
        let health = |row: Row| match row.first() {
            Some(SqlStorageValue::String(id)) => {
                let quota = self.measure(&QuotaOwner::Solution(id.clone()))?;
                let id = id.clone();
                Ok(SolutionHealth { id, quota })
            }
            _ => Err(unreadable("businesses")),
        };
        rows.into_iter().map(health).collect()
    }

    /// When businesses connected within the window.
    fn connected(self, owner: &QuotaOwner) -> Result<Vec<UnixMillis>> {
        self.storage.create(TABLES)?;
        let select = "SELECT at FROM businesses WHERE owner = ? AND at > ?";
        let begin = clock::now().before(WINDOW);
        let values = vec![owner.row_name().into(), sql_time(begin)];
        let connected_at = |row: Row| match row.first() {
            Some(SqlStorageValue::Integer(at)) => u64::try_from(*at)
                .map(UnixMillis)
                .map_err(|_| unreadable("businesses")),
            _ => Err(unreadable("businesses")),
        };
        let rows = self.storage.rows(select, values)?.into_iter();
        rows.map(connected_at).collect()
    }

    fn quota(self, owner: &QuotaOwner, connected: &[UnixMillis]) -> Result<Quota> {
        Ok(measure(connected, self.limit(owner)?, clock::now()))
    }

    fn limit(self, owner: &QuotaOwner) -> Result<u32> {
        let QuotaOwner::App(app) = owner else {
            return Ok(SOLUTION_LIMIT);
        };
        let record = self.record.get(self.storage)?;
        let limit = record.borrow().app(app).map_or(0, |app| app.weekly_limit);
        Ok(limit)
    }
}

/// Sites that are asked at the same time: an object may have six requests open.
const AT_ONCE: usize = 5;
/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS businesses (owner TEXT NOT NULL, business TEXT NOT NULL, \
     at INTEGER NOT NULL, PRIMARY KEY (owner, business))",
];
