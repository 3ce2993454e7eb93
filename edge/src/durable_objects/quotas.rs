//! How many new businesses apps and partner solutions took on. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `businesses (owner, business, at)` | one per customer business and owner of a quota, `app/<key>` or `solution/<id>`: when it first connected. Deleted after 400 days |
//!
//! A quota that reaches a level becomes events for the sites, in the same change of storage; the object's alarm sends them.

use super::record::ObjectRecord;
use super::rpc;
use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::quota::{
    ConnectedBusiness, Level, Quota, SOLUTION_LIMIT, WINDOW, measure,
};
use embark_onboarding::resources::quota_events::{
    QuotaEvent, QuotaOwner, SENT_AGAIN_AFTER, SENT_AT_ONCE,
};
use embark_onboarding::resources::site::SiteRequest;
use embark_onboarding::time::UnixMillis;
use futures_util::future::join_all;
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
            let before = self.measure(&owner)?.level;
            let insert = "INSERT INTO businesses (owner, business, at) VALUES (?, ?, ?) \
                          ON CONFLICT DO NOTHING";
            let values = vec![
                owner.row_name().into(),
                business.business.as_str().into(),
                sql_time(business.at),
            ];
            self.storage.exec(insert, values)?;
            self.enqueue_event(owner, before)?;
        }
        self.wake_to_send().await
    }

    /// Enqueues an event if the level is higher than `before`. In the same turn as the change that made it so.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn enqueue_event(self, owner: QuotaOwner, before: Level) -> Result<()> {
        let quota = self.measure(&owner)?;
        if let Some(event) = QuotaEvent::of_change(owner, before, quota, clock::now()) {
            self.record.change(self.storage, |record| {
                let sites = record.sites.clone();
                record.quota_events.enqueue(event, sites);
            })?;
        }
        Ok(())
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
        let next = record.borrow().quota_events.next(SENT_AT_ONCE);
        if next.is_empty() {
            return Ok(());
        }
        let sent = join_all(next.into_iter().map(async |(site, event)| {
            let request = SiteRequest::Quota(Box::new(event.clone()));
            let reply = rpc::call(self.storage.env(), &site, &request).await;
            (site, event, reply.is_ok())
        }));
        let sent = sent.await;
        let all_replied = sent.iter().all(|(_, _, replied)| *replied);
        let now = clock::now();
        self.record.change(self.storage, |record| {
            for (site, event, replied) in &sent {
                record.quota_events.on_sent(site, event, *replied, now);
            }
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
        self.storage.create(TABLES)?;
        let now = clock::now();
        let select = "SELECT at FROM businesses WHERE owner = ? AND at > ?";
        let values = vec![owner.row_name().into(), sql_time(now.before(WINDOW))];
        let connected_at = |row: Row| match row.first() {
            Some(SqlStorageValue::Integer(at)) => u64::try_from(*at)
                .map(UnixMillis)
                .map_err(|_| unreadable("businesses")),
            _ => Err(unreadable("businesses")),
        };
        let rows = self.storage.rows(select, values)?.into_iter();
        let connected = rows.map(connected_at).collect::<Result<Vec<_>>>()?;
        Ok(measure(&connected, self.limit(owner)?, now))
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

const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS businesses (owner TEXT NOT NULL, business TEXT NOT NULL, \
     at INTEGER NOT NULL, PRIMARY KEY (owner, business))",
];
