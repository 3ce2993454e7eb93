//! The storage of one Durable Object: its record, its alarm, and the counter that keeps older incarnations from
//! writing. Models `edge/src/durable_objects/storage.rs`.

use crate::executor::Incarnation;
use embark_onboarding::time::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What an object stores as JSON.
pub trait Record: Clone + PartialEq + Serialize + DeserializeOwned {
    /// The record without what is not stored of it.
    #[must_use]
    fn stored_part(self) -> Self {
        self
    }
}

/// The storage of an object whose record is an `R`.
pub struct ObjectStorage<R> {
    /// The record. `None`: nothing was stored yet, or it was erased.
    pub record: RefCell<Option<R>>,
    /// JSON is known to lose nothing of the record.
    pub is_round_tripped: Cell<bool>,
    /// Counts the alarms that were set: the last one is in force.
    pub alarm: Cell<u64>,
    /// The number of the incarnation that may write. `None`: any, because nothing is stored.
    pub writer: Cell<Option<i64>>,
    /// The number of the newest incarnation.
    pub newest: Cell<i64>,
}

impl<R: Record> ObjectStorage<R> {
    pub fn new() -> Self {
        Self {
            record: RefCell::new(None),
            is_round_tripped: Cell::new(false),
            alarm: Cell::new(0),
            writer: Cell::new(None),
            newest: Cell::new(0),
        }
    }

    /// Starts an incarnation and counts it, if anything is stored: from now on no older one may write.
    pub fn start_incarnation(&self, now: UnixMillis) -> Rc<Incarnation> {
        let number = self.newest.get() + 1;
        self.newest.set(number);
        let incarnation = Incarnation::new(number, now);
        self.count(&incarnation);
        incarnation
    }

    /// Counts an incarnation, unless it was counted or nothing is stored.
    pub fn count(&self, incarnation: &Incarnation) {
        if self.writer.get().is_some() && !incarnation.counted.replace(true) {
            self.writer.set(Some(incarnation.number));
        }
    }

    /// Whether this is the newest incarnation.
    pub fn is_newest(&self, incarnation: &Incarnation) -> bool {
        incarnation.number == self.newest.get()
    }

    /// Deletes the record, the counter in it and the alarm.
    pub fn erase(&self) {
        self.writer.set(None);
        self.record.take();
        self.alarm.set(self.alarm.get() + 1);
    }
}

/// What an incarnation of an object holds in memory.
pub trait Memory {
    /// The memory of an incarnation that has just started.
    fn new(incarnation: Rc<Incarnation>) -> Self;

    fn incarnation(&self) -> &Rc<Incarnation>;
}

/// The incarnations of one object that may still receive events, oldest first.
pub struct Incarnations<M>(pub RefCell<Vec<Rc<M>>>);

impl<M: Memory> Incarnations<M> {
    pub fn new() -> Self {
        Self(RefCell::default())
    }

    /// Forgets all of them: the object was erased.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}
