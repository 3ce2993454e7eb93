//! The record of an object: what is stored, and its one copy in memory.

use super::storage::{ObjectStorage, commit_failed};
use core::cell::RefCell;
use embark_onboarding::resources::key_rotation::ResealCount;
use embark_onboarding::workflow::SharedRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use worker::Result;

/// A record that is stored as JSON. An object without one has the default.
pub struct ObjectRecord<R>(SharedRecord<R>);

impl<R> Default for ObjectRecord<R> {
    fn default() -> Self {
        Self(SharedRecord::default())
    }
}

impl<R: Clone + Default + Serialize + DeserializeOwned> ObjectRecord<R> {
    /// The record.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn get(&self, storage: &ObjectStorage) -> Result<Rc<RefCell<R>>> {
        self.0.get(|| load(storage))
    }

    /// Changes and stores the record. Synchronous.
    ///
    /// # Errors
    /// It cannot be read or stored. It is unchanged.
    pub fn change<T>(
        &self,
        storage: &ObjectStorage,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<T> {
        let store = |record: &R| storage.commit(record).map_err(commit_failed);
        self.0.change(|| load(storage), store, change)
    }

    /// Seals the record's secrets again, and stores it if that has changed anything. Synchronous.
    ///
    /// # Errors
    /// It cannot be read or stored. It is unchanged.
    pub fn reseal(
        &self,
        storage: &ObjectStorage,
        reseal: impl FnOnce(&mut R) -> ResealCount,
    ) -> Result<ResealCount> {
        let mut resealed = self.get(storage)?.borrow().clone();
        let count = reseal(&mut resealed);
        if count.resealed > 0 {
            self.change(storage, |record| *record = resealed)?;
        }
        Ok(count)
    }

    /// The next access reads what is stored.
    pub fn invalidate(&self) {
        self.0.invalidate();
    }
}

fn load<R: Default + DeserializeOwned>(storage: &ObjectStorage) -> Result<R> {
    Ok(storage.load()?.unwrap_or_default())
}
