//! What a Waba object has of Meta's webhooks beside its record.
//!
//! | table | rows |
//! |---|---|
//! | `seen (n, key, at)` | one per change that was taken in: its key, and when. Deleted after eight days |
//! | `pending_events (n, key, until, json)` | one per event that not every owner has: the key of its change, until when it is kept while nobody owns the account, and the [`PendingEvent`], sealed |

use super::retention;
use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use crate::config::Settings;
use embark_onboarding::crypto::{Sealed, Secret};
use embark_onboarding::meta::webhook::MetaChange;
use embark_onboarding::resources::key_rotation::ResealCount;
use embark_onboarding::resources::waba::{PendingEvent, pending_event_name};
use embark_onboarding::time::UnixMillis;
use embark_protocol::WabaId;
use std::collections::BTreeSet;
use worker::{Result, SqlStorageValue};

/// The rows of one account.
pub struct WabaRows<'a> {
    storage: &'a ObjectStorage,
}

/// A row of `pending_events`.
pub struct PendingEventRow {
    /// Its number, which grows with every row.
    pub number: i64,
    /// The event. `None`: it cannot be opened, because it was sealed under a key that this deployment does not have.
    pub event: Option<PendingEvent>,
    /// Until when one that cannot be opened is kept, should the key come back.
    pub kept_until: UnixMillis,
}

impl<'a> WabaRows<'a> {
    /// Creates the tables where they are missing.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn open(storage: &'a ObjectStorage) -> Result<Self> {
        storage.create(TABLES)?;
        Ok(Self { storage })
    }

    /// Leaves out changes that were taken in before, and those that are there twice.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn unseen(&self, changes: Vec<MetaChange>) -> Result<Vec<MetaChange>> {
        let mut keys = BTreeSet::new();
        let mut unseen = vec![];
        for change in changes {
            let select = "SELECT 1 FROM seen WHERE key = ?";
            let found = self
                .storage
                .rows(select, vec![change.key.as_str().into()])?;
            if found.is_empty() && keys.insert(change.key.clone()) {
                unseen.push(change);
            }
        }
        Ok(unseen)
    }

    /// Stores the events of changes, then that the changes were taken in. If this is cut short, what is missing is stored
    /// when the changes come again.
    ///
    /// # Errors
    /// The storage refused it, or an event cannot be sealed.
    pub fn store(
        &self,
        waba: &WabaId,
        settings: &Settings,
        keys: &[String],
        events: &[PendingEvent],
        now: UnixMillis,
    ) -> Result<()> {
        let name = pending_event_name(waba);
        let cx = settings.context();
        for event in events {
            let json = Secret::new(serde_json::to_string(event)?);
            let sealed = cx.keyring.seal(&name, &json, cx.nonce());
            let sealed = sealed.map_err(|error| error.to_string())?;
            let insert = "INSERT INTO pending_events (key, until, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
            let values = vec![
                event.key.as_str().into(),
                sql_time(event.kept_until),
                sealed.as_str().into(),
            ];
            self.storage.exec(insert, values)?;
        }
        for key in keys {
            let insert = "INSERT INTO seen (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING";
            let values = vec![key.as_str().into(), sql_time(now)];
            self.storage.exec(insert, values)?;
        }
        Ok(())
    }

    /// The first events after this number, at most `limit`.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn pending(
        &self,
        waba: &WabaId,
        settings: &Settings,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PendingEventRow>> {
        let name = pending_event_name(waba);
        let select = "SELECT n, until, json FROM pending_events WHERE n > ? ORDER BY n LIMIT ?";
        let rows = self
            .storage
            .rows(select, vec![after.into(), limit.into()])?;
        let read = |row: Row| match row.as_slice() {
            [
                SqlStorageValue::Integer(number),
                SqlStorageValue::Integer(until),
                SqlStorageValue::String(sealed),
            ] => {
                let sealed = Sealed::from_stored(sealed.clone());
                let json = settings.keyring.open(&name, &sealed).ok();
                Ok(PendingEventRow {
                    number: *number,
                    event: json.and_then(|json| serde_json::from_str(json.expose_secret()).ok()),
                    kept_until: UnixMillis(u64::try_from(*until).unwrap_or_default()),
                })
            }
            _ => Err(unreadable("pending_events")),
        };
        rows.into_iter().map(read).collect()
    }

    /// Seals events again that older keys sealed, a few hundred at a time: what remains is found by the next pass.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn reseal(&self, waba: &WabaId, settings: &Settings) -> Result<ResealCount> {
        let name = pending_event_name(waba);
        let cx = settings.context();
        let newest = ["v1.", &cx.keyring.newest_number().to_string(), ".%"].concat();
        let select = "SELECT n, json FROM pending_events WHERE json NOT LIKE ? LIMIT 500";
        let mut count = ResealCount::default();
        for row in self.storage.rows(select, vec![newest.into()])? {
            let [
                SqlStorageValue::Integer(number),
                SqlStorageValue::String(sealed),
            ] = row.as_slice()
            else {
                return Err(unreadable("pending_events"));
            };
            let sealed = Sealed::from_stored(sealed.clone());
            match cx.keyring.reseal(&name, &sealed, || cx.nonce()) {
                Ok(None) => {}
                Ok(Some(resealed)) => {
                    let update = "UPDATE pending_events SET json = ? WHERE n = ?";
                    let values = vec![resealed.as_str().into(), (*number).into()];
                    self.storage.exec(update, values)?;
                    count.resealed += 1;
                }
                Err(_) => count.unreadable += 1,
            }
        }
        Ok(count)
    }

    /// How many events are pending.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn count_pending(&self) -> Result<usize> {
        let count = self
            .integer("SELECT count(*) FROM pending_events")?
            .unwrap_or(0);
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Deletes an event that all owners have.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn delete(&self, number: i64) -> Result<()> {
        self.storage.exec(
            "DELETE FROM pending_events WHERE n = ?",
            vec![number.into()],
        )
    }

    /// Nobody owns the account: deletes the events that were kept for long enough.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn delete_outdated(&self, now: UnixMillis) -> Result<()> {
        self.storage.exec(
            "DELETE FROM pending_events WHERE until <= ?",
            vec![sql_time(now)],
        )
    }

    /// Deletes the keys of changes that Meta does not repeat any more.
    pub fn delete_outdated_keys(&self) {
        retention::prune_waba(self.storage);
    }

    /// Whether neither table has a row.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn are_empty(&self) -> Result<bool> {
        let seen = self.integer("SELECT n FROM seen LIMIT 1")?;
        Ok(seen.is_none() && self.count_pending()? == 0)
    }

    /// When the object must run again for its rows, apart from deliveries: `is_owned` events are not outdated.
    ///
    /// # Errors
    /// The storage refused it.
    pub fn next_wake_at(&self, is_owned: bool) -> Result<Option<UnixMillis>> {
        let outdated = match is_owned {
            true => None,
            false => self.integer("SELECT min(until) FROM pending_events")?,
        };
        let outdated = outdated.and_then(|at| u64::try_from(at).ok());
        let seen = retention::next_waba_prune(self.storage)?;
        Ok(outdated.map(UnixMillis).into_iter().chain(seen).min())
    }

    fn integer(&self, query: &str) -> Result<Option<i64>> {
        let rows = self.storage.rows(query, vec![])?;
        match rows.first().and_then(|row| row.first()) {
            Some(SqlStorageValue::Integer(number)) => Ok(Some(*number)),
            _ => Ok(None),
        }
    }
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS seen \
     (n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pending_events (n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, \
     until INTEGER NOT NULL, json TEXT NOT NULL)",
];
