//! Keeps an object's copies in KV up to date.

use super::drive_lock::DriveLock;
use super::record::ObjectRecord;
use super::storage::ObjectStorage;
use crate::clock;
use crate::kv;
use embark_onboarding::resources::kv_copies::{CopyTask, PendingCopies, RETRY_AFTER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::Result;

/// A record that lists the copies in KV that are pending.
pub trait HasPendingCopies {
    /// Those of this record.
    fn pending_copies(&mut self) -> &mut PendingCopies;
}

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
        let result = self.write_due(storage, record).await;
        self.0.release();
        let now = clock::now();
        let wake_at = record
            .get(storage)?
            .borrow_mut()
            .pending_copies()
            .next_wake_at(now);
        if let Some(at) = wake_at {
            storage.set_alarm_within(now.until(at)).await;
        }
        result
    }

    async fn write_due<R>(&self, storage: &ObjectStorage, record: &ObjectRecord<R>) -> Result<()>
    where
        R: HasPendingCopies + Clone + Default + Serialize + DeserializeOwned,
    {
        let mut alarm_is_set = false;
        loop {
            let task = record
                .get(storage)?
                .borrow_mut()
                .pending_copies()
                .next_task(clock::now());
            let Some(task) = task else { return Ok(()) };
            if !alarm_is_set {
                // Should this incarnation end before KV answers.
                storage.set_alarm_within(RETRY_AFTER).await;
                alarm_is_set = true;
                continue;
            }
            self.0.renew();
            let env = storage.env();
            match task {
                CopyTask::Put(copy) => {
                    if kv::write_text(env, &copy.key, &copy.value).await.is_err() {
                        return Ok(());
                    }
                    record.change(storage, |record| {
                        record.pending_copies().on_put(&copy, clock::now());
                    })?;
                }
                CopyTask::Confirm(copy) => {
                    let Ok(value) = kv::read_text(env, &copy.key).await else {
                        return Ok(());
                    };
                    record.change(storage, |record| {
                        record.pending_copies().on_read(&copy, value.as_deref());
                    })?;
                }
            }
        }
    }
}
