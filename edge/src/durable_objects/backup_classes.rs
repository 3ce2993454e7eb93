//! What backups need of the class of each object.

use super::backup::BackedUp;
use super::partner::Partner;
use super::phone::Phone;
use super::run::Run;
use super::site::Site;
use super::storage::ObjectStorage;
use super::waba::Waba;
use super::{
    audit, backend_writes, checklist, invitations, quotas, sessions, signup_counts, signup_index,
    signup_objects, site_backend, site_events, unclaimed, users, waba_rows,
};
use crate::clock;
use crate::kv;
use core::time::Duration;
use embark_onboarding::resources::rpc::Singleton;
use embark_protocol::{PhoneNumberId, SignupId, SiteId, WabaId};
use worker::Result;

impl BackedUp for Run {
    type Name = SignupId;

    fn storage(&self) -> &ObjectStorage {
        &self.state.storage
    }

    fn create_tables(&self) -> Result<()> {
        Ok(())
    }

    fn on_restored(&self) {
        self.state.invalidate();
    }

    async fn activate(&self, _: &SignupId) -> Result<()> {
        wake(&self.state.storage).await
    }
}

impl BackedUp for Phone {
    type Name = PhoneNumberId;

    fn storage(&self) -> &ObjectStorage {
        &self.storage
    }

    fn create_tables(&self) -> Result<()> {
        Ok(())
    }

    fn on_restored(&self) {
        self.record.invalidate();
    }

    /// It has no alarm.
    async fn activate(&self, _: &PhoneNumberId) -> Result<()> {
        Ok(())
    }
}

impl BackedUp for Waba {
    type Name = WabaId;

    fn storage(&self) -> &ObjectStorage {
        &self.storage
    }

    fn create_tables(&self) -> Result<()> {
        self.storage.create(waba_rows::TABLES)
    }

    fn on_restored(&self) {
        self.record.invalidate();
    }

    async fn activate(&self, id: &WabaId) -> Result<()> {
        self.change(|record| record.enqueue_copies(id, clock::now()))?;
        wake(&self.storage).await
    }
}

impl BackedUp for Site {
    type Name = SiteId;

    fn storage(&self) -> &ObjectStorage {
        &self.storage
    }

    fn create_tables(&self) -> Result<()> {
        for tables in [
            signup_index::TABLES,
            signup_counts::TABLES,
            signup_objects::TABLES,
            site_events::TABLES,
            invitations::TABLES,
            sessions::TABLES,
            site_backend::TABLES,
            backend_writes::TABLES,
        ] {
            self.storage.create(tables)?;
        }
        Ok(())
    }

    fn on_restored(&self) {
        self.record.invalidate();
    }

    async fn activate(&self, id: &SiteId) -> Result<()> {
        self.record.change(&self.storage, |record| {
            if record.config.is_some() {
                let copy = serde_json::to_string(&record.published())?;
                record.pending_copies.enqueue(kv::site_record_key(id), copy);
            }
            for (key, secret) in &record.secrets {
                let copy = secret.as_str().to_owned();
                record.pending_copies.enqueue(key.clone(), copy);
            }
            if let Some(digest) = &record.webhook_token_digest {
                let key = kv::webhook_site_key(digest);
                record.pending_copies.enqueue(key, id.as_str().to_owned());
            }
            Ok::<_, serde_json::Error>(())
        })??;
        wake(&self.storage).await
    }
}

impl BackedUp for Partner {
    type Name = Singleton;

    fn storage(&self) -> &ObjectStorage {
        &self.storage
    }

    fn create_tables(&self) -> Result<()> {
        for tables in [
            quotas::TABLES,
            audit::TABLES,
            checklist::TABLES,
            unclaimed::TABLES,
            users::TABLES,
        ] {
            self.storage.create(tables)?;
        }
        Ok(())
    }

    /// The cron trigger and the request that restores store something there.
    fn is_unused(&self) -> Result<bool> {
        let record = self.record.get(&self.storage)?;
        let record = record.borrow();
        Ok(record.is_unused())
    }

    fn on_restored(&self) {
        self.record.invalidate();
    }

    async fn activate(&self, _: &Singleton) -> Result<()> {
        let apps = self.change(|record| {
            for app in &record.apps {
                let copy = serde_json::to_string(app)?;
                let key = kv::app_settings_key(&app.key);
                record.pending_copies.enqueue(key, copy);
            }
            record.enqueue_secrets();
            Ok::<_, serde_json::Error>(record.apps.clone())
        })??;
        for app in apps {
            self.enqueue_quota_copy(&app.key)?;
            for solution in self.quotas().of_solutions()? {
                self.enqueue_solution_copy(&app.key, solution.id)?;
            }
        }
        wake(&self.storage).await
    }
}

/// The alarm sets the one after it.
async fn wake(storage: &ObjectStorage) -> Result<()> {
    storage.set_alarm_within(AT_ONCE).await;
    Ok(())
}

const AT_ONCE: Duration = Duration::from_secs(1);
