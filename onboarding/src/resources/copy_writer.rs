//! Writes the copies in KV that are pending: the loop, and what it needs of the object.

use super::kv_copies::{CopyTask, PendingCopies, RETRY_AFTER};
use crate::time::UnixMillis;
use core::future::Future;
use core::time::Duration;

/// The object with the copies, and KV.
pub trait CopyHost {
    /// The record cannot be read or stored.
    type StorageError;
    /// KV did not answer, or refused.
    type KvError;

    /// The current time.
    fn now(&self) -> UnixMillis;

    /// The next task that is due. `None`: none is.
    ///
    /// # Errors
    /// The record cannot be read.
    fn next_task(&self) -> Result<Option<CopyTask>, Self::StorageError>;

    /// Changes and stores the pending copies. Synchronous.
    ///
    /// # Errors
    /// The record cannot be read or stored.
    fn change(&self, change: impl FnOnce(&mut PendingCopies)) -> Result<(), Self::StorageError>;

    /// Sets the object's alarm, unless it fires earlier anyway.
    fn set_alarm_within(&self, delay: Duration) -> impl Future<Output = ()>;

    /// Puts an entry.
    ///
    /// # Errors
    /// KV did not acknowledge it, and may have taken it.
    fn put(&self, key: &str, value: &str) -> impl Future<Output = Result<(), Self::KvError>>;

    /// Deletes an entry.
    ///
    /// # Errors
    /// KV did not acknowledge it, and may have done it.
    fn delete(&self, key: &str) -> impl Future<Output = Result<(), Self::KvError>>;

    /// Reads an entry. `None`: there is none.
    ///
    /// # Errors
    /// KV did not answer.
    fn read(&self, key: &str) -> impl Future<Output = Result<Option<String>, Self::KvError>>;
}

/// Writes and confirms what is due, including what is enqueued meanwhile, one at a time. Ends early if KV fails; what it
/// did not take stays pending. Nothing is awaited between the last look and the return.
///
/// # Errors
/// The record cannot be read or stored.
pub async fn write_due<H: CopyHost>(host: &H) -> Result<(), H::StorageError> {
    if host.next_task()?.is_some() {
        // Should this incarnation end before KV answers.
        host.set_alarm_within(RETRY_AFTER).await;
    }
    while let Some(task) = host.next_task()? {
        let (copy, written) = match task {
            CopyTask::Put(copy, value) => {
                let written = host.put(&copy.key, &value).await;
                (copy, written)
            }
            CopyTask::Delete(copy) => {
                let written = host.delete(&copy.key).await;
                (copy, written)
            }
            CopyTask::Confirm(copy) => {
                let Ok(value) = host.read(&copy.key).await else {
                    return Ok(());
                };
                host.change(|copies| copies.on_read(&copy, value.as_deref()))?;
                continue;
            }
        };
        if written.is_err() {
            return Ok(());
        }
        let now = host.now();
        host.change(|copies| copies.on_written(&copy, now))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// An object with copies, and a KV that takes everything.
    #[derive(Default)]
    struct Object {
        copies: RefCell<PendingCopies>,
        kv: RefCell<BTreeMap<String, String>>,
        awaits: Cell<u32>,
    }

    impl Object {
        async fn pause(&self) {
            self.awaits.set(self.awaits.get() + 1);
            let mut has_waited = false;
            poll_fn(|_| match core::mem::replace(&mut has_waited, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            })
            .await;
        }
    }

    impl CopyHost for Object {
        type StorageError = ();
        type KvError = ();

        fn now(&self) -> UnixMillis {
            UnixMillis::from_secs(1_000)
        }

        fn next_task(&self) -> Result<Option<CopyTask>, ()> {
            Ok(self.copies.borrow().next_task(self.now()))
        }

        fn change(&self, change: impl FnOnce(&mut PendingCopies)) -> Result<(), ()> {
            change(&mut self.copies.borrow_mut());
            Ok(())
        }

        async fn set_alarm_within(&self, _: Duration) {
            self.pause().await;
        }

        async fn put(&self, key: &str, value: &str) -> Result<(), ()> {
            self.pause().await;
            self.kv.borrow_mut().insert(key.into(), value.into());
            Ok(())
        }

        async fn delete(&self, key: &str) -> Result<(), ()> {
            self.pause().await;
            self.kv.borrow_mut().remove(key);
            Ok(())
        }

        async fn read(&self, key: &str) -> Result<Option<String>, ()> {
            self.pause().await;
            Ok(self.kv.borrow().get(key).cloned())
        }
    }

    #[test]
    fn request_during_any_await_of_the_writer_is_served_by_it() {
        // An alarm, a put and a deletion.
        for enqueue_at in 1..=3 {
            let object = Object::default();
            object.kv.borrow_mut().insert("old".into(), "v0".into());
            let enqueue = |key: &str, value: &str| {
                let mut copies = object.copies.borrow_mut();
                copies.enqueue(key.into(), value.into());
            };
            enqueue("new", "v1");
            object.copies.borrow_mut().enqueue_deletion("old".into());
            let mut writer = pin!(write_due(&object));
            let mut cx = Context::from_waker(Waker::noop());
            while writer.as_mut().poll(&mut cx).is_pending() {
                if object.awaits.get() == enqueue_at {
                    enqueue("new", "v2");
                    enqueue("other", "v1");
                }
            }
            let held: Vec<String> = object.kv.borrow().values().cloned().collect();
            assert_eq!(held, ["v2", "v1"], "during await {enqueue_at}");
            let copies = object.copies.borrow();
            for key in ["new", "old", "other"] {
                assert!(copies.is_written(key), "{key} during await {enqueue_at}");
            }
        }
    }
}
