//! Copies in KV of what the Partner object and the Site objects decide. Models
//! `edge/src/durable_objects/kv_copies.rs`: one writer per object, whose puts fail, arrive late, or lose their reply.

use crate::state::copies::{CopyOwner, CopyPut, CopyWriter, app_settings_key};
use crate::state::event::Event;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_onboarding::resources::kv_copies::{CopyTask, PendingCopies, PendingCopy};
use embark_onboarding::time::UnixMillis;
use std::rc::Rc;

impl World {
    /// The object has pending copies: it writes them, unless that is being done.
    pub fn flush_copies(&self, owner: CopyOwner) {
        self.last_copy_enqueued_at.set(self.now.get());
        self.write_copies(owner);
    }

    fn write_copies(&self, owner: CopyOwner) {
        if self.copy_writer(owner).awaited.get().is_none() {
            self.continue_copies(owner);
        }
    }

    /// The reply to a put arrives, or its deadline.
    pub fn copy_put_ends(&self, put: &CopyPut, acknowledged: bool) {
        let CopyPut {
            owner,
            number,
            ref copy,
            ref own,
        } = *put;
        let writer = self.copy_writer(owner);
        if writer.awaited.get() != Some(number) {
            return;
        }
        writer.awaited.set(None);
        self.log(|| format!("{owner:?}: put of {}: {acknowledged}", copy.key));
        if !acknowledged {
            return self.set_copies_alarm(owner);
        }
        let now = self.clock();
        self.with_copies(owner, |copies| {
            if let Some(own) = own {
                copies.clone_from(own);
            }
            copies.on_written(copy, now);
        });
        self.continue_copies(owner);
    }

    /// The object's alarm.
    pub fn copies_alarm_fires(&self, owner: CopyOwner, at: UnixMillis) {
        let writer = self.copy_writer(owner);
        if writer.alarm_at.get() == Some(at) {
            writer.alarm_at.set(None);
            self.write_copies(owner);
        }
    }

    fn continue_copies(&self, owner: CopyOwner) {
        loop {
            let now = self.clock();
            let task = self.with_copies(owner, |copies| copies.next_task(now));
            match task {
                None => return self.set_copies_alarm(owner),
                Some(CopyTask::Put(copy, _)) => return self.put_copy(owner, copy),
                Some(CopyTask::Delete(_)) => unreachable!("only webhook addresses are deleted"),
                Some(CopyTask::Confirm(copy)) => {
                    let found = self.kv.borrow_mut().read(&copy.key, self.now.get());
                    self.log(|| format!("  {} is read back: {found:?}", copy.key));
                    self.with_copies(owner, |copies| copies.on_read(&copy, found.as_deref()));
                }
            }
        }
    }

    fn put_copy(&self, owner: CopyOwner, copy: PendingCopy) {
        let writer = self.copy_writer(owner);
        self.set_copies_alarm(owner);
        let number = writer.puts.get() + 1;
        writer.puts.set(number);
        if self.fault_occurs(self.fault_rates.get().crashes) {
            // The object ends; its alarm continues.
            return self.schedule_write(&copy);
        }
        writer.awaited.set(Some(number));
        let put = CopyPut {
            owner,
            number,
            copy,
            own: self
                .reads_own_record("copies")
                .then(|| self.with_copies(owner, |copies| copies.clone())),
        };
        if !self.fault_occurs(self.fault_rates.get().kv_writes) {
            self.kv_takes(&put.copy.key, put.copy.value.clone().unwrap());
            let end = Event::CopyPutEnds(put, true);
            return self.schedule(self.random.millis(5..=500), end);
        }
        if self.random.chance(700) {
            self.schedule_write(&put.copy);
        }
        let delay = self.random.millis(5..=DEADLINE_MS);
        self.schedule(delay, Event::CopyPutEnds(put, false));
    }

    /// KV takes the write, at some time.
    fn schedule_write(&self, copy: &PendingCopy) {
        let delay = self.random.millis(5..=LATEST_WRITE_MS);
        let write = Event::KvTakes(copy.key.clone(), copy.value.clone().unwrap());
        self.schedule(delay, write);
    }

    /// KV takes a write.
    pub fn kv_takes(&self, key: &str, value: String) {
        self.log(|| format!("  KV takes {key}"));
        let now = self.now.get();
        self.kv.borrow_mut().write(key, value, now);
    }

    fn set_copies_alarm(&self, owner: CopyOwner) {
        let now = self.clock();
        let Some(at) = self.with_copies(owner, |copies| copies.next_wake_at(now)) else {
            return;
        };
        let delay = now.until(at);
        let at = self.now.get() + delay;
        let writer = self.copy_writer(owner);
        if writer.alarm_at.get().is_none_or(|set| at < set) {
            writer.alarm_at.set(Some(at));
            self.schedule(delay, Event::CopiesAlarm(owner, at));
        }
    }

    fn copy_writer(&self, owner: CopyOwner) -> &CopyWriter {
        match owner {
            CopyOwner::Partner => &self.peers.partner_copies,
            CopyOwner::Site(site) => &self.peers.sites[site].copies,
        }
    }

    fn with_copies<T>(&self, owner: CopyOwner, f: impl FnOnce(&mut PendingCopies) -> T) -> T {
        match owner {
            CopyOwner::Partner => f(&mut self.peers.partner.borrow_mut().pending_copies),
            CopyOwner::Site(site) => {
                f(&mut self.peers.sites[site].record.borrow_mut().pending_copies)
            }
        }
    }

    /// Lets time pass until all copies should be confirmed.
    ///
    /// # Errors
    /// A violation; `copies_are_repaired` is checked here: KV has in the end what the objects have, whatever became of the
    /// puts. Not checked where the clock jumped ahead: confirmations then come too early.
    pub fn run_until_copied(self: &Rc<Self>) -> Check {
        loop {
            let last_change = self.last_copy_enqueued_at.get().max(self.quiescent_from);
            // A copy is read back that much later than the clock was put back.
            let put_back = self.clock_skew_ms.get().min(0).unsigned_abs();
            let within = COPIES_FLUSHED_WITHIN + Duration::from_millis(put_back);
            let Some(event) = self.next_event(last_change + within) else {
                break;
            };
            self.process(event)?;
        }
        if self.clock_skew_ms.get() > 0 {
            return Ok(());
        }
        for (owner, key, value) in self.originals() {
            let is_settled = self.with_copies(owner, |copies| copies.is_empty());
            let kv = self.kv.borrow();
            let last = kv.last_write(&key);
            let holds = is_settled && last == Some(&*value);
            ensure(holds, "copies_are_repaired", || {
                format!("{key}: {last:?} instead of {value}, settled: {is_settled}")
            })?;
        }
        Ok(())
    }

    /// What the entries must hold in the end.
    fn originals(&self) -> Vec<(CopyOwner, String, String)> {
        let partner = self.peers.partner.borrow();
        let apps = partner.apps.iter().map(|app| {
            let json = serde_json::to_string(app).unwrap();
            (CopyOwner::Partner, app_settings_key(), json)
        });
        let secrets = partner.secrets.iter().map(|(key, sealed)| {
            let sealed = sealed.as_str().to_owned();
            (CopyOwner::Partner, key.clone(), sealed)
        });
        let sites = self.peers.sites.iter().enumerate().map(|(index, site)| {
            let (key, json) = site.copy();
            (CopyOwner::Site(index), key, json)
        });
        apps.chain(secrets).chain(sites).collect()
    }
}

/// The longest time that a put takes to fail, in milliseconds.
const DEADLINE_MS: u64 = 5_000;
/// The longest time after which KV takes a write whose sender has given up, in milliseconds.
const LATEST_WRITE_MS: u64 = 40_000;
/// Twice: a put that fails, and a confirmation.
const COPIES_FLUSHED_WITHIN: Duration = Duration::from_mins(15);
