//! A single-threaded executor without time of its own. A task waits on [`OneShot`] values only; the world completes
//! them in the order of its events and then polls whoever was waiting, so that a history is deterministic.
//!
//! A task belongs to one incarnation of a Durable Object and ends with it, wherever it is suspended.

use embark_onboarding::time::UnixMillis;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// One incarnation of a Durable Object: its life in the memory of one isolate.
pub struct Incarnation {
    /// A newer incarnation has a higher number.
    pub number: i64,
    /// The object's storage has counted it: older ones must not write.
    pub counted: Cell<bool>,
    /// It crashed, or was evicted: nothing of it runs any more.
    pub ended: Cell<bool>,
    /// When it last received an event, by true time.
    pub last_used_at: Cell<UnixMillis>,
    /// None of its tasks runs.
    pub idle: Cell<bool>,
}

impl Incarnation {
    pub fn new(number: i64, now: UnixMillis) -> Rc<Self> {
        Rc::new(Self {
            number,
            counted: Cell::new(false),
            ended: Cell::new(false),
            last_used_at: Cell::new(now),
            idle: Cell::new(true),
        })
    }
}

/// A value that is completed once and that one task may wait for.
pub struct OneShot<T>(RefCell<OneShotState<T>>);

struct OneShotState<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T> OneShot<T> {
    pub fn new() -> Rc<Self> {
        Rc::new(Self(RefCell::new(OneShotState {
            value: None,
            waker: None,
        })))
    }

    /// Sets the value and wakes the task that waits for it.
    pub fn complete(&self, value: T) {
        let mut state = self.0.borrow_mut();
        state.value = Some(value);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Resolves with the value of a [`OneShot`]. Never, if that is not completed.
pub struct Completion<T>(pub Rc<OneShot<T>>);

impl<T> Future for Completion<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.0.0.borrow_mut();
        match state.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

type BoxedFuture = Pin<Box<dyn Future<Output = ()>>>;

struct Task {
    incarnation: Rc<Incarnation>,
    /// `None` while it is polled, and once it has ended.
    future: Option<BoxedFuture>,
}

/// The tasks of a history.
#[derive(Default)]
pub struct Tasks {
    all: RefCell<Vec<Task>>,
}

impl Tasks {
    /// Adds a task of an incarnation; it is polled by the next [`run_until_stalled`](Self::run_until_stalled).
    pub fn spawn(&self, incarnation: &Rc<Incarnation>, future: impl Future<Output = ()> + 'static) {
        let mut all = self.all.borrow_mut();
        all.push(Task {
            incarnation: incarnation.clone(),
            future: Some(Box::pin(future)),
        });
        push_ready(all.len() - 1);
    }

    /// Polls the tasks that were woken, until none is.
    pub fn run_until_stalled(&self) {
        while let Some(index) = READY.with_borrow_mut(Vec::pop) {
            self.poll(index);
        }
    }

    fn poll(&self, index: usize) {
        let taken = self.all.borrow_mut().get_mut(index).and_then(|task| {
            let future = task.future.take()?;
            Some((task.incarnation.clone(), future))
        });
        let Some((incarnation, mut future)) = taken else {
            return;
        };
        if incarnation.ended.get() {
            return;
        }
        let waker = Waker::from(Arc::new(TaskWaker(index)));
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        // The task may have crashed its own incarnation.
        if polled.is_pending() && !incarnation.ended.get() {
            self.all.borrow_mut()[index].future = Some(future);
        }
    }

    /// Drops the tasks of incarnations that have ended.
    pub fn drop_ended(&self) {
        let mut dropped = Vec::new();
        for task in self.all.borrow_mut().iter_mut() {
            if task.incarnation.ended.get() {
                dropped.extend(task.future.take());
            }
        }
    }

    /// Drops all tasks. They hold the world and the world holds them: without this, neither is ever freed.
    pub fn clear(&self) {
        let all = std::mem::take(&mut *self.all.borrow_mut());
        drop(all);
        READY.with_borrow_mut(Vec::clear);
    }
}

struct TaskWaker(usize);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        push_ready(self.0);
    }
}

fn push_ready(index: usize) {
    READY.with_borrow_mut(|ready| ready.push(index));
}

thread_local! {
    /// The tasks to poll, by their position; the last is polled first. Wakers must be `Send`, and a history stays
    /// on one thread: hence a thread-local list.
    static READY: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}
