//! Wakes futures of an object that wait for its record to change: long polls, and the workflow.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// Announces changes of the record within the object.
#[derive(Default)]
pub struct RecordChanges {
    wakers: RefCell<Vec<Waker>>,
    /// How often the record was changed by a request rather than by the workflow. Wraps around.
    requests: Cell<u32>,
}

impl RecordChanges {
    /// Announces that the workflow stored the record.
    pub fn notify(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    /// Announces that a request changed the record: the workflow must be polled again.
    pub fn notify_request(&self) {
        self.requests.set(self.requests.get().wrapping_add(1));
        self.notify();
    }

    /// Resolves once `condition` holds; it is evaluated now and after each change.
    pub async fn until(&self, mut condition: impl FnMut() -> bool) {
        poll_fn(|cx| {
            if condition() {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Resolves once a request has changed the record after this was called.
    pub fn next_request(&self) -> impl Future<Output = ()> {
        let seen = self.requests.get();
        self.until(move || self.requests.get() != seen)
    }
}
