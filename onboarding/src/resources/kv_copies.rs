//! Copies that an object keeps in KV of what it decides. The object is the truth; a copy is pending from the
//! commit of its original until KV was seen to hold it.
//!
//! A put may fail, may be lost although it was acknowledged, and may be overtaken by an earlier one whose outcome is
//! unknown. So an entry is put until KV takes it, read back after [`VISIBLE_AFTER`], and put again if KV holds
//! anything else by then. An entry that is to be deleted is treated in the same way.

use crate::time::UnixMillis;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A record that lists the copies of what it holds.
pub trait HasPendingCopies {
    /// Those of this record.
    fn pending_copies(&self) -> &PendingCopies;

    /// Those of this record.
    fn pending_copies_mut(&mut self) -> &mut PendingCopies;
}

/// The copies that are not confirmed, in the order of their last change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PendingCopies(Vec<PendingCopy>);

/// One copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingCopy {
    /// The key of the entry.
    pub key: String,
    /// What it is to hold. `None`: the entry is to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// When KV last acknowledged its put or deletion. `None`: not yet.
    #[serde(rename = "put_at", default)]
    pub acknowledged_at: Option<UnixMillis>,
}

/// What is to be done about a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyTask {
    /// Put this value, then [`PendingCopies::on_written`].
    Put(PendingCopy, String),
    /// Delete the entry, then [`PendingCopies::on_written`].
    Delete(PendingCopy),
    /// Read the entry, then [`PendingCopies::on_read`].
    Confirm(PendingCopy),
}

impl PendingCopies {
    /// Enqueues an entry, in place of an earlier value of it.
    pub fn enqueue(&mut self, key: String, value: String) {
        self.replace(key, Some(value));
    }

    /// Enqueues the deletion of an entry, in place of a value of it.
    pub fn enqueue_deletion(&mut self, key: String) {
        self.replace(key, None);
    }

    fn replace(&mut self, key: String, value: Option<String>) {
        self.0.retain(|copy| copy.key != key);
        self.0.push(PendingCopy {
            key,
            value,
            acknowledged_at: None,
        });
    }

    /// The next task that is due. `None`: none is, see [`next_wake_at`](Self::next_wake_at).
    pub fn next_task(&self, now: UnixMillis) -> Option<CopyTask> {
        let copy = self.0.iter().find(|copy| copy.is_due(now))?.clone();
        Some(match (copy.acknowledged_at, copy.value.clone()) {
            (None, Some(value)) => CopyTask::Put(copy, value),
            (None, None) => CopyTask::Delete(copy),
            (Some(_), _) => CopyTask::Confirm(copy),
        })
    }

    /// KV acknowledged the put or deletion of a copy. A value that was enqueued meanwhile is still to be put.
    pub fn on_written(&mut self, copy: &PendingCopy, now: UnixMillis) {
        if let Some(pending) = self.find(copy) {
            pending.acknowledged_at = Some(now);
        }
    }

    /// KV returned `value` for the entry of a copy; `None`: it has none.
    pub fn on_read(&mut self, copy: &PendingCopy, value: Option<&str>) {
        if value == copy.value.as_deref() {
            self.0.retain(|pending| pending != copy);
        } else if let Some(pending) = self.find(copy) {
            pending.acknowledged_at = None;
        }
    }

    /// Whether KV has acknowledged the last value of the entry, or its deletion.
    pub fn is_written(&self, key: &str) -> bool {
        let mut pending = self.0.iter();
        !pending.any(|copy| copy.key == key && copy.acknowledged_at.is_none())
    }

    /// How many entries KV has not acknowledged the last value of.
    pub fn count_unwritten(&self) -> usize {
        let pending = self.0.iter();
        pending
            .filter(|copy| copy.acknowledged_at.is_none())
            .count()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the object must run again, after its tasks failed or are not due. `None`: nothing is pending.
    pub fn next_wake_at(&self, now: UnixMillis) -> Option<UnixMillis> {
        let retry = now + RETRY_AFTER;
        let due = |copy: &PendingCopy| match copy.acknowledged_at {
            Some(at) if !copy.is_due(now) => at.min(now) + VISIBLE_AFTER,
            _ => retry,
        };
        self.0.iter().map(due).min()
    }

    fn find(&mut self, copy: &PendingCopy) -> Option<&mut PendingCopy> {
        self.0
            .iter_mut()
            .find(|pending| pending.key == copy.key && pending.value == copy.value)
    }
}

impl PendingCopy {
    /// Whether it is to be put, deleted or read back now. A copy that is read back too early may be replaced by an earlier
    /// put that KV takes late: if the clock was put back since the acknowledgement, it is read back that much later.
    fn is_due(&self, now: UnixMillis) -> bool {
        self.acknowledged_at
            .is_none_or(|at| now >= at + VISIBLE_AFTER)
    }
}

/// After this time a read returns the last put: a minute for an earlier put that KV takes late, another for the
/// propagation, a third for the cache of an earlier read
/// (<https://developers.cloudflare.com/kv/concepts/how-kv-works/>), and one to spare.
pub const VISIBLE_AFTER: Duration = Duration::from_mins(4);
/// The pause after a put or a read that failed.
pub const RETRY_AFTER: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_secs(1_000);

    fn pending(value: &str) -> PendingCopies {
        let mut copies = PendingCopies::default();
        copies.enqueue("site/acme".into(), value.into());
        copies
    }

    fn put(copies: &PendingCopies) -> PendingCopy {
        match copies.next_task(NOW) {
            Some(CopyTask::Put(copy, _)) => copy,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn failed_put_stays_pending_and_is_repeated() {
        let copies = pending("v1");
        assert_eq!(put(&copies).value.as_deref(), Some("v1"));
        assert_eq!(copies.next_wake_at(NOW), Some(NOW + RETRY_AFTER));
        assert!(!copies.is_written("site/acme"));
    }

    #[test]
    fn copy_is_confirmed_by_a_read_of_its_value_only() {
        for (found, confirmed) in [(Some("v1"), true), (Some("v0"), false), (None, false)] {
            let mut copies = pending("v1");
            let copy = put(&copies);
            copies.on_written(&copy, NOW);
            assert!(copies.is_written("site/acme"));
            assert_eq!(copies.next_task(NOW), None, "not visible yet");
            let later = NOW + VISIBLE_AFTER;
            let Some(CopyTask::Confirm(copy)) = copies.next_task(later) else {
                panic!("is read back");
            };
            copies.on_read(&copy, found);
            assert_eq!(copies.is_empty(), confirmed, "{found:?}");
            assert_eq!(copies.is_written("site/acme"), confirmed, "{found:?}");
        }
    }

    #[test]
    fn deletion_is_repeated_until_the_entry_is_gone() {
        let mut copies = pending("v1");
        copies.enqueue_deletion("site/acme".into());
        for (found, confirmed) in [(Some("v1"), false), (None, true)] {
            let Some(CopyTask::Delete(copy)) = copies.next_task(NOW) else {
                panic!("is deleted, not put");
            };
            copies.on_written(&copy, NOW);
            let Some(CopyTask::Confirm(copy)) = copies.next_task(NOW + VISIBLE_AFTER) else {
                panic!("is read back");
            };
            copies.on_read(&copy, found);
            assert_eq!(copies.is_empty(), confirmed, "{found:?}");
        }
    }

    #[test]
    fn copy_is_not_read_back_early_because_the_clock_was_put_back() {
        let mut copies = pending("v1");
        copies.on_written(&put(&copies), NOW);
        let earlier = NOW.before(Duration::from_secs(60));
        assert_eq!(copies.next_task(earlier), None);
        let wake_at = copies.next_wake_at(earlier);
        assert_eq!(wake_at, Some(earlier + VISIBLE_AFTER));
        let later = NOW + VISIBLE_AFTER;
        assert!(matches!(
            copies.next_task(later),
            Some(CopyTask::Confirm(_))
        ));
    }

    #[test]
    fn value_enqueued_during_put_is_put_next() {
        let mut copies = pending("v1");
        let first = put(&copies);
        copies.enqueue("site/acme".into(), "v2".into());
        copies.on_written(&first, NOW);
        assert_eq!(put(&copies).value.as_deref(), Some("v2"));
        copies.on_read(&first, Some("v1"));
        assert_eq!(put(&copies).value.as_deref(), Some("v2"));
    }
}
