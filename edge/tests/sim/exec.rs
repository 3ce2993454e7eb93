//! The executor: tasks that belong to an incarnation, and slots that an event fills. Nothing runs by
//! itself: the world decides which pending slot is filled next, and then polls whoever was waiting.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// One incarnation of an object: what it runs dies with it.
pub struct Life {
    /// Its number, as the storage counted it.
    pub boot: i64,
    pub dead: Cell<bool>,
    pub born: u64,
    /// When it was last asked, and whether it has nothing to do.
    pub used: Cell<u64>,
    pub idle: Cell<bool>,
}

impl Life {
    pub fn new(boot: i64, now: u64) -> Rc<Self> {
        Rc::new(Self {
            boot,
            dead: Cell::new(false),
            born: now,
            used: Cell::new(now),
            idle: Cell::new(true),
        })
    }
}

/// A value somebody waits for.
pub struct Slot<T>(RefCell<(Option<T>, Option<Waker>)>);

impl<T> Slot<T> {
    pub fn new() -> Rc<Self> {
        Rc::new(Self(RefCell::new((None, None))))
    }

    pub fn fill(&self, value: T) {
        let mut inside = self.0.borrow_mut();
        inside.0 = Some(value);
        if let Some(waker) = inside.1.take() {
            drop(inside);
            waker.wake();
        }
    }
}

pub struct Wait<T>(pub Rc<Slot<T>>);

impl<T> Future for Wait<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut inside = self.0.0.borrow_mut();
        match inside.0.take() {
            Some(value) => Poll::Ready(value),
            None => {
                inside.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

struct Task {
    life: Rc<Life>,
    future: Option<Running>,
}

#[derive(Default)]
pub struct Tasks {
    all: RefCell<Vec<Task>>,
}

impl Tasks {
    pub fn spawn(&self, life: &Rc<Life>, future: impl Future<Output = ()> + 'static) {
        let task = Task {
            life: life.clone(),
            future: Some(Box::pin(future)),
        };
        let mut all = self.all.borrow_mut();
        all.push(task);
        READY.with(|ready| ready.borrow_mut().push(all.len() - 1));
    }

    /// Polls whoever was woken, until nobody is.
    pub fn settle(&self) {
        while let Some(at) = READY.with(|ready| ready.borrow_mut().pop()) {
            self.poll(at);
        }
    }

    fn poll(&self, at: usize) {
        let taken = self.all.borrow_mut().get_mut(at).and_then(|task| {
            let future = task.future.take()?;
            Some((task.life.clone(), future))
        });
        let Some((life, mut future)) = taken else {
            return;
        };
        if life.dead.get() {
            return;
        }
        let waker = Waker::from(Arc::new(Nudge(at)));
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        // A process that died while it ran does not go on.
        if polled.is_pending() && !life.dead.get() {
            self.all.borrow_mut()[at].future = Some(future);
        }
    }

    /// Drops what belongs to dead incarnations.
    pub fn reap(&self) {
        let mut dropped = Vec::new();
        for task in self.all.borrow_mut().iter_mut() {
            if task.life.dead.get() {
                dropped.extend(task.future.take());
            }
        }
    }

    /// The history is over: the tasks hold the world, so they must go first.
    pub fn clear(&self) {
        let all = std::mem::take(&mut *self.all.borrow_mut());
        drop(all);
        READY.with(|ready| ready.borrow_mut().clear());
    }
}

struct Nudge(usize);

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        READY.with(|ready| ready.borrow_mut().push(self.0));
    }
}

thread_local! {
    static READY: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}
