//! Wakes futures of an object that wait for its record to change: long polls, the workflow, and the loop that runs it.

use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::task::{Poll, Waker};

/// Announces changes of the record within the object.
#[derive(Debug, Default)]
pub struct RecordChanges {
    wakers: RefCell<Vec<Waker>>,
    /// How often a request changed the record, or asked for a round of the workflow. Wraps around.
    requests: Cell<u32>,
}

impl RecordChanges {
    /// Announces that the workflow stored the record.
    pub fn notify(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    /// Announces that a request changed the record, or asks for the workflow: it must be polled again.
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

    /// Resolves once a request was announced after this was called.
    pub fn next_request(&self) -> impl Future<Output = ()> {
        let seen = self.requests.get();
        self.until(move || self.requests.get() != seen)
    }

    /// Runs rounds of the workflow until no request was announced during the last one, and returns what that one
    /// returned. The requests of a round are not missed however it ends: a request that finds a round under way may
    /// leave. Between the last look and the return nothing is awaited.
    pub async fn run_until_quiet<T, F: Future<Output = T>>(
        &self,
        mut round: impl FnMut() -> F,
    ) -> T {
        loop {
            let seen = self.requests.get();
            let end = round().await;
            if self.requests.get() == seen {
                return end;
            }
        }
    }
}
