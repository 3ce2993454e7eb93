//! Keeps an object's copies in KV up to date.

use super::drive_lock::DriveLock;
use super::record::ObjectRecord;
use super::storage::ObjectStorage;
use crate::clock;
use crate::kv::{self, KvError};
use core::time::Duration;
use embark_onboarding::resources::copy_writer::{CopyHost, write_due};
use embark_onboarding::resources::kv_copies::{CopyTask, HasPendingCopies, PendingCopies};
use embark_onboarding::time::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::Result;

/// Writes the copies of one incarnation, one at a time. A put whose reply did not come in time may still take effect
/// after a later one: that is why each copy is read back.
#[derive(Default)]
pub struct CopyWriter(DriveLock);

impl CopyWriter {
    /// Writes and confirms what is due, including what is enqueued meanwhile. What KV did not take stays pending, and the
    /// alarm is set for it. Returns at once if another call is writing: that one writes these copies too.
    ///
    /// # Errors
    /// The record cannot be read or stored.
    pub async fn flush<R>(&self, storage: &ObjectStorage, record: &ObjectRecord<R>) -> Result<()>
    where
        R: HasPendingCopies + Clone + Default + Serialize + DeserializeOwned,
    {
        if !self.0.try_acquire() {
            return Ok(());
        }
        let host = Copies {
            storage,
            record,
            lock: &self.0,
        };
        let result = write_due(&host).await;
        self.0.release();
        let now = clock::now();
        let wake_at = record
            .get(storage)?
            .borrow()
            .pending_copies()
            .next_wake_at(now);
        if let Some(at) = wake_at {
            storage.set_alarm_within(now.until(at)).await;
        }
        result
    }

    /// Like [`flush`](Self::flush). Returns whether KV has acknowledged the copy of `key`.
    ///
    /// # Errors
    /// The record cannot be read or stored.
    pub async fn write<R>(
        &self,
        storage: &ObjectStorage,
        record: &ObjectRecord<R>,
        key: &str,
    ) -> Result<bool>
    where
        R: HasPendingCopies + Clone + Default + Serialize + DeserializeOwned,
    {
        self.flush(storage, record).await?;
        let record = record.get(storage)?;
        let is_written = record.borrow().pending_copies().is_written(key);
        Ok(is_written)
    }
}

/// The copies of an object, for the one call that writes them.
struct Copies<'a, R> {
    storage: &'a ObjectStorage,
    record: &'a ObjectRecord<R>,
    lock: &'a DriveLock,
}

impl<R> CopyHost for Copies<'_, R>
where
    R: HasPendingCopies + Clone + Default + Serialize + DeserializeOwned,
{
    type StorageError = worker::Error;
    type KvError = KvError;

    fn now(&self) -> UnixMillis {
        clock::now()
    }

    fn next_task(&self) -> Result<Option<CopyTask>> {
        self.lock.renew();
        let record = self.record.get(self.storage)?;
        let task = record.borrow().pending_copies().next_task(clock::now());
        Ok(task)
    }

    fn change(&self, change: impl FnOnce(&mut PendingCopies)) -> Result<()> {
        let change = |record: &mut R| change(record.pending_copies_mut());
        self.record.change(self.storage, change)
    }

    async fn set_alarm_within(&self, delay: Duration) {
        self.storage.set_alarm_within(delay).await;
    }

    async fn put(&self, key: &str, value: &str) -> core::result::Result<(), KvError> {
        kv::write_text(self.storage.env(), key, value).await
    }

    async fn delete(&self, key: &str) -> core::result::Result<(), KvError> {
        kv::delete(self.storage.env(), key).await
    }

    async fn read(&self, key: &str) -> core::result::Result<Option<String>, KvError> {
        kv::read_text(self.storage.env(), key).await
    }
}
