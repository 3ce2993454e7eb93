//! The storage of one Durable Object: its record, its alarm, and the counter that keeps older incarnations from
//! writing. Models `edge/src/durable_objects/storage.rs`.

use crate::event::Event;
use crate::executor::Incarnation;
use crate::invariants::{json_loses_nothing, stored_json_has_no_secret};
use crate::world::World;
use core::time::Duration;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::CommitError;
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
    is_round_tripped: Cell<bool>,
    /// Counts the alarms that were set: the last one is in force.
    pub alarm: Cell<u64>,
    /// The number of the incarnation that may write. `None`: any, because nothing is stored.
    writer: Cell<Option<i64>>,
    /// The number of the newest incarnation.
    newest: Cell<i64>,
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

    /// The record, as an incarnation reads it. One that was not counted is counted now, if anything is stored.
    pub fn load_by(&self, world: &World, incarnation: &Incarnation) -> Option<R> {
        self.count(incarnation);
        self.load(world)
    }

    /// The record. Of the records that are read, every fourth goes through JSON once.
    pub fn load(&self, world: &World) -> Option<R> {
        let record = self.record.borrow();
        let record = record.as_ref()?;
        if self.is_round_tripped.get() || !world.random.chance(250) {
            return Some(record.clone().stored_part());
        }
        self.is_round_tripped.set(true);
        let json = serde_json::to_string(record).unwrap();
        world.enforce(stored_json_has_no_secret(&json));
        let read: R = serde_json::from_str(&json).unwrap();
        world.enforce(json_loses_nothing(
            record.clone().stored_part() == read,
            &json,
        ));
        Some(read)
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
    fn count(&self, incarnation: &Incarnation) {
        if self.writer.get().is_some() && !incarnation.counted.replace(true) {
            self.writer.set(Some(incarnation.number));
        }
    }

    /// Whether this is the newest incarnation.
    pub fn is_newest(&self, incarnation: &Incarnation) -> bool {
        incarnation.number == self.newest.get()
    }

    /// Stores the record, if `incarnation` is the newest. It may crash before or after. `on_stored` runs once the
    /// record is stored, if it is another than before.
    pub fn commit(
        &self,
        world: &World,
        incarnation: &Rc<Incarnation>,
        record: &R,
        on_stored: impl FnOnce(),
    ) -> Result<(), CommitError> {
        if incarnation.ended.get() || world.maybe_crash(incarnation) {
            return Err(CommitError::Superseded);
        }
        let writer = self.writer.get().unwrap_or(incarnation.number);
        if writer != incarnation.number {
            let number = incarnation.number;
            world.log(|| format!("  incarnation {number} is superseded by {writer}"));
            world.end_incarnation(incarnation);
            return Err(CommitError::Superseded);
        }
        self.writer.set(Some(writer));
        incarnation.counted.set(true);
        if self.record.borrow().as_ref() != Some(record) {
            *self.record.borrow_mut() = Some(record.clone());
            self.is_round_tripped.set(false);
            on_stored();
        }
        if world.maybe_crash(incarnation) {
            return Err(CommitError::Superseded);
        }
        Ok(())
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
pub struct Incarnations<M>(RefCell<Vec<Rc<M>>>);

impl<M: Memory> Incarnations<M> {
    pub fn new() -> Self {
        Self(RefCell::default())
    }

    /// The incarnation that receives the next event of the object. Usually the newest; while there are two, sometimes
    /// the older one, which does not know of the other. One that was idle for long has been evicted.
    pub fn receive<R>(&self, world: &World, storage: &ObjectStorage<R>) -> Rc<M>
    where
        R: Record,
    {
        let mut incarnations = self.0.borrow_mut();
        incarnations.retain(|memory| !memory.incarnation().ended.get());
        if let Some(index) = receiver(world, storage, &incarnations) {
            return incarnations[index].clone();
        }
        let started = Rc::new(M::new(storage.start_incarnation(world.now.get())));
        incarnations.push(started.clone());
        started
    }

    /// Crashes all of them.
    pub fn crash(&self, world: &World) {
        for memory in self.0.borrow_mut().drain(..) {
            world.end_incarnation(memory.incarnation());
        }
    }

    /// Forgets all of them: the object was erased.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// Which incarnation receives the next event. `None`: a new one must start.
fn receiver<M: Memory, R>(
    world: &World,
    storage: &ObjectStorage<R>,
    incarnations: &[Rc<M>],
) -> Option<usize>
where
    R: Record,
{
    let last = incarnations.len().checked_sub(1)?;
    let newest = incarnations[last].incarnation();
    if !storage.is_newest(newest) {
        return None;
    }
    let now = world.now.get();
    let unused_for = now.since(newest.last_used_at.replace(now));
    if unused_for > EVICTED_AFTER && newest.idle.get() {
        return None;
    }
    if world.fault_occurs(world.fault_rates.get().stale_instances) {
        world.log(|| "a second incarnation starts".into());
        let delay = world.random.millis(10..=30_000);
        world.schedule(delay, Event::Evict(newest.clone()));
        return None;
    }
    let stale = last > 0 && world.fault_occurs(STALE_RECEIVES);
    Some(if stale { last - 1 } else { last })
}

impl World {
    /// Whether the incarnation crashes now.
    pub fn maybe_crash(&self, incarnation: &Rc<Incarnation>) -> bool {
        let crashes = self.fault_occurs(self.fault_rates.get().crashes);
        if crashes {
            self.end_incarnation(incarnation);
        }
        crashes
    }

    /// Ends an incarnation. Its tasks are dropped after the current event.
    pub fn end_incarnation(&self, incarnation: &Incarnation) {
        self.log(|| format!("  incarnation {} ends", incarnation.number));
        incarnation.ended.set(true);
        self.incarnation_ended.set(true);
    }
}

/// An idle object is evicted from memory after this time without an event.
const EVICTED_AFTER: Duration = Duration::from_secs(90);
/// How often the older of two incarnations receives an event, in a thousandth.
const STALE_RECEIVES: u64 = 300;
