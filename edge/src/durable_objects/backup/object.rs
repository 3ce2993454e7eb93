//! What backups need of an object.

use super::read::has_record;
use crate::durable_objects::storage::ObjectStorage;
use embark_onboarding::resources::rpc::ObjectName;
use worker::Result;

/// What a backup needs of an object of any class.
pub trait BackedUp {
    /// What the object is called.
    type Name: ObjectName;

    /// Its storage.
    fn storage(&self) -> &ObjectStorage;

    /// Creates every table of the class.
    ///
    /// # Errors
    /// The storage refused it.
    fn create_tables(&self) -> Result<()>;

    /// Whether it stores nothing of its own.
    ///
    /// # Errors
    /// The storage cannot be read.
    fn is_unused(&self) -> Result<bool> {
        has_record(self.storage()).map(|has_record| !has_record)
    }

    /// Its rows have changed: what is in memory is outdated.
    fn on_restored(&self);

    /// Enqueues every copy in KV, and sets the alarm.
    ///
    /// # Errors
    /// The storage refused it.
    async fn activate(&self, name: &Self::Name) -> Result<()>;
}
